using System.Runtime.InteropServices;
using Iced.Intel;
using Percept.Tensors.Emission;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels;

/// <summary>The one-row kernels of the formats with blocks of 256, and all kernels' constants.</summary>
internal static unsafe partial class GemvEmitter
{
    private const int ConstantBytes = 16 * 64;

    private static void WriteQ4_K(Assembler code, bool far) => WriteRows(
        code,
        DType.Q4_K,
        far,
        12,
        2 * 144,
        static c => WriteQ4_KChunk(c, 144),
        static c => WriteQ4_KChunk(c, 0),
        0,
        null);

    /// <summary>
    /// Two blocks, the second one at <paramref name="second"/>. A block's quants are brought into two vectors that hold equal
    /// runs of four pairs of groups, so that both add to the same sums; upper nibbles are multiplied in place and their sums
    /// divided by 16, exactly. Sums of 8, then 16 products fit 16 bits, so packing and pairwise addition leave one dword a
    /// group; the last addition multiplies by the groups' scales.
    /// </summary>
    private static void WriteQ4_KChunk(Assembler code, int second)
    {
        // Bytes of scales and minima of each block, side by side: low parts, then the two bits that lie elsewhere.
        code.vmovdqu(xmm5, __xmmword_ptr[rsi]);
        code.vinserti128(ymm5, ymm5, __xmmword_ptr[rsi + second], 1);
        code.evex.vpshufb(ymm6, ymm5, ymm19);
        code.vpmultishiftqb(ymm7, ymm20, ymm6);
        code.vpmultishiftqb(ymm8, ymm21, ymm6);
        code.vpandd(ymm7, ymm7, ymm22);
        code.vpternlogd(ymm7, ymm8, ymm23, 0xF8);
        code.vcvtph2ps(zmm5, ymm5);

        for (int block = 0; block < 2; block++)
        {
            int at = block * second;
            AssemblerRegisterZMM low = Zmm.At(12 + (2 * block));
            AssemblerRegisterZMM high = Zmm.At(13 + (2 * block));
            code.vmovdqu32(zmm8, __zmmword_ptr[rsi + (at + 16)]);
            code.vmovdqu32(zmm10, __zmmword_ptr[rsi + (at + 80)]);
            code.vshufi64x2(zmm9, zmm8, zmm10, 0xDD);
            code.vshufi64x2(zmm8, zmm8, zmm10, 0x88);
            code.vpxord(low, low, low);
            code.vpxord(high, high, high);
            for (int run = 0; run < 2; run++)
            {
                AssemblerRegisterZMM quants = Zmm.At(8 + run);
                int x = (256 * block) + (64 * run);
                code.vpandd(zmm10, quants, zmm16);
                code.vpandd(zmm11, quants, zmm17);
                code.vpdpbusd(low, zmm10, __zmmword_ptr[rax + x]);
                code.vpdpbusd(high, zmm11, __zmmword_ptr[rax + (x + 128)]);
            }

            code.vpsrad(high, high, 4);
            code.vpackssdw(low, low, high);
            code.vpmaddwd(low, low, zmm18);
        }

        // The upper half of zmm7 is zero: permutations take zero bytes from there.
        code.vpermb(zmm8, zmm24, zmm7);
        code.vpermb(zmm9, zmm25, zmm7);
        code.vpermps(zmm10, zmm26, zmm5);
        code.vpermps(zmm11, zmm27, zmm5);
        code.vcvtdq2ps(zmm9, zmm9);
        code.vmulps(zmm9, zmm9, __zmmword_ptr[rbx + 64]);
        code.vfmadd231ps(zmm4, zmm9, zmm11);
        code.vpackssdw(zmm12, zmm12, zmm14);
        code.vpmaddwd(zmm12, zmm12, zmm8);
        code.vcvtdq2ps(zmm12, zmm12);
        code.vmulps(zmm12, zmm12, __zmmword_ptr[rbx]);
        code.vfmadd231ps(zmm0, zmm12, zmm10);
    }

    /// <summary>Q6_K: dwords of its integer sums fit 16 bits too (63·127·4), their pairs do not: one step of packing.</summary>
    private static void WriteQ6_K(Assembler code, bool far) => WriteRows(
        code,
        DType.Q6_K,
        far,
        7,
        210,
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
                c.vpermps(zmm8, Zmm.At(21 + half), zmm5);
                c.vfmadd231ps(Zmm.At(half), zmm12, zmm8);
            }
        },
        null,
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
        Fill(q4K + 64, 0xF0);
        byte* q6K = all + (3 * ConstantBytes);
        Fill(q6K, 0x0F);
        Fill(q6K + 128, 0x30);
        for (int i = 0; i < 32; i++)
        {
            ((short*)(q4 + 320))[i] = 1;
            ((short*)(q4K + 128))[i] = 1;
            ((short*)(q6K + 64))[i] = 1;
        }

        for (int lane = 0; lane < 16; lane++)
        {
            for (int pair = 0; pair < 4; pair++)
            {
                ((int*)(q8 + 64 + (64 * pair)))[lane] = (2 * pair) + (lane / 8);
            }

            ((int*)(q6K + 320))[lane] = (lane / 4) + (lane / 2 % 2 * 4);
            ((int*)(q6K + 384))[lane] = 8 + (lane / 4) + (lane / 2 % 2 * 4);
        }

        FillQ4_0(q4);
        FillScaleBits(q4K);
        FillLanes(q4K);
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
            // Of two blocks, each in its 16 bytes, scales and minima.
            for (int which = 0; which < 4; which++)
            {
                int minima = which % 2;
                int at = (8 * which) + i;
                shuffle[at] = (byte)(4 + (4 * minima) + i);
                shuffle[at + 4] = (byte)(12 + i);
                low[at] = (byte)(8 * i);
                low[at + 4] = (byte)(32 + (8 * i) + (4 * minima));
                high[at + 4] = (byte)((8 * i) + 2);
                lowMask[at] = 63;
                lowMask[at + 4] = 15;
                highMask[at + 4] = 0x30;
            }
        }
    }

    /// <summary>Where Q4_0's quants and scales lie in eight blocks end to end.</summary>
    private static void FillQ4_0(byte* constants)
    {
        // The last one is a matrix of bits that moves a byte's upper nibble down.
        new Span<byte>(constants + 192, 128).Clear();
        new Span<long>(constants + 384, 8).Fill(0x1020_4080_0000_0000);
        for (int i = 0; i < 64; i++)
        {
            // The second four blocks are looked for from byte 64 on.
            constants[64 + i] = (byte)((18 * (i / 16)) + 2 + (i % 16));
            constants[128 + i] = (byte)((18 * (i / 16)) + 10 + (i % 16));
        }

        for (int block = 0; block < 16; block++)
        {
            ((short*)(constants + 192 + (block / 8 * 64)))[GemvActivations.Lane(DType.Q4_0, block)] = (short)(9 * (block % 8));
        }
    }

    /// <summary>What belongs to each lane of Q4_K's sums: scale (as two words), minimum, and the blocks' factors.</summary>
    private static void FillLanes(byte* constants)
    {
        Fill(constants + 512, 32);
        Fill(constants + 576, 32);
        for (int group = 0; group < 16; group++)
        {
            int lane = GemvActivations.Lane(DType.Q4_K, group);
            byte scale = (byte)((group / 8 * 16) + (group % 8));
            constants[512 + (4 * lane)] = scale;
            constants[514 + (4 * lane)] = scale;
            constants[576 + (4 * lane)] = (byte)(scale + 8);
            ((int*)(constants + 640))[lane] = group / 8 * 8;
            ((int*)(constants + 704))[lane] = (group / 8 * 8) + 1;
        }
    }

    private static void Fill(byte* vector, byte value) => new Span<byte>(vector, 64).Fill(value);
}
