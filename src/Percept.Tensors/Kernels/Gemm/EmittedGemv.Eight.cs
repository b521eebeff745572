using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Emission;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels.Gemm;

/// <content>The kernels for one vector and eight rows at a time, for first-level caches that the vector would not stay in.</content>
internal sealed unsafe partial class EmittedGemv
{
    /// <summary>Weight rows of a call's groups in <see cref="RunEights"/>.</summary>
    internal const int EightRows = 8;

    /// <summary>The longest rows for which the next eight are kept in the second-level cache beside these eight.</summary>
    internal const long MostEightBytes = 48 << 10;

    /// <summary>Whether one vector goes by <see cref="RunEights"/> here.</summary>
    /// <remarks>
    /// A row after another reads the whole vector for every row. On Zen 4 (32 KB of first-level cache) a vector of 16 KB is
    /// partly driven out by the weights, and its misses wait behind theirs: 74 … 82 % of a read probe at 54 GB/s, 45 % for
    /// vectors of 48 KB. Eight rows read it once: 87 … 98 % for either.
    /// </remarks>
    internal static bool ByEights { get; } = CpuFeatures.HardwarePrefetchOnly;

    /// <summary>
    /// Sums groups of eight rows with one vector, sums[8·group + r], which <see cref="PackedVector"/> has laid out.
    /// Each call asks for the memory from <see cref="Arguments.Ask"/> on, as many lines as it reads itself.
    /// </summary>
    internal void RunEights(DType type, Arguments* arguments) =>
        _code.Entry(EightBody + (type == DType.F32 ? 0 : type == DType.F16 ? 1 : 2))(arguments);

    /// <summary>
    /// Writes one kernel. rsi, r8: rows 0 and 4. rbx, r9: a row's and three rows' bytes. rdx: the vector. r11: what to ask for.
    /// rax, rcx: lines left of this row, and of each. r15: sums. rbp: groups left. zmm0 … zmm15: sums, two a row.
    /// zmm16, zmm17: the vector's line. zmm31: the upper halves of words.
    /// </summary>
    private sealed class EightRowsBody(Assembler code, DType type)
    {
        private const int LinesOfStep = 2;
        private const int FirstTemporary = 18;
        private const int Temporaries = 12;

        private readonly int _vectorLines = type == DType.F32 ? 1 : 2;
        private int _temporary;

        internal void Emit()
        {
            Label group = code.CreateLabel(), step = code.CreateLabel(), line = code.CreateLabel();
            Label tail = code.CreateLabel(), reduce = code.CreateLabel();
            Enter();
            code.Label(ref group);
            for (int i = 0; i < 2 * EightRows; i++)
            {
                code.vpxord(Zmm.At(i), Zmm.At(i), Zmm.At(i));
            }

            code.lea(r8, __[rsi + (rbx * 4)]);
            code.mov(r10, rsi);
            code.mov(rdx, __qword_ptr[rdi + Offset(nameof(Arguments.X))]);
            code.mov(rax, rcx);
            code.sub(rax, LinesOfStep);
            code.jb(line);
            code.Label(ref step);
            Lines(LinesOfStep, masked: false);
            code.sub(rax, LinesOfStep);
            code.jae(step);
            code.Label(ref line);
            code.add(rax, LinesOfStep);
            code.jz(tail);
            Lines(1, masked: false);
            code.Label(ref tail);
            code.cmp(__dword_ptr[rdi + Offset(nameof(Arguments.TailMask))], 0);
            code.je(reduce);
            Lines(1, masked: true);
            code.Label(ref reduce);
            Reduce();
            code.lea(rsi, __[r10 + (rbx * 8)]);
            code.dec(rbp);
            code.jnz(group);
        }

        private void Enter()
        {
            code.mov(rsi, __qword_ptr[rdi + Offset(nameof(Arguments.W))]);
            code.mov(rbx, __qword_ptr[rdi + Offset(nameof(Arguments.RowBytes))]);
            code.lea(r9, __[rbx + (rbx * 2)]);
            code.mov(r15, __qword_ptr[rdi + Offset(nameof(Arguments.Sums))]);
            code.mov(rbp, __qword_ptr[rdi + Offset(nameof(Arguments.Groups))]);
            code.mov(rcx, __qword_ptr[rdi + Offset(nameof(Arguments.BlockBytes))]);
            code.shr(rcx, 6);
            code.mov(r11, __qword_ptr[rdi + Offset(nameof(Arguments.Ask))]);
            code.kmovd(k1, __dword_ptr[rdi + Offset(nameof(Arguments.TailMask))]);
            code.kshiftrd(k2, k1, 16);
            if (type == DType.BF16)
            {
                code.mov(eax, 0xFFFF0000u);
                code.vpbroadcastd(zmm31, eax);
            }
        }

        /// <summary>Adds some lines of each row, asks for as many and goes on to what follows.</summary>
        private void Lines(int lines, bool masked)
        {
            for (int line = 0; line < lines; line++)
            {
                for (int i = 0; i < _vectorLines; i++)
                {
                    code.vmovups(Zmm.At(16 + i), __zmmword_ptr[rdx + (((line * _vectorLines) + i) * Line)]);
                }

                for (int row = 0; row < EightRows; row++)
                {
                    code.prefetcht2(__byte_ptr[r11 + (((line * EightRows) + row) * Line)]);
                    Add(row, line, masked);
                }
            }

            code.add(rsi, lines * Line);
            code.add(r8, lines * Line);
            code.add(rdx, lines * _vectorLines * Line);
            code.add(r11, lines * EightRows * Line);
        }

        private void Add(int row, int line, bool masked)
        {
            AssemblerRegisterZMM even = Zmm.At(row), odd = Zmm.At(EightRows + row);
            AssemblerRegisterZMM first = Next();
            switch (type)
            {
                case DType.F32 when masked:
                    code.vmovups(first.k1.z, At(row, line * Line, false));
                    code.vfmadd231ps(even, first, zmm16);
                    break;
                case DType.F32:
                    code.vfmadd231ps(line == 0 ? even : odd, zmm16, At(row, line * Line, false));
                    break;
                case DType.F16:
                    AssemblerRegisterZMM second = Next();
                    code.vcvtph2ps(masked ? first.k1.z : first, At(row, line * Line, true));
                    code.vfmadd231ps(even, first, zmm16);
                    code.vcvtph2ps(masked ? second.k2.z : second, At(row, (line * Line) + (Line / 2), true));
                    code.vfmadd231ps(odd, second, zmm17);
                    break;
                default:
                    AssemblerRegisterZMM low = Next();
                    if (masked)
                    {
                        code.vmovdqu16(first.k1.z, At(row, line * Line, false));
                        code.vpslld(low, first, 16);
                        code.vpandd(first, first, zmm31);
                    }
                    else
                    {
                        // Loading a line twice as an operand takes less of the processor's window than once by itself.
                        code.vpslld(low, At(row, line * Line, false), 16);
                        code.vpandd(first, zmm31, At(row, line * Line, false));
                    }

                    code.vfmadd231ps(even, low, zmm16);
                    code.vfmadd231ps(odd, first, zmm17);
                    break;
            }
        }

        private AssemblerMemoryOperand At(int row, int offset, bool half)
        {
            AssemblerRegister64 rows = row < 4 ? rsi : r8;
            AssemblerMemoryOperand at = (row % 4) switch
            {
                0 => __[rows + offset],
                1 => __[rows + rbx + offset],
                2 => __[rows + (rbx * 2) + offset],
                _ => __[rows + r9 + offset],
            };
            return half ? __ymmword_ptr[at] : __zmmword_ptr[at];
        }

        /// <summary>The eight rows' sums, side by side.</summary>
        private void Reduce()
        {
            for (int row = 0; row < EightRows; row++)
            {
                code.vaddps(Zmm.At(row), Zmm.At(row), Zmm.At(EightRows + row));
                code.vextractf64x4(Ymm(EightRows + row), Zmm.At(row), 1);
                code.vaddps(Ymm(row), Ymm(row), Ymm(EightRows + row));
            }

            for (int distance = 1; distance < 4; distance *= 2)
            {
                for (int row = 0; row < EightRows; row += 2 * distance)
                {
                    code.vhaddps(Ymm(row), Ymm(row), Ymm(row + distance));
                }
            }

            for (int row = 0; row < EightRows; row += 4)
            {
                code.vextractf128(Xmm(row + 1), Ymm(row), 1);
                code.vaddps(Xmm(row), Xmm(row), Xmm(row + 1));
                code.vmovups(__xmmword_ptr[r15 + (row * sizeof(float))], Xmm(row));
            }

            code.add(r15, EightRows * sizeof(float));
        }

        private AssemblerRegisterZMM Next() => Zmm.At(FirstTemporary + (_temporary++ % Temporaries));

        private static AssemblerRegisterYMM Ymm(int index) => new(Register.YMM0 + index);

        private static AssemblerRegisterXMM Xmm(int index) => new(Register.XMM0 + index);
    }
}
