using System.Runtime.Intrinsics.X86;
using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Emission;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels;

/// <summary>
/// Emitted one-row kernels: sum[n] = Σ W[n, k]·x[k] for rows that lie end to end, each read once from front to back.
/// </summary>
/// <remarks>
/// A row at a time, because a second stream would cost bandwidth. The stream is asked for <see cref="Ahead"/> bytes before it is
/// needed, where that helps, into the first level alone: weights are used once; or <see cref="FarAhead"/>, into the second level,
/// by a kernel of its own. Along K, in chunks of
/// 256: the chunk's eight (or sixteen) scales become one vector of floats, times the activations' scales; quants are
/// unpacked in K's direction and multiplied with vpdpbusd; integer sums are scaled by a permutation of that vector and added
/// to float sums. The offset of unsigned quants, and minima, come as one product of scales with sums of activations.
/// Registers: rsi weights, rcx rows, rdx sums, r8 quants, r9 scales, r10 chunks, r12 tail, r13 constants; in a row rax and
/// rbx walk quants and scales, r11 counts. zmm0…3 sums, zmm4 offsets' sums, zmm16…31 constants.
/// </remarks>
internal static unsafe partial class GemvEmitter
{
    /// <summary>How far ahead of its reads a one-row kernel asks for weights, in bytes; 0 for not at all.</summary>
    /// <remarks>
    /// Zen 5, memory at 75 GB/s: 82 … 87 % of a read probe without, 95 … 97 % with prefetchnta at 4096; into the second level
    /// 2 % less, and a third of the speed of cached weights. At 40 GB/s: 91 … 103 and 99 … 105 %. 2048 and 8192 are alike.
    /// Zen 4, memory at 55 GB/s: 89 … 94 % without, 64 … 89 % with prefetchnta at 4096, 79 … 94 % at 256.
    /// </remarks>
    internal static int Ahead { get; } = CpuFeatures.HardwarePrefetchOnly ? 0 : 4096;

    /// <summary>How far ahead the second kernel of a type asks for weights, into the second level.</summary>
    /// <remarks>
    /// Zen 4, where the first kernel asks for nothing. Memory at 42 GB/s and above, share of a read probe without and with:
    /// Q4_K 80 and 92 %, Q6_K 78 and 93 %, Q4_0 82 and 90 %, but Q8_0 88 and 82 %. At 30 GB/s: 98 and 89 %, for all. 16 to
    /// 64 KB are alike, 4 KB costs a sixth, and asking for some lines only costs up to half: the processor's own prefetchers
    /// rest where lines are there already, and start anew at each gap. So both kernels are needed (<see cref="Choice"/>).
    /// </remarks>
    private const int FarAhead = 24 << 10;

    private static readonly DType[] s_types = [DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K];

    // Of Q4_0, Q4_K and Q6_K, in the order of the types.
    private static readonly KernelChoice[] s_choices = [new(), new(), new()];
    private static readonly KernelCode? s_code = TryCreate();
    private static readonly byte* s_constants = s_code is null ? null : CreateConstants();

    /// <summary>Whether there is a kernel for a type.</summary>
    internal static bool Has(DType type) => s_code is not null && Array.IndexOf(s_types, type) >= 0;

    /// <summary>The choice between a type's two kernels; null where it has one.</summary>
    internal static KernelChoice? Choice(DType type) =>
        CpuFeatures.HardwarePrefetchOnly && type != DType.Q8_0 ? s_choices[Array.IndexOf(s_types, type) - 1] : null;

    /// <summary>Multiplies rows that lie end to end with packed activations (<see cref="GemvActivations"/>); only where there is a kernel.</summary>
    /// <param name="type">The rows' type.</param>
    /// <param name="kernel">0, or 1 for the second one of types with a <see cref="Choice"/>.</param>
    /// <param name="weights">The first row's blocks.</param>
    /// <param name="rows">How many rows, at least 1.</param>
    /// <param name="k">Weights of a row.</param>
    /// <param name="quants">Quants of the activations.</param>
    /// <param name="scales">Their scales.</param>
    /// <param name="sums">One a row.</param>
    internal static void Run(
        DType type, int kernel, byte* weights, int rows, int k, byte* quants, byte* scales, float* sums)
    {
        int chunk = GemvActivations.Chunk(type);
        int index = Array.IndexOf(s_types, type);
        GemvArguments arguments = default;
        arguments.Weights = weights;
        arguments.Rows = rows;
        arguments.Sums = sums;
        arguments.Quants = quants;
        arguments.Scales = scales;
        arguments.Chunks = k / chunk;
        arguments.Half = k % chunk / 256;
        arguments.Tail = k % 256 / PanelLayout.Group;
        arguments.Constants = s_constants + (index * ConstantBytes);
        s_code!.Entry(index + (kernel * (s_types.Length - 1)))(&arguments);
    }

    private static KernelCode? TryCreate() => CpuFeatures.HasAvx512Vnni && CpuFeatures.HasAvx512Vbmi
        ? KernelCode.TryCreate(
        [
            WriteQ8_0,
            static c => WriteQ4_0(c, far: false),
            static c => WriteQ4_K(c, far: false),
            static c => WriteQ6_K(c, far: false),
            static c => WriteQ4_0(c, far: true),
            static c => WriteQ4_K(c, far: true),
            static c => WriteQ6_K(c, far: true),
        ])
        : null;

    /// <summary>The frame of all kernels: the loop over rows, the loop over chunks, the tail and the horizontal sum.</summary>
    private static void WriteRows(
        Assembler code, DType type, bool far, int constants, int chunkBytes, KernelBody chunk, KernelBody? half,
        int blockBytes, KernelBody? tail)
    {
        code.mov(rsi, __qword_ptr[rdi]);
        code.mov(rcx, __qword_ptr[rdi + 8]);
        code.mov(rdx, __qword_ptr[rdi + 16]);
        code.mov(r8, __qword_ptr[rdi + 24]);
        code.mov(r9, __qword_ptr[rdi + 32]);
        code.mov(r10, __qword_ptr[rdi + 40]);
        code.mov(r12, __qword_ptr[rdi + 48]);
        code.mov(r13, __qword_ptr[rdi + 56]);
        for (int i = 0; i < constants; i++)
        {
            code.vmovdqu32(Zmm.At(16 + i), __zmmword_ptr[r13 + (64 * i)]);
        }

        Label row = code.CreateLabel();
        Label chunks = code.CreateLabel();
        Label noChunks = code.CreateLabel();
        Label noHalf = code.CreateLabel();
        Label tails = code.CreateLabel();
        Label noTails = code.CreateLabel();
        code.Label(ref row);
        code.mov(rax, r8);
        code.mov(rbx, r9);
        for (int i = 0; i < 5; i++)
        {
            code.vpxord(Zmm.At(i), Zmm.At(i), Zmm.At(i));
        }

        code.mov(r11, r10);
        code.test(r11, r11);
        code.jz(noChunks);
        code.Label(ref chunks);
        WriteAsking(code, far, chunkBytes);
        chunk(code);
        code.add(rsi, chunkBytes);
        code.add(rax, GemvActivations.Chunk(type));
        code.add(rbx, GemvActivations.ScaleBytes(type));
        code.dec(r11);
        code.jnz(chunks);
        code.Label(ref noChunks);
        if (half is not null)
        {
            code.cmp(__qword_ptr[rdi + 64], 0);
            code.jz(noHalf);
            half(code);
            code.add(rsi, chunkBytes / 2);
            code.add(rax, GemvActivations.Chunk(type));
            code.add(rbx, GemvActivations.ScaleBytes(type));
            code.Label(ref noHalf);
        }

        code.vaddps(zmm0, zmm0, zmm1);
        code.vaddps(zmm2, zmm2, zmm3);
        code.vaddps(zmm0, zmm0, zmm4);
        code.vaddps(zmm0, zmm0, zmm2);
        if (tail is not null)
        {
            code.mov(r11, r12);
            code.test(r11, r11);
            code.jz(noTails);
            code.Label(ref tails);
            tail(code);
            code.add(rsi, blockBytes);
            code.add(rax, PanelLayout.Group);
            code.add(rbx, 4);
            code.dec(r11);
            code.jnz(tails);
            code.Label(ref noTails);
        }

        WriteSum(code);
        code.vmovss(__dword_ptr[rdx], xmm0);
        code.add(rdx, 4);
        code.dec(rcx);
        code.jnz(row);
    }

    /// <summary>Asks for as much memory as a chunk takes, ahead of it.</summary>
    private static void WriteAsking(Assembler code, bool far, int chunkBytes)
    {
        for (int line = 0; line < chunkBytes && (far || Ahead > 0); line += 64)
        {
            if (far)
            {
                code.prefetcht1(__byte_ptr[rsi + (FarAhead + line)]);
            }
            else
            {
                code.prefetchnta(__byte_ptr[rsi + (Ahead + line)]);
            }
        }
    }

    /// <summary>xmm0 = the sum of zmm0.</summary>
    private static void WriteSum(Assembler code)
    {
        code.vextractf64x4(ymm1, zmm0, 1);
        code.vaddps(ymm0, ymm0, ymm1);
        code.vextractf128(xmm1, ymm0, 1);
        code.vaddps(xmm0, xmm0, xmm1);
        code.vpermilpd(xmm1, xmm0, 1);
        code.vaddps(xmm0, xmm0, xmm1);
        code.vmovshdup(xmm1, xmm0);
        code.vaddss(xmm0, xmm0, xmm1);
    }

    /// <summary>ymm5 = the half-precision scales of eight blocks times the activations' scales; zmm4 += offsets.</summary>
    private static void WriteBlockScales(Assembler code, int blockBytes)
    {
        code.vmovd(xmm5, __dword_ptr[rsi]);
        for (int i = 1; i < 8; i++)
        {
            code.vpinsrw(xmm5, xmm5, __word_ptr[rsi + (blockBytes * i)], (byte)i);
        }

        code.vcvtph2ps(ymm5, xmm5);
        code.vmulps(ymm5, ymm5, __ymmword_ptr[rbx]);
        code.vfmadd231ps(ymm4, ymm5, __ymmword_ptr[rbx + 32]);
    }

    /// <summary>zmm0 += the block's product; its quants are in ymm6, unsigned. Eight lanes of zmm0 stay as they are.</summary>
    private static void WriteTailBlock(Assembler code, int offsets)
    {
        code.vmovd(xmm5, __dword_ptr[rsi]);
        code.vcvtph2ps(xmm5, xmm5);
        code.vinsertps(xmm5, xmm5, xmm5, 0x0E);
        code.vmulss(xmm5, xmm5, __dword_ptr[rbx]);
        code.vpxord(zmm7, zmm7, zmm7);
        code.evex.vpdpbusd(ymm7, ymm6, __ymmword_ptr[rax]);
        code.vcvtdq2ps(ymm7, ymm7);
        code.vbroadcastss(ymm8, xmm5);
        code.vmulps(ymm7, ymm7, ymm8);
        code.vmulss(xmm5, xmm5, __dword_ptr[rbx + offsets]);
        code.vaddps(zmm0, zmm0, zmm7);
        code.vaddps(zmm0, zmm0, zmm5);
    }

    private static void WriteQ8_0(Assembler code)
    {
        WriteRows(
            code, DType.Q8_0, far: false, 5, 8 * 34,
            static c =>
            {
                WriteBlockScales(c, 34);
                for (int pair = 0; pair < 4; pair++)
                {
                    c.vmovdqu(ymm6, __ymmword_ptr[rsi + ((68 * pair) + 2)]);
                    c.vinserti64x4(zmm6, zmm6, __ymmword_ptr[rsi + ((68 * pair) + 36)], 1);
                    c.vpxord(zmm6, zmm6, zmm16);
                    WriteDot(c, pair, 64 * pair, 17 + pair);
                }
            },
            null,
            34,
            static c =>
            {
                c.vmovdqu(ymm6, __ymmword_ptr[rsi + 2]);
                c.vpxord(zmm6, zmm6, zmm16);
                WriteTailBlock(c, 32);
            });
    }

    /// <summary>Sum <paramref name="sum"/> += zmm6 · 64 quants, each dword scaled by a lane of zmm5.</summary>
    private static void WriteDot(Assembler code, int sum, int quants, int permutation)
    {
        code.vpxord(zmm7, zmm7, zmm7);
        code.vpdpbusd(zmm7, zmm6, __zmmword_ptr[rax + quants]);
        code.vcvtdq2ps(zmm7, zmm7);
        code.vpermps(zmm8, Zmm.At(permutation), zmm5);
        code.vfmadd231ps(Zmm.At(sum), zmm7, zmm8);
    }

    private static void WriteQ4_0(Assembler code, bool far) => WriteRows(
        code,
        DType.Q4_0,
        far,
        7,
        16 * 18,
        static c => WriteQ4_0Chunk(c, 8 * 18),
        static c => WriteQ4_0Chunk(c, 0),
        18,
        static c =>
        {
            c.vmovdqu(xmm6, __xmmword_ptr[rsi + 2]);
            c.vpsrlw(xmm9, xmm6, 4);
            c.vinserti128(ymm6, ymm6, xmm9, 1);
            c.vpandd(zmm6, zmm6, zmm16);
            WriteTailBlock(c, 64);
        });

    /// <summary>
    /// Sixteen blocks, the last eight at <paramref name="second"/>. Eight are two vectors and 16 bytes: permutations of these
    /// give their scales and two vectors of quants. Integer sums of 8, then 16 products fit 16 bits (16·15·127), so that
    /// packing and pairwise addition leave one dword a block.
    /// </summary>
    private static void WriteQ4_0Chunk(Assembler code, int second)
    {
        for (int half = 0; half < 2; half++)
        {
            int at = half * second;
            AssemblerRegisterZMM scales = Zmm.At(6 + half);
            code.vmovdqu32(zmm8, __zmmword_ptr[rsi + at]);
            code.vmovdqu32(zmm9, __zmmword_ptr[rsi + (at + 64)]);
            code.vmovdqu(xmm10, __xmmword_ptr[rsi + (at + 128)]);
            code.vmovdqa32(scales, Zmm.At(19 + half));
            code.vpermi2w(scales, zmm8, zmm9);
            code.vpermt2b(zmm8, zmm17, zmm9);
            code.vpermt2b(zmm9, zmm18, zmm10);
            for (int four = 0; four < 2; four++)
            {
                AssemblerRegisterZMM quants = Zmm.At(8 + four);
                AssemblerRegisterZMM count = Zmm.At(12 + (2 * half) + four);
                int x = (256 * half) + (128 * four);
                if (Gfni.V512.IsSupported)
                {
                    code.vgf2p8affineqb(zmm11, quants, zmm22, 0);
                }
                else
                {
                    code.vpsrlw(zmm11, quants, 4);
                    code.vpandd(zmm11, zmm11, zmm16);
                }

                code.vpandd(quants, quants, zmm16);
                code.vpxord(count, count, count);
                code.vpdpbusd(count, quants, __zmmword_ptr[rax + x]);
                code.vpdpbusd(count, zmm11, __zmmword_ptr[rax + (x + 64)]);
            }
        }

        code.vpblendd(ymm6, ymm6, ymm7, 0xAA);
        code.vcvtph2ps(zmm6, ymm6);
        code.vmulps(zmm6, zmm6, __zmmword_ptr[rbx]);
        code.vfmadd231ps(zmm4, zmm6, __zmmword_ptr[rbx + 64]);
        code.vpackssdw(zmm12, zmm12, zmm13);
        code.vpackssdw(zmm14, zmm14, zmm15);
        code.vpmaddwd(zmm12, zmm12, zmm21);
        code.vpmaddwd(zmm14, zmm14, zmm21);
        code.vpackssdw(zmm12, zmm12, zmm14);
        code.vpmaddwd(zmm12, zmm12, zmm21);
        code.vcvtdq2ps(zmm12, zmm12);
        code.vfmadd231ps(zmm0, zmm12, zmm6);
    }
}
