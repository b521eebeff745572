using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>
/// Brings a slab of 32 rows of quantized weights, straight from GGUF's blocks, into the panel form of
/// <see cref="PanelLayout"/>. Rows past the matrix's end are given as its last row; their columns are not used.
/// </summary>
/// <remarks>
/// With 512-bit vectors sixteen rows are transposed at a time; otherwise each dword of a row goes through a general
/// register (four weights an operation), which is also the scalar twin.
/// </remarks>
internal static unsafe class PanelUnpack
{
    private const int Line = 64;

    /// <summary>Unpacks blocks [<paramref name="block"/>, block + count) of 32 rows.</summary>
    /// <param name="type">A type that has a panel form.</param>
    /// <param name="rows">32 rows.</param>
    /// <param name="block">The first block.</param>
    /// <param name="count">How many blocks.</param>
    /// <param name="panel">Room for the groups, 64-byte aligned.</param>
    /// <param name="ahead">Memory to prefetch meanwhile, spread evenly over the work.</param>
    /// <param name="aheadBytes">How much of it; 0 for none.</param>
    internal static void Run(
        DType type, byte** rows, int block, int count, byte* panel, byte* ahead = null, long aheadBytes = 0)
    {
        if (Avx512BW.IsSupported)
        {
            Run<RowLanes16>(type, rows, block, count, panel, ahead, aheadBytes);
        }
        else
        {
            Run<RowLane>(type, rows, block, count, panel, ahead, aheadBytes);
        }
    }

    /// <summary>The scalar twin of <see cref="Run(DType, byte**, int, int, byte*, byte*, long)"/>.</summary>
    internal static void RunScalar(DType type, byte** rows, int block, int count, byte* panel) =>
        Run<RowLane>(type, rows, block, count, panel, null, 0);

    private static void Run<T>(
        DType type, byte** rows, int block, int count, byte* panel, byte* ahead, long aheadBytes)
        where T : struct, IRowLanes<T>
    {
        switch (type)
        {
            case DType.Q4_0: Blocks<Q4_0Panel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.Q4_1: Blocks<Q4_1Panel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.Q5_0: Blocks<Q5_0Panel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.Q5_1: Blocks<Q5_1Panel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.Q8_0: Blocks<Q8_0Panel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.Q2_K: Blocks<Q2_KPanel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.Q3_K: Blocks<Q3_KPanel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.Q4_K: Blocks<Q4_KPanel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.Q5_K: Blocks<Q5_KPanel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.Q6_K: Blocks<Q6_KPanel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            case DType.IQ4_NL: Blocks<IQ4_NLPanel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
            default: Blocks<MXFP4Panel, T>(type, rows, block, count, panel, ahead, aheadBytes); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocks<TBlock, T>(
        DType type, byte** rows, int block, int count, byte* panel, byte* ahead, long aheadBytes)
        where TBlock : struct, IPanelBlock
        where T : struct, IRowLanes<T>
    {
        PanelLayout layout = PanelLayout.Of(type);
        nint groupBytes = layout.GroupBytes;
        nint blockBytes = layout.BlockBytes;
        nint offset = block * blockBytes;
        long share = aheadBytes / count;
        byte* aheadEnd = ahead;
        for (int i = 0; i < count; i++)
        {
            if (Sse.IsSupported)
            {
                for (aheadEnd += share; ahead < aheadEnd; ahead += Line)
                {
                    Sse.Prefetch1(ahead);
                }
            }

            for (int row = 0; row < PanelLayout.Columns; row += T.Rows)
            {
                TBlock.Unpack<T>(rows + row, offset, panel + (sizeof(float) * row), groupBytes);
            }

            offset += blockBytes;
            panel += groupBytes * layout.BlockGroups;
        }
    }
}
