using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>The panel kernels in intrinsics, of any vector width: the same integer sums as the emitted ones have.</summary>
internal static unsafe partial class PanelKernels
{
    /// <summary>Multiplies a tile by a slab of a panel with vectors of one width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void RunVector<T>(in PanelLayout layout, int rows, ref PanelArguments arguments)
        where T : struct, IPanelVector<T>
    {
        long stride = arguments.SumBytes / sizeof(float);
        if (arguments.Accumulate == 0)
        {
            for (int row = 0; row < rows; row++)
            {
                new Span<float>(arguments.Sums + (stride * row), PanelLayout.Columns).Clear();
            }
        }

        int parts = layout.Parts;
        int panelBytes = layout.GroupBytes;
        byte* group = arguments.Rows;
        byte* panel = arguments.Panel;
        for (long g = 0; g < arguments.Groups; g++)
        {
            for (int part = 0; part < parts; part++)
            {
                for (int column = 0; column < PanelLayout.Columns; column += T.Columns)
                {
                    int row = 0;
                    for (; row + 3 <= rows; row += 3)
                    {
                        AddThree<T>(layout, group, rows, row, panel, part, column, arguments.Sums, stride);
                    }

                    for (; row < rows; row++)
                    {
                        AddOne<T>(layout, group, rows, row, panel, part, column, arguments.Sums, stride);
                    }
                }
            }

            group += rows * QuantizedRows.GroupBytesPerRow;
            panel += panelBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddThree<T>(
        in PanelLayout layout, byte* group, int rows, int row, byte* panel, int part, int column, float* sums,
        long stride)
        where T : struct, IPanelVector<T>
    {
        bool wide = layout.Offset > 100;
        int steps = 8 / layout.Parts;
        int* quants = (int*)(group + (PanelLayout.Group * row)) + (part * steps);
        byte* weights = panel + (PanelLayout.ScaleBytes * steps * part) + (4 * column);
        T sum0 = Begin<T>(layout, group, rows, row, part);
        T sum1 = Begin<T>(layout, group, rows, row + 1, part);
        T sum2 = Begin<T>(layout, group, rows, row + 2, part);
        for (int step = 0; step < steps; step++)
        {
            sum0 = T.Dot(sum0, weights, quants[step], wide);
            sum1 = T.Dot(sum1, weights, quants[step + 8], wide);
            sum2 = T.Dot(sum2, weights, quants[step + 16], wide);
            weights += PanelLayout.ScaleBytes;
        }

        End(layout, group, rows, row, panel, part, column, sums, stride, sum0);
        End(layout, group, rows, row + 1, panel, part, column, sums, stride, sum1);
        End(layout, group, rows, row + 2, panel, part, column, sums, stride, sum2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddOne<T>(
        in PanelLayout layout, byte* group, int rows, int row, byte* panel, int part, int column, float* sums,
        long stride)
        where T : struct, IPanelVector<T>
    {
        bool wide = layout.Offset > 100;
        int steps = 8 / layout.Parts;
        int* quants = (int*)(group + (PanelLayout.Group * row)) + (part * steps);
        byte* weights = panel + (PanelLayout.ScaleBytes * steps * part) + (4 * column);
        T sum = Begin<T>(layout, group, rows, row, part);
        for (int step = 0; step < steps; step++)
        {
            sum = T.Dot(sum, weights, quants[step], wide);
            weights += PanelLayout.ScaleBytes;
        }

        End(layout, group, rows, row, panel, part, column, sums, stride, sum);
    }

    /// <summary>−offset·Σ of the row's quants, or zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Begin<T>(in PanelLayout layout, byte* group, int rows, int row, int part)
        where T : struct, IPanelVector<T> =>
        T.Splat(layout.HasMinimum ? 0 : ((int*)(group + (PanelLayout.Group * rows)))[(rows * (1 + part)) + row]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void End<T>(
        in PanelLayout layout, byte* group, int rows, int row, byte* panel, int part, int column, float* sums,
        long stride, T count)
        where T : struct, IPanelVector<T>
    {
        float* tail = (float*)(group + (PanelLayout.Group * rows));
        float* scales = (float*)(panel + PanelLayout.QuantBytes) + (PanelLayout.Columns * part) + column;
        float* destination = sums + (stride * row) + column;
        T.AddScaled(destination, count, scales, tail[row]);
        if (layout.HasMinimum)
        {
            float* minima = scales + (PanelLayout.Columns * layout.Parts);
            float sum = tail[(rows * (1 + part)) + row];
            for (int i = 0; i < T.Columns; i += 4)
            {
                Vector128<float> value = Vector128.Load(destination + i);
                (value + (Vector128.Load(minima + i) * Vector128.Create(sum))).Store(destination + i);
            }
        }
    }
}
