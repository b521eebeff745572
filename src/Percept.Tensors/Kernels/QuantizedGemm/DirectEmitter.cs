using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Emission;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels;

/// <summary>
/// Emitted kernels for a few rows of activations: 1 … 8 rows × 16 rows of W with 512-bit <c>vpdpbusd</c>, weights straight
/// from GGUF's blocks into registers.
/// <code>
/// sums[r][c] = Σ over groups: scaleW[c]·scaleA[r]·(−offset·Σquant + Σ over 32 of weight·quant)
/// </code>
/// </summary>
/// <remarks>
/// The same operations in the same order as the panel kernels, so the same bits, but no panel is stored: a group's 16 blocks
/// are transposed in registers, eight vectors of four weights of each column, while the multiplications of the group before
/// still run. Formats with blocks of 32 and a scale alone. Nothing outside the blocks is read.
/// Registers: zmm0…7 float sums, zmm8…15 weights (and scales being collected), zmm16 constant, zmm17 scales of W,
/// zmm18…25 integer sums (and transposition), zmm26…31 products. rax walks the activations, rsi, r8, r9, r10 rows 0, 4,
/// 8, 12 of W, rbx and rbp are one and three rows of W, rcx counts groups, r11 and rdx prefetch.
/// </remarks>
internal static unsafe class DirectEmitter
{
    /// <summary>Most rows of activations of a tile.</summary>
    internal const int MaxRows = 8;

    /// <summary>Rows of W, which are columns of the result.</summary>
    internal const int Columns = 16;

    private const int FirstWeights = 8;
    private const int FirstCount = 18;
    private const int FirstSpare = 26;

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
        code.mov(r11, __qword_ptr[rdi + 48]);
        code.mov(rdx, __qword_ptr[rdi + 56]);
        code.lea(rbp, __[rbx + (rbx * 2)]);
        code.lea(r8, __[rsi + (rbx * 4)]);
        code.lea(r9, __[rsi + (rbx * 8)]);
        code.lea(r10, __[r8 + (rbx * 8)]);
        for (int row = 0; row < rows; row++)
        {
            code.vpxord(Zmm.At(row), Zmm.At(row), Zmm.At(row));
        }

        Label loop = code.CreateLabel();
        code.Label(ref loop);
        for (int line = 0; line < Columns * blockBytes; line += 64)
        {
            code.prefetcht1(__byte_ptr[r11 + line]);
        }

        code.add(r11, rdx);
        LoadScales(code);
        LoadWeights(code, type);
        Multiply(code, rows);
        code.add(rax, rows * QuantizedRows.GroupBytesPerRow);
        code.add(rsi, blockBytes);
        code.add(r8, blockBytes);
        code.add(r9, blockBytes);
        code.add(r10, blockBytes);
        code.dec(rcx);
        code.jnz(loop);

        code.mov(rsi, __qword_ptr[rdi + 32]);
        code.mov(rbx, __qword_ptr[rdi + 40]);
        for (int row = 0; row < rows; row++)
        {
            code.vmovups(__zmmword_ptr[rsi], Zmm.At(row));
            code.add(rsi, rbx);
        }
    }

    /// <summary>A row of W's block, from a byte on.</summary>
    private static AssemblerMemoryOperand Block(int row, int at)
    {
        AssemblerRegister64 from = (row / 4) switch { 0 => rsi, 1 => r8, 2 => r9, _ => r10 };
        return (row % 4) switch
        {
            0 => __[from + at],
            1 => __[from + rbx + at],
            2 => __[from + (rbx * 2) + at],
            _ => __[from + rbp + at],
        };
    }

    /// <summary>zmm17 = the 16 half-precision scales as floats.</summary>
    private static void LoadScales(Assembler code)
    {
        code.vmovd(xmm14, __dword_ptr[Block(0, 0)]);
        code.vmovd(xmm15, __dword_ptr[Block(8, 0)]);
        for (int row = 1; row < 8; row++)
        {
            code.vpinsrw(xmm14, xmm14, __word_ptr[Block(row, 0)], (byte)row);
            code.vpinsrw(xmm15, xmm15, __word_ptr[Block(8 + row, 0)], (byte)row);
        }

        code.vinserti128(ymm14, ymm14, xmm15, 1);
        code.vcvtph2ps(zmm17, ymm14);
    }

    /// <summary>zmm8 … 15 = weights 4·i … 4·i + 3 of each column, unsigned.</summary>
    private static void LoadWeights(Assembler code, DType type)
    {
        if (type == DType.Q4_0)
        {
            Transpose(code, 2, FirstWeights);
            for (int i = 0; i < 4; i++)
            {
                code.vpsrlw(Zmm.At(FirstWeights + 4 + i), Zmm.At(FirstWeights + i), 4);
                code.vpandd(Zmm.At(FirstWeights + i), Zmm.At(FirstWeights + i), zmm16);
                code.vpandd(Zmm.At(FirstWeights + 4 + i), Zmm.At(FirstWeights + 4 + i), zmm16);
            }

            return;
        }

        for (int half = 0; half < 2; half++)
        {
            Transpose(code, 2 + (16 * half), FirstWeights + (4 * half));
            for (int i = 4 * half; i < (4 * half) + 4; i++)
            {
                code.vpxord(Zmm.At(FirstWeights + i), Zmm.At(FirstWeights + i), zmm16);
            }
        }
    }

    /// <summary>Four vectors, from register <paramref name="to"/> on = the four dwords at an offset of 16 blocks.</summary>
    private static void Transpose(Assembler code, int at, int to)
    {
        for (int i = 0; i < 4; i++)
        {
            int register = FirstCount + i;
            code.vmovdqu32(Xmm(register), __xmmword_ptr[Block(i, at)]);
            code.vinserti32x4(Ymm(register), Ymm(register), __xmmword_ptr[Block(4 + i, at)], 1);
            code.vmovdqu32(Xmm(register + 4), __xmmword_ptr[Block(8 + i, at)]);
            code.vinserti32x4(Ymm(register + 4), Ymm(register + 4), __xmmword_ptr[Block(12 + i, at)], 1);
            code.vinserti64x4(Zmm.At(register), Zmm.At(register), Ymm(register + 4), 1);
        }

        code.vpunpckldq(zmm22, zmm18, zmm19);
        code.vpunpckldq(zmm23, zmm20, zmm21);
        code.vpunpckhdq(zmm24, zmm18, zmm19);
        code.vpunpckhdq(zmm25, zmm20, zmm21);
        code.vpunpcklqdq(Zmm.At(to), zmm22, zmm23);
        code.vpunpckhqdq(Zmm.At(to + 1), zmm22, zmm23);
        code.vpunpcklqdq(Zmm.At(to + 2), zmm24, zmm25);
        code.vpunpckhqdq(Zmm.At(to + 3), zmm24, zmm25);
    }

    private static void Multiply(Assembler code, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            code.vpbroadcastd(Zmm.At(FirstCount + row), __dword_ptr[rax + Tail(rows, row, 1)]);
        }

        for (int step = 0; step < 8; step++)
        {
            for (int row = 0; row < rows; row++)
            {
                int quants = (PanelLayout.Group * row) + (4 * step);
                code.vpdpbusd(Zmm.At(FirstCount + row), Zmm.At(FirstWeights + step), __dword_bcst[rax + quants]);
            }
        }

        for (int row = 0; row < rows; row++)
        {
            AssemblerRegisterZMM count = Zmm.At(FirstCount + row);
            AssemblerRegisterZMM product = Zmm.At(FirstSpare + (row % 6));
            code.vmulps(product, zmm17, __dword_bcst[rax + Tail(rows, row, 0)]);
            code.vcvtdq2ps(count, count);
            code.vfmadd231ps(Zmm.At(row), count, product);
        }
    }

    /// <summary>Offset of one of the dwords that follow a group's quants.</summary>
    private static int Tail(int rows, int row, int which) => (PanelLayout.Group * rows) + (4 * rows * which) + (4 * row);

    private static AssemblerRegisterXMM Xmm(int index) => new(Register.XMM0 + index);

    private static AssemblerRegisterYMM Ymm(int index) => new(Register.YMM0 + index);
}
