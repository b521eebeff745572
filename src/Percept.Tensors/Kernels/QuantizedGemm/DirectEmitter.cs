using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Emission;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels;

/// <summary>
/// Emitted kernels for a few rows of activations: 1 … 8 rows × 32 rows of W with 512-bit <c>vpdpbusd</c>, weights from
/// GGUF's own blocks.
/// <code>
/// sums[r][c] += Σ over groups: scaleW[c]·scaleA[r]·(−offset·Σquant + Σ over 32 of weight·quant)
/// </code>
/// </summary>
/// <remarks>
/// The same operations in the same order as the panel kernels, so the same bits, but no panel is stored. A group's 32 blocks
/// are transposed in registers, four weights of 16 columns to a vector, and kept in the first-level cache while the group before is
/// multiplied: one is written between the other's instructions, for a processor does not look as far ahead as a group is long.
/// Every four quants are loaded once for both vectors of columns. Integer sums stay in registers for a group, float sums in
/// the first-level cache. Formats with blocks of 32 and a scale alone. Nothing outside the blocks is read.
/// Registers: zmm0…15 integer sums (a row's two vectors side by side), zmm16 constant, zmm17…21 multiply, zmm22…31 transpose.
/// rax walks the activations, rsi, r8, r9, r10, r12, r13, r14 rows 0, 5, 10, … 30 of W, rbx and rbp are one and three rows of W, rcx counts
/// groups, rdi is the scratch memory, r15 and rdx a group's weights in it and the next one's, r11 prefetches.
/// </remarks>
internal static unsafe class DirectEmitter
{
    /// <summary>Most rows of activations of a tile.</summary>
    internal const int MaxRows = 8;

    /// <summary>Rows of W, which are columns of the result.</summary>
    internal const int Columns = 2 * Lanes;

    /// <summary>Bytes of scratch memory, which begins at a multiple of <see cref="ScratchAlignment"/>.</summary>
    internal const int ScratchBytes = SumsAt + (MaxRows * SumBytes);

    /// <summary>What the scratch memory's address is a multiple of.</summary>
    internal const int ScratchAlignment = VectorBytes;

    /// <summary>Where in the scratch memory the sums are, rows of <see cref="Columns"/>.</summary>
    internal const int SumsAt = 2 * BufferBytes;

    /// <summary>Bytes from one row of sums to the next.</summary>
    internal const int SumBytes = Columns * sizeof(float);

    /// <summary>A group's weights, two vectors of columns to a step, and behind them its scales.</summary>
    private const int BufferBytes = ScalesAt + (2 * VectorBytes);
    private const int ScalesAt = PanelLayout.Group / 4 * 2 * VectorBytes;
    private const int VectorBytes = 64;
    private const int Lanes = 16;

    /// <summary>Rows 0, 5, 10, … of W.</summary>
    private static readonly AssemblerRegister64[] s_rows = [rsi, r8, r9, r10, r12, r13, r14];

    private static readonly KernelCode? s_q4_0 = TryCreate(DType.Q4_0, 0x0F0F0F0F);
    private static readonly KernelCode? s_q8_0 = TryCreate(DType.Q8_0, 0x80808080);

    /// <summary>Whether there are kernels for a type.</summary>
    internal static bool Has(DType type) => Code(type) is not null;

    /// <summary>The kernel for a number of rows; only where there is one.</summary>
    internal static delegate* unmanaged<void*, void> Kernel(DType type, int rows) => Code(type)!.Entry(rows - 1);

    private static KernelCode? Code(DType type) => type switch
    {
        DType.Q4_0 => s_q4_0,
        DType.Q8_0 => s_q8_0,
        _ => null,
    };

    private static KernelCode? TryCreate(DType type, uint constant)
    {
        if (!CpuFeatures.HasAvx512Vnni)
        {
            return null;
        }

        int blockBytes = type.BlockBytes();
        var bodies = new KernelBody[MaxRows];
        for (int rows = 1; rows <= MaxRows; rows++)
        {
            int count = rows;
            bodies[rows - 1] = code => Write(code, type, blockBytes, constant, count);
        }

        return KernelCode.TryCreate(bodies);
    }

    private static void Write(Assembler code, DType type, int blockBytes, uint constant, int rows)
    {
        code.mov(eax, constant);
        code.vpbroadcastd(zmm16, eax);
        code.mov(rax, __qword_ptr[rdi]);
        code.mov(rsi, __qword_ptr[rdi + 8]);
        code.mov(rbx, __qword_ptr[rdi + 16]);
        code.mov(rcx, __qword_ptr[rdi + 24]);
        code.mov(r11, __qword_ptr[rdi + 40]);
        code.mov(rdi, __qword_ptr[rdi + 32]);
        code.lea(r15, __[rdi + BufferBytes]);
        code.mov(rdx, rdi);
        code.lea(rbp, __[rbx + (rbx * 2)]);
        for (int i = 1; i < s_rows.Length; i++)
        {
            code.lea(s_rows[i], __[s_rows[i - 1] + (rbx * 4)]);
            code.add(s_rows[i], rbx);
        }

        List<Action<Assembler>> unpack = Unpack(blockBytes), multiply = Multiply(type, rows);
        Emit(code, unpack);
        Label loop = code.CreateLabel(), last = code.CreateLabel();
        code.Label(ref loop);
        code.xchg(r15, rdx);
        for (int line = 0; line < Columns * blockBytes; line += VectorBytes)
        {
            code.prefetcht1(__byte_ptr[r11 + line]);
        }

        code.add(r11, Columns * blockBytes);
        Begin(code, rows);
        code.dec(rcx);
        code.jz(last);
        foreach (AssemblerRegister64 row in s_rows)
        {
            code.add(row, blockBytes);
        }

        Emit(code, multiply, unpack);
        AddScaled(code, rows);
        code.add(rax, rows * QuantizedRows.GroupBytesPerRow);
        code.jmp(loop);

        code.Label(ref last);
        Emit(code, multiply);
        AddScaled(code, rows);
    }

    /// <summary>Writes instructions, and others evenly between them.</summary>
    private static void Emit(Assembler code, List<Action<Assembler>> instructions, List<Action<Assembler>>? between = null)
    {
        for (int i = 0, done = 0; i < instructions.Count; i++)
        {
            instructions[i](code);
            for (; between is not null && done < between.Count * (i + 1) / instructions.Count; done++)
            {
                between[done](code);
            }
        }
    }

    /// <summary>A row of W's block, from a byte on.</summary>
    private static AssemblerMemoryOperand Block(int row, int at)
    {
        AssemblerRegister64 from = s_rows[row / 5];
        return (row % 5) switch
        {
            0 => __[from + at],
            1 => __[from + rbx + at],
            2 => __[from + (rbx * 2) + at],
            3 => __[from + rbp + at],
            _ => __[from + (rbx * 4) + at],
        };
    }

    /// <summary>A vector of the weights that lie from a step's on, of one half of the columns.</summary>
    private static AssemblerMemoryOperand Weights(AssemblerRegister64 buffer, int step, int half) =>
        __zmmword_ptr[buffer + (VectorBytes * ((2 * step) + half))];

    /// <summary>Integer sums = −offset·Σquant.</summary>
    private static void Begin(Assembler code, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            code.vpbroadcastd(Zmm.At(2 * row), __dword_ptr[rax + Tail(rows, row, 1)]);
            code.vmovdqa32(Zmm.At((2 * row) + 1), Zmm.At(2 * row));
        }
    }

    /// <summary>Brings 32 blocks into the next buffer: dwords of 16 blocks to a vector, and scales.</summary>
    private static List<Action<Assembler>> Unpack(int blockBytes)
    {
        List<Action<Assembler>> list = [];
        for (int part = 0; (16 * part) + 2 < blockBytes; part++)
        {
            for (int half = 0; half < 2; half++)
            {
                Transpose(list, half, part);
            }
        }

        for (int half = 0; half < 2; half++)
        {
            int first = Lanes * half;
            AssemblerMemoryOperand to = __zmmword_ptr[rdx + ScalesAt + (VectorBytes * half)];
            list.Add(Evex(code => code.vmovd(xmm30, __dword_ptr[Block(first, 0)])));
            list.Add(Evex(code => code.vmovd(xmm31, __dword_ptr[Block(first + 8, 0)])));
            for (int i = 1; i < 8; i++)
            {
                int row = i;
                list.Add(Evex(code => code.vpinsrw(xmm30, xmm30, __word_ptr[Block(first + row, 0)], (byte)row)));
                list.Add(Evex(code => code.vpinsrw(xmm31, xmm31, __word_ptr[Block(first + 8 + row, 0)], (byte)row)));
            }

            list.Add(code => code.vinserti32x4(ymm30, ymm30, xmm31, 1));
            list.Add(code => code.vcvtph2ps(zmm30, ymm30));
            list.Add(code => code.vmovups(to, zmm30));
        }

        return list;
    }

    /// <summary>An instruction that has a form for registers from 16 on, which is not the one taken by itself.</summary>
    private static Action<Assembler> Evex(Action<Assembler> instruction) => code =>
    {
        code.PreferVex = false;
        instruction(code);
        code.PreferVex = true;
    };

    private static void Transpose(List<Action<Assembler>> list, int half, int part)
    {
        int at = 2 + (16 * part);
        for (int i = 0; i < 4; i++)
        {
            int row = (Lanes * half) + i, register = 22 + i;
            list.Add(code => code.vmovdqu32(Xmm(register), __xmmword_ptr[Block(row, at)]));
            for (int l = 1; l < 4; l++)
            {
                int lane = l;
                list.Add(code => code.vinserti32x4(
                    Zmm.At(register), Zmm.At(register), __xmmword_ptr[Block(row + (4 * lane), at)], (byte)lane));
            }
        }

        list.Add(code => code.vpunpckldq(zmm26, zmm22, zmm23));
        list.Add(code => code.vpunpckldq(zmm27, zmm24, zmm25));
        list.Add(code => code.vpunpckhdq(zmm28, zmm22, zmm23));
        list.Add(code => code.vpunpckhdq(zmm29, zmm24, zmm25));
        list.Add(code => code.vpunpcklqdq(zmm22, zmm26, zmm27));
        list.Add(code => code.vpunpckhqdq(zmm23, zmm26, zmm27));
        list.Add(code => code.vpunpcklqdq(zmm24, zmm28, zmm29));
        list.Add(code => code.vpunpckhqdq(zmm25, zmm28, zmm29));
        for (int i = 0; i < 4; i++)
        {
            int step = (4 * part) + i, register = 22 + i;
            list.Add(code => code.vmovdqa32(Weights(rdx, step, half), Zmm.At(register)));
        }
    }

    /// <summary>Multiplies a group's weights, made unsigned, by the quants of all rows.</summary>
    private static List<Action<Assembler>> Multiply(DType type, int rows)
    {
        List<Action<Assembler>> list = [];
        for (int s = 0; s < PanelLayout.Group / 4; s++)
        {
            int step = s;
            for (int h = 0; h < 2; h++)
            {
                int half = h;
                AssemblerRegisterZMM weights = Zmm.At(17 + half);
                if (type == DType.Q8_0)
                {
                    list.Add(code => code.vpxord(weights, zmm16, Weights(r15, step, half)));
                }
                else if (step < 4)
                {
                    list.Add(code => code.vpandd(weights, zmm16, Weights(r15, step, half)));
                }
                else
                {
                    list.Add(code => code.vpsrlw(weights, Weights(r15, step - 4, half), 4));
                    list.Add(code => code.vpandd(weights, weights, zmm16));
                }
            }

            for (int r = 0; r < rows; r++)
            {
                int row = r;
                AssemblerRegisterZMM quants = Zmm.At(19 + (row % 3));
                list.Add(code => code.vpbroadcastd(quants, __dword_ptr[rax + (PanelLayout.Group * row) + (4 * step)]));
                list.Add(code => code.vpdpbusd(Zmm.At(2 * row), zmm17, quants));
                list.Add(code => code.vpdpbusd(Zmm.At((2 * row) + 1), zmm18, quants));
            }
        }

        return list;
    }

    private static void AddScaled(Assembler code, int rows)
    {
        code.vmovaps(zmm17, __zmmword_ptr[r15 + ScalesAt]);
        code.vmovaps(zmm18, __zmmword_ptr[r15 + ScalesAt + VectorBytes]);
        for (int row = 0; row < rows; row++)
        {
            code.vbroadcastss(zmm19, __dword_ptr[rax + Tail(rows, row, 0)]);
            for (int half = 0; half < 2; half++)
            {
                AssemblerRegisterZMM count = Zmm.At((2 * row) + half), product = Zmm.At(22 + half), sum = Zmm.At(24 + half);
                int at = SumsAt + (SumBytes * row) + (VectorBytes * half);
                code.vmulps(product, zmm19, Zmm.At(17 + half));
                code.vcvtdq2ps(count, count);
                code.vmovaps(sum, __zmmword_ptr[rdi + at]);
                code.vfmadd231ps(sum, count, product);
                code.vmovaps(__zmmword_ptr[rdi + at], sum);
            }
        }
    }

    /// <summary>Offset of one of the dwords that follow a group's quants.</summary>
    private static int Tail(int rows, int row, int which) => (PanelLayout.Group * rows) + (4 * rows * which) + (4 * row);

    private static AssemblerRegisterXMM Xmm(int index) => new(Register.XMM0 + index);
}
