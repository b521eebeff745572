using System.Runtime.InteropServices;
using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Emission;
using Percept.Tensors.Memory;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels.BF16;

/// <summary>
/// The emitted register tiles of the bfloat16 product: C[r, 0…31] = Σ over pairs of k of A[r, 2p]·B[2p] + A[r, 2p + 1]·B[2p + 1],
/// for r = 1 … <see cref="MaxRows"/> rows.
/// </summary>
/// <remarks>
/// <para>A: [k/32][rows][16 pairs], 64 bytes a row and block. B: [k/2][32 columns][2], 128 bytes a pair of k. Both are padded
/// with zeros to a multiple of 32 in k. A step of one pair loads two vectors of B, broadcasts a pair of each row, and adds into
/// 2·rows sums that stay in registers for the whole k; C and the bias are met once, at the end, under a mask of columns.</para>
/// <para>vdpbf16ps takes denormal inputs as zero, flushes denormal results to zero, rounds each of the two additions of
/// a pair to nearest even whatever the rounding mode, and raises no exception. Products are exact.</para>
/// </remarks>
internal sealed unsafe class BF16Micro
{
    /// <summary>The most rows of a tile: 2·12 sums, 2 vectors of B and broadcasts fill the 32 registers.</summary>
    internal const int MaxRows = 12;

    /// <summary>Columns of a tile.</summary>
    internal const int Columns = 32;

    /// <summary>k of a block of A: sixteen pairs, one cache line a row.</summary>
    internal const int BlockK = 32;

    private const int StepsPerRound = 4;
    private const int PairBytes = 4;
    private const int BRowBytes = Columns * PairBytes;
    private const int FirstB = 2 * MaxRows;
    private const int FirstBroadcast = FirstB + 2;
    private const int Broadcasts = 6;

    private readonly KernelCode _code;
    private readonly delegate* unmanaged<void*, void>[] _entries = new delegate* unmanaged<void*, void>[MaxRows + 1];

    private BF16Micro(KernelCode code)
    {
        _code = code;
        for (int rows = 1; rows <= MaxRows; rows++)
        {
            _entries[rows] = code.Entry(rows - 1);
        }
    }

    /// <summary>The process's tiles; null where the processor, a switch or the system forbids them.</summary>
    internal static BF16Micro? Shared { get; } = TryCreate(ExecutableSources.All);

    /// <summary>How the code's pages were got.</summary>
    internal ExecutableSources Source => _code.Source;

    /// <summary>Emits the tiles; null where the processor, a switch or the system forbids it.</summary>
    internal static BF16Micro? TryCreate(ExecutableSources sources)
    {
        if (!CpuFeatures.HasAvx512BF16)
        {
            return null;
        }

        var bodies = new KernelBody[MaxRows];
        for (int rows = 1; rows <= MaxRows; rows++)
        {
            int count = rows;
            bodies[rows - 1] = code => Emit(code, count);
        }

        return KernelCode.TryCreate(bodies, sources) is { } emitted ? new BF16Micro(emitted) : null;
    }

    /// <summary>Computes a tile of <paramref name="rows"/> rows.</summary>
    internal void Run(int rows, Arguments* arguments) => _entries[rows](arguments);

    private static void Emit(Assembler code, int rows)
    {
        code.mov(rsi, Argument(nameof(Arguments.A)));
        code.mov(rdx, Argument(nameof(Arguments.B)));
        code.mov(rcx, Argument(nameof(Arguments.Blocks)));
        code.mov(r8, Argument(nameof(Arguments.C)));
        code.mov(r9, Argument(nameof(Arguments.RowBytes)));
        code.mov(rax, r8);
        for (int r = 0; r < rows; r++)
        {
            code.prefetchw(__byte_ptr[rax]);
            code.prefetchw(__byte_ptr[rax + 64]);
            code.add(rax, r9);
        }

        for (int i = 0; i < 2 * rows; i++)
        {
            code.vpxord(Zmm.At(i), Zmm.At(i), Zmm.At(i));
        }

        EmitLoop(code, rows);
        EmitStore(code, rows);
    }

    /// <summary>The sum over k: a block of 16 pairs is four rounds of four steps.</summary>
    private static void EmitLoop(Assembler code, int rows)
    {
        Label block = code.CreateLabel();
        Label round = code.CreateLabel();
        code.Label(ref block);
        code.mov(eax, BlockK / 2 / StepsPerRound);
        code.Label(ref round);
        for (int step = 0; step < StepsPerRound; step++)
        {
            code.vmovups(Zmm.At(FirstB), __zmmword_ptr[rdx + (step * BRowBytes)]);
            code.vmovups(Zmm.At(FirstB + 1), __zmmword_ptr[rdx + (step * BRowBytes) + 64]);
            for (int r = 0; r < rows; r++)
            {
                AssemblerRegisterZMM pair = Zmm.At(FirstBroadcast + (r % Broadcasts));
                code.vpbroadcastd(pair, __dword_ptr[rsi + (r * 64) + (step * PairBytes)]);
                code.vdpbf16ps(Zmm.At(2 * r), pair, Zmm.At(FirstB));
                code.vdpbf16ps(Zmm.At((2 * r) + 1), pair, Zmm.At(FirstB + 1));
            }
        }

        code.add(rsi, StepsPerRound * PairBytes);
        code.add(rdx, StepsPerRound * BRowBytes);
        code.dec(eax);
        code.jnz(round);
        if (rows > 1)
        {
            code.add(rsi, (rows - 1) * 64);
        }

        code.dec(rcx);
        code.jnz(block);
    }

    /// <summary>Adds bias and beta·C, and stores under the column masks.</summary>
    private static void EmitStore(Assembler code, int rows)
    {
        Label noBias = code.CreateLabel();
        Label overwrite = code.CreateLabel();
        code.kmovd(k1, __dword_ptr[rdi + Offset(nameof(Arguments.Mask0))]);
        code.kmovd(k2, __dword_ptr[rdi + Offset(nameof(Arguments.Mask1))]);
        code.mov(rax, Argument(nameof(Arguments.Bias)));
        code.test(rax, rax);
        code.jz(noBias);
        code.vmovups(Zmm.At(FirstB).k1.z, __zmmword_ptr[rax]);
        code.vmovups(Zmm.At(FirstB + 1).k2.z, __zmmword_ptr[rax + 64]);
        for (int i = 0; i < 2 * rows; i++)
        {
            code.vaddps(Zmm.At(i), Zmm.At(i), Zmm.At(FirstB + (i & 1)));
        }

        code.Label(ref noBias);
        AssemblerRegisterZMM beta = Zmm.At(FirstBroadcast);
        code.cmp(__dword_ptr[rdi + Offset(nameof(Arguments.Beta))], 0);
        code.je(overwrite);
        code.vbroadcastss(beta, __dword_ptr[rdi + Offset(nameof(Arguments.Beta))]);
        code.mov(rax, r8);
        for (int r = 0; r < rows; r++)
        {
            code.vfmadd231ps(Zmm.At(2 * r).k1, beta, __zmmword_ptr[rax]);
            code.vfmadd231ps(Zmm.At((2 * r) + 1).k2, beta, __zmmword_ptr[rax + 64]);
            code.add(rax, r9);
        }

        code.Label(ref overwrite);
        for (int r = 0; r < rows; r++)
        {
            code.vmovups(__zmmword_ptr[r8].k1, Zmm.At(2 * r));
            code.vmovups(__zmmword_ptr[r8 + 64].k2, Zmm.At((2 * r) + 1));
            code.add(r8, r9);
        }
    }

    private static AssemblerMemoryOperand Argument(string field) => __qword_ptr[rdi + Offset(field)];

    private static int Offset(string field) => field switch
    {
        nameof(Arguments.A) => 0,
        nameof(Arguments.B) => 8,
        nameof(Arguments.C) => 16,
        nameof(Arguments.RowBytes) => 24,
        nameof(Arguments.Blocks) => 32,
        nameof(Arguments.Bias) => 40,
        nameof(Arguments.Beta) => 48,
        nameof(Arguments.Mask0) => 52,
        nameof(Arguments.Mask1) => 56,
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "No such argument."),
    };

    /// <summary>What a tile is told; the emitted code reads it by offset.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    internal struct Arguments
    {
        /// <summary>The packed rows.</summary>
        [FieldOffset(0)]
        internal byte* A;

        /// <summary>The packed columns.</summary>
        [FieldOffset(8)]
        internal byte* B;

        /// <summary>The tile's first element.</summary>
        [FieldOffset(16)]
        internal float* C;

        /// <summary>Bytes from one row of C to the next.</summary>
        [FieldOffset(24)]
        internal long RowBytes;

        /// <summary>Blocks of 32 in k; at least 1.</summary>
        [FieldOffset(32)]
        internal long Blocks;

        /// <summary>One value a column, or null.</summary>
        [FieldOffset(40)]
        internal float* Bias;

        /// <summary>Factor of the old C, which is not read when all bits of this are zero.</summary>
        [FieldOffset(48)]
        internal float Beta;

        /// <summary>Which of columns 0 … 15 exist.</summary>
        [FieldOffset(52)]
        internal uint Mask0;

        /// <summary>Which of columns 16 … 31 exist.</summary>
        [FieldOffset(56)]
        internal uint Mask1;
    }
}
