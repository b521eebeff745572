using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels;

/// <summary>The one-row kernels of the formats with blocks of 256, and all kernels' constants.</summary>
internal static unsafe partial class GemvEmitter
{
    private const int ConstantBytes = 16 * 64;

    /// <summary>
    /// Q4_K: its four integer sums of 16 dwords fit 16 bits, so two steps of packing and pairwise addition leave one vector
    /// in which each dword belongs to one of eight groups.
    /// </summary>
    private static void WriteQ4_K(Assembler code) => WriteRows(
        code, 9, 144, 64,
        static c =>
        {
            // Bytes of scales and minima, side by side: low parts, then the two bits that lie elsewhere.
            c.vmovdqu(xmm5, __xmmword_ptr[rsi]);
            c.evex.vpshufb(xmm6, xmm5, xmm19);
            c.vpmultishiftqb(xmm7, xmm20, xmm6);
            c.vpmultishiftqb(xmm8, xmm21, xmm6);
            c.vpandd(xmm7, xmm7, xmm22);
            c.vpternlogd(xmm7, xmm8, xmm23, 0xF8);
            c.vcvtph2ps(xmm5, xmm5);
            c.vpermps(zmm6, zmm18, zmm5);
            c.vpmovzxbd(zmm7, xmm7);
            c.vcvtdq2ps(zmm7, zmm7);
            c.vmulps(zmm6, zmm6, __zmmword_ptr[rbx]);
            c.vmulps(zmm5, zmm7, zmm6);
            c.vaddps(zmm4, zmm4, zmm5);

            c.vmovdqu32(zmm8, __zmmword_ptr[rsi + 16]);
            c.vmovdqu32(zmm10, __zmmword_ptr[rsi + 80]);
            c.vpsrlw(zmm9, zmm8, 4);
            c.vpsrlw(zmm11, zmm10, 4);
            for (int i = 0; i < 4; i++)
            {
                AssemblerRegisterZMM quants = Emission.Zmm.At(8 + i);
                AssemblerRegisterZMM count = Emission.Zmm.At(12 + i);
                c.vpandd(quants, quants, zmm16);
                c.vpxord(count, count, count);
                c.vpdpbusd(count, quants, __zmmword_ptr[rax + (64 * i)]);
            }

            c.vpackssdw(zmm12, zmm12, zmm13);
            c.vpackssdw(zmm14, zmm14, zmm15);
            c.vpmaddwd(zmm12, zmm12, zmm17);
            c.vpmaddwd(zmm14, zmm14, zmm17);
            c.vpackssdw(zmm12, zmm12, zmm14);
            c.vpmaddwd(zmm12, zmm12, zmm17);
            c.vcvtdq2ps(zmm12, zmm12);
            c.vpermps(zmm8, zmm24, zmm5);
            c.vfmadd231ps(zmm0, zmm12, zmm8);
        },
        0,
        null,
        static c =>
        {
            // Only the upper half of zmm4, the minima's, counts.
            c.vextractf64x4(ymm4, zmm4, 1);
        });

    /// <summary>Q6_K: dwords of its integer sums fit 16 bits too (63·127·4), their pairs do not: one step of packing.</summary>
    private static void WriteQ6_K(Assembler code) => WriteRows(
        code, 7, 210, 128,
        static c =>
        {
            c.vpmovsxbd(zmm5, __xmmword_ptr[rsi + 192]);
            c.vpbroadcastw(xmm6, __word_ptr[rsi + 208]);
            c.vcvtph2ps(xmm6, xmm6);
            c.vbroadcastss(zmm6, xmm6);
            c.vcvtdq2ps(zmm5, zmm5);
            c.vmulps(zmm5, zmm5, zmm6);
            c.vfmadd231ps(zmm4, zmm5, __zmmword_ptr[rbx + 64]);
            c.vmulps(zmm5, zmm5, __zmmword_ptr[rbx]);
            for (int half = 0; half < 2; half++)
            {
                c.vmovdqu32(zmm8, __zmmword_ptr[rsi + (64 * half)]);
                c.vbroadcasti64x4(zmm9, __ymmword_ptr[rsi + (128 + (32 * half))]);
                c.vpsllvq(zmm10, zmm9, zmm19);
                c.vpsrlvq(zmm9, zmm9, zmm20);
                c.vpandd(zmm10, zmm10, zmm18);
                c.vpandd(zmm9, zmm9, zmm18);
                c.vpsrlw(zmm11, zmm8, 4);
                c.vpternlogd(zmm10, zmm8, zmm16, 0xF8);
                c.vpternlogd(zmm9, zmm11, zmm16, 0xF8);
                c.vpxord(zmm12, zmm12, zmm12);
                c.vpxord(zmm13, zmm13, zmm13);
                c.vpdpbusd(zmm12, zmm10, __zmmword_ptr[rax + (128 * half)]);
                c.vpdpbusd(zmm13, zmm9, __zmmword_ptr[rax + ((128 * half) + 64)]);
                c.vpackssdw(zmm12, zmm12, zmm13);
                c.vpmaddwd(zmm12, zmm12, zmm17);
                c.vcvtdq2ps(zmm12, zmm12);
                c.vpermps(zmm8, Emission.Zmm.At(21 + half), zmm5);
                c.vfmadd231ps(Emission.Zmm.At(half), zmm12, zmm8);
            }
        },
        0,
        null);

    /// <summary>The constants of all types, in zmm16 … in this order.</summary>
    private static byte* CreateConstants()
    {
        byte* all = (byte*)NativeMemory.AlignedAlloc((nuint)(s_types.Length * ConstantBytes), 64);
        byte* q8 = all;
        Fill(q8, 0x80);
        byte* q4 = all + ConstantBytes;
        Fill(q4, 0x0F);
        byte* q4K = all + (2 * ConstantBytes);
        Fill(q4K, 0x0F);
        byte* q6K = all + (3 * ConstantBytes);
        Fill(q6K, 0x0F);
        Fill(q6K + 128, 0x30);
        for (int i = 0; i < 32; i++)
        {
            ((short*)(q4K + 64))[i] = 1;
            ((short*)(q6K + 64))[i] = 1;
        }

        for (int lane = 0; lane < 16; lane++)
        {
            for (int pair = 0; pair < 4; pair++)
            {
                ((int*)(q8 + 64 + (64 * pair)))[lane] = (2 * pair) + (lane / 8);
            }

            ((int*)(q4 + 64))[lane] = lane / 4;
            ((int*)(q4 + 128))[lane] = 4 + (lane / 4);
            ((int*)(q4K + 128))[lane] = lane / 8;
            ((int*)(q4K + 512))[lane] = (lane / 8 * 2) + (lane & 1) + (lane / 2 % 2 * 4);
            ((int*)(q6K + 320))[lane] = (lane / 4) + (lane / 2 % 2 * 4);
            ((int*)(q6K + 384))[lane] = 8 + (lane / 4) + (lane / 2 % 2 * 4);
        }

        FillScaleBits(q4K);
        for (int i = 0; i < 8; i++)
        {
            ((long*)(q6K + 192))[i] = i < 4 ? 4 : 2;
            ((long*)(q6K + 256))[i] = i < 4 ? 0 : 2;
        }

        return all;
    }

    /// <summary>How the twelve bytes at 4 … 15 of a Q4_K block become eight scales and eight minima.</summary>
    private static void FillScaleBits(byte* constants)
    {
        byte* shuffle = constants + 192;
        byte* low = constants + 256;
        byte* high = constants + 320;
        byte* lowMask = constants + 384;
        byte* highMask = constants + 448;
        new Span<byte>(shuffle, 320).Clear();
        for (int i = 0; i < 4; i++)
        {
            for (int which = 0; which < 2; which++)
            {
                int at = (8 * which) + i;
                shuffle[at] = (byte)(4 + (4 * which) + i);
                shuffle[at + 4] = (byte)(12 + i);
                low[at] = (byte)(8 * i);
                low[at + 4] = (byte)(32 + (8 * i) + (4 * which));
                high[at + 4] = (byte)((8 * i) + 2);
                lowMask[at] = 63;
                lowMask[at + 4] = 15;
                highMask[at + 4] = 0x30;
            }
        }
    }

    private static void Fill(byte* vector, byte value) => new Span<byte>(vector, 64).Fill(value);
}
