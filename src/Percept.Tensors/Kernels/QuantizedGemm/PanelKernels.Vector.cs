using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>The panel kernel in 128-bit vectors of any machine: the same integer sums as the emitted ones have.</summary>
internal static unsafe partial class PanelKernels
{
    /// <summary>Multiplies a tile by a slab of a panel with 128-bit vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void RunVector(in PanelLayout layout, int rows, ref PanelArguments arguments)
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
                for (int column = 0; column < PanelLayout.Columns; column += PanelVector128.Columns)
                {
                    int row = 0;
                    for (; row + 3 <= rows; row += 3)
                    {
                        AddThree(layout, group, rows, row, panel, part, column, arguments.Sums, stride);
                    }

                    for (; row < rows; row++)
                    {
                        AddOne(layout, group, rows, row, panel, part, column, arguments.Sums, stride);
                    }
                }
            }

            group += rows * QuantizedRows.GroupBytesPerRow;
            panel += panelBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddThree(
        in PanelLayout layout, byte* group, int rows, int row, byte* panel, int part, int column, float* sums,
        long stride)
    {
        int steps = 8 / layout.Parts;
        int* quants = (int*)(group + (PanelLayout.Group * row)) + (part * steps);
        byte* weights = panel + (PanelLayout.ScaleBytes * steps * part) + (4 * column);
        PanelVector128 sum0 = Begin(layout, group, rows, row, part);
        PanelVector128 sum1 = Begin(layout, group, rows, row + 1, part);
        PanelVector128 sum2 = Begin(layout, group, rows, row + 2, part);
        for (int step = 0; step < steps; step++)
        {
            sum0 = PanelVector128.Dot(sum0, weights, quants[step]);
            sum1 = PanelVector128.Dot(sum1, weights, quants[step + 8]);
            sum2 = PanelVector128.Dot(sum2, weights, quants[step + 16]);
            weights += PanelLayout.ScaleBytes;
        }

        End(layout, group, rows, row, panel, part, column, sums, stride, sum0);
        End(layout, group, rows, row + 1, panel, part, column, sums, stride, sum1);
        End(layout, group, rows, row + 2, panel, part, column, sums, stride, sum2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddOne(
        in PanelLayout layout, byte* group, int rows, int row, byte* panel, int part, int column, float* sums,
        long stride)
    {
        int steps = 8 / layout.Parts;
        int* quants = (int*)(group + (PanelLayout.Group * row)) + (part * steps);
        byte* weights = panel + (PanelLayout.ScaleBytes * steps * part) + (4 * column);
        PanelVector128 sum = Begin(layout, group, rows, row, part);
        for (int step = 0; step < steps; step++)
        {
            sum = PanelVector128.Dot(sum, weights, quants[step]);
            weights += PanelLayout.ScaleBytes;
        }

        End(layout, group, rows, row, panel, part, column, sums, stride, sum);
    }

    /// <summary>−offset·Σ of the row's quants, or zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PanelVector128 Begin(in PanelLayout layout, byte* group, int rows, int row, int part) =>
        PanelVector128.Splat(layout.HasMinimum ? 0 : ((int*)(group + (PanelLayout.Group * rows)))[(rows * (1 + part)) + row]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void End(
        in PanelLayout layout, byte* group, int rows, int row, byte* panel, int part, int column, float* sums,
        long stride, PanelVector128 count)
    {
        float* tail = (float*)(group + (PanelLayout.Group * rows));
        float* scales = (float*)(panel + PanelLayout.QuantBytes) + (PanelLayout.Columns * part) + column;
        float* destination = sums + (stride * row) + column;
        PanelVector128.AddScaled(destination, count, scales, tail[row]);
        if (layout.HasMinimum)
        {
            float* minima = scales + (PanelLayout.Columns * layout.Parts);
            float sum = tail[(rows * (1 + part)) + row];
            for (int i = 0; i < PanelVector128.Columns; i += 4)
            {
                Vector128<float> value = Vector128.Load(destination + i);
                (value + (Vector128.Load(minima + i) * Vector128.Create(sum))).Store(destination + i);
            }
        }
    }
}
