using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Emission;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels;

/// <summary>
/// Emitted panel kernels: 1 … 6 rows × 32 columns with 512-bit <c>vpdpbusd</c>.
/// <code>
/// sums[r][c] += Σ over groups: scaleW[c]·scaleA[r]·(init[r] + Σ over 32 of panel·quant)  (+ minimum[c]·second part of r)
/// </code>
/// </summary>
/// <remarks>
/// Register use: 2·rows float sums in zmm0…11 over the whole slab, 2·rows integer sums of one part in zmm12…23, two vectors
/// of quants or scales in zmm24, 25, and zmm26…31 in turn for broadcasts and products. The offset of the unsigned weights
/// costs nothing: the integer sums begin at −offset·Σ. Twelve chains of vpdpbusd cover its latency.
/// </remarks>
internal static unsafe class PanelEmitter
{
    /// <summary>Bytes that a kernel prefetches for each group of each tile.</summary>
    internal const int BytesAhead = 64 * LinesAhead;

    /// <summary>Most rows of a tile.</summary>
    internal const int MaxRows = 6;

    private const int LinesAhead = 5;
    private const int FirstCount = 12;
    private const int FirstPair = 24;
    private const int FirstSpare = 26;

    private static readonly KernelCode?[] s_code =
        [TryCreate(PanelKind.Scale32), TryCreate(PanelKind.Minimum32), TryCreate(PanelKind.Scale16), TryCreate(PanelKind.Minimum16)];

    /// <summary>Whether emitted kernels can be had.</summary>
    internal static bool Available => s_code[0] is not null;

    /// <summary>The kernel for a number of rows; only when <see cref="Available"/>.</summary>
    internal static delegate* unmanaged<void*, void> Kernel(PanelKind kind, int rows) => s_code[(int)kind]!.Entry(rows - 1);

    private static KernelCode? TryCreate(PanelKind kind)
    {
        if (!CpuFeatures.HasAvx512Vnni)
        {
            return null;
        }

        var bodies = new KernelBody[MaxRows];
        for (int rows = 1; rows <= MaxRows; rows++)
        {
            int count = rows;
            bodies[rows - 1] = code => Write(code, kind, count);
        }

        return KernelCode.TryCreate(bodies);
    }

    private static void Write(Assembler code, PanelKind kind, int rows)
    {
        bool minimum = kind is PanelKind.Minimum32 or PanelKind.Minimum16;
        int parts = kind is PanelKind.Scale16 or PanelKind.Minimum16 ? 2 : 1;
        int panelBytes = PanelLayout.QuantBytes + (parts * PanelLayout.ScaleBytes * (minimum ? 2 : 1));
        code.mov(rbp, __qword_ptr[rdi]);
        code.mov(rsi, __qword_ptr[rdi + 16]);
        code.mov(r8, __qword_ptr[rdi + 40]);
        code.mov(r9, __qword_ptr[rdi + 56]);
        code.mov(r11, __qword_ptr[rdi + 64]);
        code.mov(r12, __qword_ptr[rdi + 72]);
        Label tile = code.CreateLabel();
        code.Label(ref tile);
        code.mov(rax, rbp);
        code.mov(rdx, __qword_ptr[rdi + 8]);
        code.mov(rcx, __qword_ptr[rdi + 24]);
        code.lea(r10, __[r9 + (r9 * 2)]);
        code.add(r10, rsi);
        BeginSums(code, rows);

        Label loop = code.CreateLabel();
        code.Label(ref loop);
        for (int i = 0; i < LinesAhead; i++)
        {
            code.prefetcht1(__byte_ptr[r11 + (64 * i)]);
        }

        code.add(r11, r12);
        for (int part = 0; part < parts; part++)
        {
            BeginCounts(code, rows, part, minimum);
            int steps = 8 / parts;
            for (int step = part * steps; step < (part + 1) * steps; step++)
            {
                Multiply(code, rows, step);
            }

            Scale(code, rows, part, parts, minimum);
        }

        code.add(rax, rows * QuantizedRows.GroupBytesPerRow);
        code.add(rdx, panelBytes);
        code.dec(rcx);
        code.jnz(loop);
        for (int i = 0; i < 2 * rows; i++)
        {
            code.vmovups(Sums(i), Zmm.At(i));
        }

        code.imul(rax, r9, rows);
        code.add(rsi, rax);
        code.add(rbp, __qword_ptr[rdi + 48]);
        code.dec(r8);
        code.jnz(tile);
    }

    /// <summary>Where a half row of sums lies: r10 is three rows after rsi.</summary>
    private static AssemblerMemoryOperand Sums(int half)
    {
        AssemblerRegister64 from = half < 6 ? rsi : r10;
        int at = 64 * (half & 1);
        return (half / 2 % 3) switch
        {
            0 => __zmmword_ptr[from + at],
            1 => __zmmword_ptr[from + r9 + at],
            _ => __zmmword_ptr[from + (r9 * 2) + at],
        };
    }

    private static void BeginSums(Assembler code, int rows)
    {
        Label fresh = code.CreateLabel();
        for (int i = 0; i < 2 * rows; i++)
        {
            code.vpxord(Zmm.At(i), Zmm.At(i), Zmm.At(i));
            code.prefetchw(Sums(i));
        }

        code.cmp(__qword_ptr[rdi + 32], 0);
        code.je(fresh);
        for (int i = 0; i < 2 * rows; i++)
        {
            code.vmovups(Zmm.At(i), Sums(i));
        }

        code.Label(ref fresh);
        code.nop();
    }

    /// <summary>Integer sums of a part: −offset·Σ of the row's quants, or zero.</summary>
    private static void BeginCounts(Assembler code, int rows, int part, bool minimum)
    {
        for (int row = 0; row < rows; row++)
        {
            AssemblerRegisterZMM left = Zmm.At(FirstCount + (2 * row));
            AssemblerRegisterZMM right = Zmm.At(FirstCount + (2 * row) + 1);
            if (minimum)
            {
                code.vpxord(left, left, left);
                code.vpxord(right, right, right);
            }
            else
            {
                code.vpbroadcastd(left, __dword_ptr[rax + Tail(rows, row, 1 + part)]);
                code.vmovdqa32(right, left);
            }
        }
    }

    /// <summary>Four weights of each column times four quants of each row.</summary>
    private static void Multiply(Assembler code, int rows, int step)
    {
        code.vmovdqu32(Zmm.At(FirstPair), __zmmword_ptr[rdx + (128 * step)]);
        code.vmovdqu32(Zmm.At(FirstPair + 1), __zmmword_ptr[rdx + (128 * step) + 64]);
        for (int row = 0; row < rows; row++)
        {
            AssemblerRegisterZMM spread = Zmm.At(FirstSpare + row);
            code.vpbroadcastd(spread, __dword_ptr[rax + (PanelLayout.Group * row) + (4 * step)]);
            code.vpdpbusd(Zmm.At(FirstCount + (2 * row)), Zmm.At(FirstPair), spread);
            code.vpdpbusd(Zmm.At(FirstCount + (2 * row) + 1), Zmm.At(FirstPair + 1), spread);
        }
    }

    private static void Scale(Assembler code, int rows, int part, int parts, bool minimum)
    {
        int scales = PanelLayout.QuantBytes + (PanelLayout.ScaleBytes * part);
        code.vmovups(Zmm.At(FirstPair), __zmmword_ptr[rdx + scales]);
        code.vmovups(Zmm.At(FirstPair + 1), __zmmword_ptr[rdx + scales + 64]);
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < 2; i++)
            {
                AssemblerRegisterZMM count = Zmm.At(FirstCount + (2 * row) + i);
                AssemblerRegisterZMM product = Zmm.At(FirstSpare + (((2 * row) + i) % 6));
                code.vmulps(product, Zmm.At(FirstPair + i), __dword_bcst[rax + Tail(rows, row, 0)]);
                code.vcvtdq2ps(count, count);
                code.vfmadd231ps(Zmm.At((2 * row) + i), count, product);
            }
        }

        if (!minimum)
        {
            return;
        }

        int minima = scales + (PanelLayout.ScaleBytes * parts);
        code.vmovups(Zmm.At(FirstPair), __zmmword_ptr[rdx + minima]);
        code.vmovups(Zmm.At(FirstPair + 1), __zmmword_ptr[rdx + minima + 64]);
        for (int row = 0; row < rows; row++)
        {
            code.vfmadd231ps(Zmm.At(2 * row), Zmm.At(FirstPair), __dword_bcst[rax + Tail(rows, row, 1 + part)]);
            code.vfmadd231ps(Zmm.At((2 * row) + 1), Zmm.At(FirstPair + 1), __dword_bcst[rax + Tail(rows, row, 1 + part)]);
        }
    }

    /// <summary>Offset of one of the three dwords that follow a group's quants.</summary>
    private static int Tail(int rows, int row, int which) => (PanelLayout.Group * rows) + (4 * rows * which) + (4 * row);
}
