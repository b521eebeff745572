using System.Runtime.InteropServices;
using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Emission;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels.Attention;

/// <summary>
/// The emitted inner loops of the product of probabilities with rows of values, for 1, 2 or 4 queries and f32, f16 or bf16 values:
/// sums[r, c] += Σₜ weights[r, t]·values[t, c].
/// </summary>
/// <remarks>
/// Sums of four vectors of columns, eight for one query, stay in registers over all rows of values; then single vectors, the last one
/// under a mask. A row of values is widened once for all queries: f16 by vcvtph2ps, exact for every half, bf16 by vpmovzxwd
/// and a shift. Nothing beyond the columns is read. Each sum is over t in order.
/// </remarks>
internal sealed unsafe class EmittedValues
{
    /// <summary>The most queries of a call; it takes 1, 2 or as many.</summary>
    internal const int MaxRows = 4;

    private const int Lanes = 16;
    private const int FirstValue = 16;
    private const int FirstWeight = 24;

    private static readonly DType[] s_types = [DType.F32, DType.F16, DType.BF16];

    private readonly KernelCode _code;

    private EmittedValues(KernelCode code) => _code = code;

    /// <summary>The process's kernels; null where the processor, a switch or the system forbids them.</summary>
    internal static EmittedValues? Shared { get; } = TryCreate();

    /// <summary>Adds the products of some rows of values to sums.</summary>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="rows">Queries: 1, 2 or 4.</param>
    /// <param name="arguments">What the kernel is told.</param>
    internal void Run(DType type, int rows, Arguments* arguments) =>
        _code.Entry((Array.IndexOf(s_types, type) * 3) + (rows >> 1))(arguments);

    /// <summary>Vectors of columns whose sums are in registers together.</summary>
    private static int BlockVectors(int rows) => rows == 1 ? 8 : 4;

    private static EmittedValues? TryCreate()
    {
        if (!CpuFeatures.HasAvx512F || !CpuFeatures.HasAvx512BW)
        {
            return null;
        }

        var bodies = new List<KernelBody>();
        foreach (DType type in s_types)
        {
            foreach (int rows in (int[])[1, 2, MaxRows])
            {
                bodies.Add(code => new Body(code, type, rows).Emit());
            }
        }

        return KernelCode.TryCreate(CollectionsMarshal.AsSpan(bodies)) is { } emitted ? new EmittedValues(emitted) : null;
    }

    /// <summary>What a kernel is told; the emitted code reads it by offset.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 72)]
    internal struct Arguments
    {
        /// <summary>The first row of values.</summary>
        [FieldOffset(0)]
        internal byte* Values;

        /// <summary>Bytes from one row of values to the next.</summary>
        [FieldOffset(8)]
        internal long RowBytes;

        /// <summary>The first query's weights.</summary>
        [FieldOffset(16)]
        internal float* Weights;

        /// <summary>Bytes from one query's weights to the next one's.</summary>
        [FieldOffset(24)]
        internal long WeightBytes;

        /// <summary>The first query's sums.</summary>
        [FieldOffset(32)]
        internal float* Sums;

        /// <summary>Bytes from one query's sums to the next one's.</summary>
        [FieldOffset(40)]
        internal long SumBytes;

        /// <summary>How many rows of values; at least 1.</summary>
        [FieldOffset(48)]
        internal long Count;

        /// <summary>Whole blocks of columns (low half), whole vectors after them (high half).</summary>
        [FieldOffset(56)]
        internal uint Blocks;

        /// <inheritdoc cref="Blocks"/>
        [FieldOffset(60)]
        internal uint Vectors;

        /// <summary>Which columns of the vector after the whole ones exist.</summary>
        [FieldOffset(64)]
        internal uint TailMask;

        /// <summary>Sets how many columns there are, for a number of queries.</summary>
        internal void SetColumns(int columns, int rows)
        {
            int vectors = BlockVectors(rows);
            Blocks = (uint)(columns / (vectors * Lanes));
            Vectors = (uint)(columns / Lanes % vectors);
            TailMask = (1u << (columns % Lanes)) - 1;
        }
    }

    /// <summary>
    /// Writes one kernel. rsi: values of the columns at hand. r15: their sums; r9: bytes to the next query's, r10: three times
    /// that. rdx: weights; r11: bytes to the next query's, r12: three times that. r8: bytes to the next row of values. rax, rbx, rbp: values,
    /// weights and count of a pass. rcx: blocks or vectors left.
    /// </summary>
    private sealed class Body(Assembler code, DType type, int rows)
    {
        private readonly int _vectorBytes = Lanes * (type == DType.F32 ? 4 : 2);

        internal void Emit()
        {
            code.mov(rsi, __qword_ptr[rdi]);
            code.mov(r8, __qword_ptr[rdi + 8]);
            code.mov(rdx, __qword_ptr[rdi + 16]);
            code.mov(r11, __qword_ptr[rdi + 24]);
            code.lea(r12, __[r11 + (r11 * 2)]);
            code.mov(r15, __qword_ptr[rdi + 32]);
            code.mov(r9, __qword_ptr[rdi + 40]);
            code.lea(r10, __[r9 + (r9 * 2)]);
            code.kmovd(k1, __dword_ptr[rdi + 64]);
            Passes(56, BlockVectors(rows), masked: false);
            Passes(60, 1, masked: false);
            Passes(64, 1, masked: true);
        }

        /// <summary>As many passes of some vectors as the argument says; under the mask one pass unless it is empty.</summary>
        private void Passes(int argument, int vectors, bool masked)
        {
            Label pass = code.CreateLabel(), row = code.CreateLabel(), done = code.CreateLabel();
            code.mov(ecx, __dword_ptr[rdi + argument]);
            code.test(ecx, ecx);
            code.jz(done);
            code.Label(ref pass);
            Sums(vectors, masked, load: true);
            code.mov(rax, rsi);
            code.mov(rbx, rdx);
            code.mov(rbp, __qword_ptr[rdi + 48]);
            code.Label(ref row);
            for (int c = 0; c < vectors; c++)
            {
                Widen(c, masked);
            }

            for (int r = 0; r < rows; r++)
            {
                code.vbroadcastss(Zmm.At(FirstWeight + r), __dword_ptr[At(rbx, r, r11, r12)]);
                for (int c = 0; c < vectors; c++)
                {
                    code.vfmadd231ps(Sum(r, c), Zmm.At(FirstValue + c), Zmm.At(FirstWeight + r));
                }
            }

            code.add(rax, r8);
            code.add(rbx, sizeof(float));
            code.dec(rbp);
            code.jnz(row);
            Sums(vectors, masked, load: false);
            if (!masked)
            {
                code.add(rsi, vectors * _vectorBytes);
                code.add(r15, vectors * Lanes * sizeof(float));
                code.dec(ecx);
                code.jnz(pass);
            }

            code.Label(ref done);
            code.nop();
        }

        private void Widen(int c, bool masked)
        {
            AssemblerRegisterZMM value = Zmm.At(FirstValue + c), into = masked ? value.k1.z : value;
            AssemblerMemoryOperand from = rax + (c * _vectorBytes);
            switch (type)
            {
                case DType.F32:
                    code.vmovups(into, __zmmword_ptr[from]);
                    break;
                case DType.F16:
                    code.vcvtph2ps(into, __ymmword_ptr[from]);
                    break;
                default:
                    code.vpmovzxwd(into, __ymmword_ptr[from]);
                    code.vpslld(value, value, 16);
                    break;
            }
        }

        private void Sums(int vectors, bool masked, bool load)
        {
            for (int r = 0; r < rows; r++)
            {
                for (int c = 0; c < vectors; c++)
                {
                    AssemblerMemoryOperand memory = __zmmword_ptr[At(r15, r, r9, r10) + (c * Lanes * sizeof(float))];
                    AssemblerRegisterZMM sum = Sum(r, c);
                    if (load)
                    {
                        code.vmovups(masked ? sum.k1.z : sum, memory);
                    }
                    else
                    {
                        code.vmovups(masked ? memory.k1 : memory, sum);
                    }
                }
            }
        }

        private AssemblerRegisterZMM Sum(int row, int vector) => Zmm.At((row * BlockVectors(rows)) + vector);

        /// <summary>An address some strides beyond another.</summary>
        private static AssemblerMemoryOperand At(
            AssemblerRegister64 from, int strides, AssemblerRegister64 stride, AssemblerRegister64 three) => strides switch
            {
                0 => from + 0,
                1 => from + stride,
                2 => from + (stride * 2),
                _ => from + three,
            };
    }
}
