using System.Runtime.InteropServices;
using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Emission;
using Percept.Tensors.Memory;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>
/// The emitted inner loops of the products of f16 weights [n, k] with 1, 2 or 4 vectors, and of bf16 weights with one:
/// sums[r] = Σₖ w[r, k]·x[k] row by row, or sums[group][j][r] = Σₖ w[4·group + r, k]·x[j, k] for groups of four weight rows;
/// and of f32, f16 and bf16 weights with one vector by groups of eight rows.
/// </summary>
/// <remarks>
/// <para>One vector: a row after another, a line (32 weights) after another, as they lie in memory. More: a step takes one line
/// of each of four rows, widens it once and adds it into the sums of all vectors. f16 is widened by vcvtph2ps from
/// memory, exact for every half; bf16 by vpmovzxwd and a shift. Several vectors with bf16 weights: each vector comes as two
/// bfloat16 parts, whose sum has 16 bits of it, and nothing is widened.</para>
/// <para>The last k mod 32 weights are one more step under masks; nothing beyond a row is read. The order of a sum depends
/// on k and on the number of vectors alone. Groups ask for what their caller wants next, single rows for
/// what comes <see cref="GemvEmitter.Ahead"/> bytes later where the processor likes it.</para>
/// </remarks>
internal sealed unsafe partial class EmittedGemv
{
    /// <summary>The most vectors of a call.</summary>
    internal const int MaxVectors = 4;

    /// <summary>Weight rows of a group.</summary>
    internal const int Rows = 4;

    /// <summary>Weights of a step.</summary>
    internal const int BlockK = 32;

    /// <summary>Bytes of a step's weights of a row.</summary>
    internal const int Line = 64;

    private const int GroupBody = 2;
    private const int EightBody = 5;
    private const int SplitBody = 8;
    private const int Near = 512;
    private const int FirstWeight = 16;
    private const int FirstX = 24;

    private static readonly AssemblerRegister64[] s_rows = [rsi, r8, r9, r10];
    private static readonly AssemblerRegister64[] s_vectors = [rdx, r12, r13, r14];

    private readonly KernelCode _code;

    private EmittedGemv(KernelCode code) => _code = code;

    /// <summary>The process's kernels; null where the processor, a switch or the system forbids them.</summary>
    internal static EmittedGemv? Shared { get; } = TryCreate(ExecutableSources.All);

    /// <summary>What products of 16-bit weights with a vector run on.</summary>
    internal static string Path => Shared is null ? CodePaths.Intrinsics() : "emitted 512";

    /// <summary>How the code's pages were got.</summary>
    internal ExecutableSources Source => _code.Source;

    /// <summary>Emits the kernels; null where the processor, a switch or the system forbids it.</summary>
    internal static EmittedGemv? TryCreate(ExecutableSources sources)
    {
        if (!CpuFeatures.HasAvx512F || !CpuFeatures.HasAvx512BW)
        {
            return null;
        }

        KernelBody[] bodies =
        [
            code => new RowBody(code, true).Emit(), code => new RowBody(code, false).Emit(),
            code => new Body(code, 1, false).Emit(), code => new Body(code, 2, false).Emit(), code => new Body(code, 4, false).Emit(),
            code => new EightRowsBody(code, DType.F32).Emit(), code => new EightRowsBody(code, DType.F16).Emit(),
            code => new EightRowsBody(code, DType.BF16).Emit(),
            code => new Body(code, 1, true).Emit(), code => new Body(code, 2, true).Emit(), code => new Body(code, 4, true).Emit(),
        ];
        return KernelCode.TryCreate(CpuFeatures.HasAvx512BF16 ? bodies : bodies[..SplitBody], sources) is { } emitted
            ? new EmittedGemv(emitted)
            : null;
    }

    /// <summary>Sums rows with one vector; f16 weights, or bf16.</summary>
    internal void RunRows(bool half, Arguments* arguments) => _code.Entry(half ? 0 : 1)(arguments);

    /// <summary>Sums groups of four rows with 1, 2 or 4 vectors.</summary>
    /// <param name="split">bf16 weights and vectors in two parts (<see cref="SplitVectors"/>), rather than f16 and floats.</param>
    /// <param name="vectors">How many vectors.</param>
    /// <param name="arguments">What the kernel is told.</param>
    internal void RunGroups(bool split, int vectors, Arguments* arguments) =>
        _code.Entry((split ? SplitBody : GroupBody) + (vectors >> 1))(arguments);

    private static int Offset(string field) => field switch
    {
        nameof(Arguments.W) => 0,
        nameof(Arguments.RowBytes) => 8,
        nameof(Arguments.Ask) => 16,
        nameof(Arguments.X) => 24,
        nameof(Arguments.XBytes) => 32,
        nameof(Arguments.Sums) => 40,
        nameof(Arguments.Groups) => 48,
        nameof(Arguments.BlockBytes) => 56,
        nameof(Arguments.TailMask) => 64,
        nameof(Arguments.AskStep) => 72,
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "No such argument."),
    };

    /// <summary>What a kernel is told; the emitted code reads it by offset.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 80)]
    internal struct Arguments
    {
        /// <summary>The first weight row.</summary>
        [FieldOffset(0)]
        internal byte* W;

        /// <summary>Bytes from one weight row to the next.</summary>
        [FieldOffset(8)]
        internal long RowBytes;

        /// <summary>What is wanted after this call; four lines of it are asked for a step, or for eight rows a line for each read.</summary>
        [FieldOffset(16)]
        internal byte* Ask;

        /// <summary>The first vector.</summary>
        [FieldOffset(24)]
        internal float* X;

        /// <summary>Bytes from one vector to the next.</summary>
        [FieldOffset(32)]
        internal long XBytes;

        /// <summary>[groups][vectors][4], or [rows].</summary>
        [FieldOffset(40)]
        internal float* Sums;

        /// <summary>Groups of four rows, or rows; at least 1.</summary>
        [FieldOffset(48)]
        internal long Groups;

        /// <summary>Bytes of a row's whole lines.</summary>
        [FieldOffset(56)]
        internal long BlockBytes;

        /// <summary>Which weights of the line after the whole ones exist.</summary>
        [FieldOffset(64)]
        internal uint TailMask;

        /// <summary>Bytes that <see cref="Ask"/> moves on with a step.</summary>
        [FieldOffset(72)]
        internal long AskStep;

        /// <summary>Sets the fields that follow from k.</summary>
        internal void SetLength(long k, int elementBytes = sizeof(ushort))
        {
            int ofLine = Line / elementBytes;
            BlockBytes = k / ofLine * Line;
            TailMask = (1u << (int)(k % ofLine)) - 1;
        }
    }

    /// <summary>
    /// Writes one kernel. rsi, r8, r9, r10: rows. rdx, r12, r13, r14: vectors. rax: bytes done of each row, and half of
    /// those of each vector. rcx: bytes of whole lines. r11: what to ask for, rbx: how far that moves on a step. r15: sums. rbp: groups left.
    /// </summary>
    private sealed class Body(Assembler code, int vectors, bool split)
    {
        // Two vectors have a second set of sums, so that enough additions are under way.
        private readonly int _sets = vectors == MaxVectors ? 1 : 2;

        internal void Emit()
        {
            Label group = code.CreateLabel(), block = code.CreateLabel(), tail = code.CreateLabel();
            Label reduce = code.CreateLabel();
            Enter();
            code.Label(ref group);
            code.mov(rax, Argument(nameof(Arguments.RowBytes)));
            code.lea(r8, __[rsi + rax]);
            code.lea(r9, __[rsi + (rax * 2)]);
            code.lea(r10, __[r8 + (rax * 2)]);
            for (int i = 0; i < Rows * vectors * _sets; i++)
            {
                code.vpxord(Zmm.At(i), Zmm.At(i), Zmm.At(i));
            }

            code.xor(eax, eax);
            code.test(rcx, rcx);
            code.jz(tail);
            code.Label(ref block);
            Ask();
            Step(false);
            code.add(rax, Line);
            code.cmp(rax, rcx);
            code.jb(block);

            code.Label(ref tail);
            code.cmp(__dword_ptr[rdi + Offset(nameof(Arguments.TailMask))], 0);
            code.je(reduce);
            Step(true);
            code.Label(ref reduce);
            Reduce();
            code.mov(rax, Argument(nameof(Arguments.RowBytes)));
            code.lea(rsi, __[rsi + (rax * 4)]);
            code.dec(rbp);
            code.jnz(group);
        }

        private void Enter()
        {
            code.mov(rsi, Argument(nameof(Arguments.W)));
            code.mov(rdx, Argument(nameof(Arguments.X)));
            code.mov(rax, Argument(nameof(Arguments.XBytes)));
            for (int v = 1; v < vectors; v++)
            {
                code.lea(s_vectors[v], __[s_vectors[v - 1] + rax]);
            }

            code.mov(r15, Argument(nameof(Arguments.Sums)));
            code.mov(rbp, Argument(nameof(Arguments.Groups)));
            code.mov(rcx, Argument(nameof(Arguments.BlockBytes)));
            code.mov(r11, Argument(nameof(Arguments.Ask)));
            code.mov(rbx, Argument(nameof(Arguments.AskStep)));
            code.kmovd(k1, __dword_ptr[rdi + Offset(nameof(Arguments.TailMask))]);
            code.kshiftrd(k2, k1, 16);
        }

        /// <summary>
        /// The rows wanted after this call in the order in which they lie, into the second level; this group's lines soon needed
        /// into the first.
        /// </summary>
        private void Ask()
        {
            for (int line = 0; line < Rows; line++)
            {
                code.prefetcht1(__byte_ptr[r11 + (line * Line)]);
            }

            code.add(r11, rbx);
            foreach (AssemblerRegister64 row in s_rows)
            {
                code.prefetcht0(__byte_ptr[row + rax + Near]);
            }
        }

        /// <summary>Adds 32 columns, or those of them under the masks.</summary>
        private void Step(bool masked)
        {
            if (split)
            {
                StepSplit(masked);
                return;
            }

            Widen(masked);
            AssemblerRegisterZMM first = Zmm.At(FirstX), second = Zmm.At(FirstX + 1);
            for (int v = 0; v < vectors; v++)
            {
                code.vmovups(Masked(first, masked, 0), __zmmword_ptr[s_vectors[v] + (rax * 2)]);
                code.vmovups(Masked(second, masked, 1), __zmmword_ptr[s_vectors[v] + (rax * 2) + Line]);
                for (int i = 0; i < 2 * Rows; i++)
                {
                    int r = i % Rows, h = i / Rows;
                    code.vfmadd231ps(Zmm.At(Sum(r, v, h)), Zmm.At(Weight(r, h)), h == 0 ? first : second);
                }
            }
        }

        /// <summary>A line of each row times both parts of each vector; pairs are multiplied and added by vdpbf16ps.</summary>
        private void StepSplit(bool masked)
        {
            for (int r = 0; r < Rows; r++)
            {
                code.vmovdqu16(Masked(Zmm.At(Weight(r, 0)), masked, 0), __zmmword_ptr[s_rows[r] + rax]);
            }

            for (int v = 0; v < vectors; v++)
            {
                for (int part = 0; part < 2; part++)
                {
                    AssemblerRegisterZMM x = Zmm.At(FirstX + part);
                    code.vmovups(x, __zmmword_ptr[s_vectors[v] + (rax * 2) + (part * Line)]);
                    for (int r = 0; r < Rows; r++)
                    {
                        code.vdpbf16ps(Zmm.At(Sum(r, v, part)), Zmm.At(Weight(r, 0)), x);
                    }
                }
            }
        }

        /// <summary>Floats of a line's first and second 16 halves.</summary>
        private void Widen(bool masked)
        {
            for (int r = 0; r < Rows; r++)
            {
                for (int h = 0; h < 2; h++)
                {
                    code.vcvtph2ps(
                        Masked(Zmm.At(Weight(r, h)), masked, h), __ymmword_ptr[s_rows[r] + rax + (h * Line / 2)]);
                }
            }
        }

        /// <summary>The four rows' sums of each vector, side by side.</summary>
        private void Reduce()
        {
            for (int v = 0; v < vectors; v++)
            {
                for (int r = 0; r < Rows; r++)
                {
                    AssemblerRegisterZMM sum = Zmm.At(Sum(r, v, 0)), upper = Zmm.At(FirstWeight + r);
                    if (_sets == 2)
                    {
                        code.vaddps(sum, sum, Zmm.At(Sum(r, v, 1)));
                    }

                    code.vextractf64x4(new AssemblerRegisterYMM(Register.YMM0 + FirstWeight + r), sum, 1);
                    code.vaddps(sum, sum, upper);
                }

                AssemblerRegisterYMM a = Ymm(Sum(0, v, 0)), b = Ymm(Sum(1, v, 0));
                AssemblerRegisterYMM c = Ymm(Sum(2, v, 0)), d = Ymm(Sum(3, v, 0));
                code.vhaddps(a, a, b);
                code.vhaddps(c, c, d);
                code.vhaddps(a, a, c);
                code.vextractf128(Xmm(Sum(1, v, 0)), a, 1);
                code.vaddps(Xmm(Sum(0, v, 0)), Xmm(Sum(0, v, 0)), Xmm(Sum(1, v, 0)));
                code.vmovups(__xmmword_ptr[r15 + (v * Rows * sizeof(float))], Xmm(Sum(0, v, 0)));
            }

            code.add(r15, vectors * Rows * sizeof(float));
        }

        private int Sum(int row, int vector, int half) => (((row * vectors) + vector) * _sets) + (half % _sets);

        private static int Weight(int row, int half) => FirstWeight + (half * Rows) + row;

        private static AssemblerRegisterZMM Masked(AssemblerRegisterZMM register, bool masked, int half) =>
            !masked ? register : half == 0 ? register.k1.z : register.k2.z;

        private static AssemblerRegisterYMM Ymm(int index) => new(Register.YMM0 + index);

        private static AssemblerRegisterXMM Xmm(int index) => new(Register.XMM0 + index);

        private static AssemblerMemoryOperand Argument(string field) => __qword_ptr[rdi + Offset(field)];
    }
}
