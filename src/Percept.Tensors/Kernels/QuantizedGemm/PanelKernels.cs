using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>The panel kernels' choice, and their scalar twin in the order of operations that the emitted ones have.</summary>
internal static unsafe partial class PanelKernels
{
    /// <summary>Multiplies tiles by a slab of a panel.</summary>
    /// <param name="layout">The panel's form.</param>
    /// <param name="rows">Rows of each tile, 1 … 6.</param>
    /// <param name="arguments">Where everything is; pointers may be moved on.</param>
    internal static void Run(in PanelLayout layout, int rows, ref PanelArguments arguments)
    {
        if (PanelEmitter.Available)
        {
            PanelEmitter.Kernel(layout.Kind, rows)(Unsafe.AsPointer(ref arguments));
        }
        else
        {
            for (long tile = 0; tile < arguments.Tiles; tile++)
            {
                RunTile(layout, rows, ref arguments);
                arguments.Rows += arguments.TileBytes;
                arguments.Sums += rows * (arguments.SumBytes / sizeof(float));
            }
        }
    }

    /// <summary>Multiplies a tile by a slab of a panel.</summary>
    /// <param name="layout">The panel's form.</param>
    /// <param name="rows">Rows of the tile, 1 … 6.</param>
    /// <param name="arguments">Where everything is.</param>
    internal static void RunScalar(in PanelLayout layout, int rows, in PanelArguments arguments)
    {
        bool minimum = layout.HasMinimum;
        int parts = layout.Parts;
        int panelBytes = layout.GroupBytes;
        for (int row = 0; row < rows; row++)
        {
            float* sums = arguments.Sums + (arguments.SumBytes / sizeof(float) * row);
            if (arguments.Accumulate == 0)
            {
                new Span<float>(sums, PanelLayout.Columns).Clear();
            }

            byte* group = arguments.Rows;
            byte* panel = arguments.Panel;
            for (long g = 0; g < arguments.Groups; g++)
            {
                for (int part = 0; part < parts; part++)
                {
                    AddPart(group, rows, row, panel, part, parts, minimum, sums);
                }

                group += rows * QuantizedRows.GroupBytesPerRow;
                panel += panelBytes;
            }
        }
    }

    private static void RunTile(in PanelLayout layout, int rows, ref PanelArguments arguments)
    {
        if (Avx2.IsSupported && Fma.IsSupported)
        {
            RunAvx2(layout, rows, arguments);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            RunVector(layout, rows, ref arguments);
        }
        else
        {
            RunScalar(layout, rows, arguments);
        }
    }

    private static void AddPart(
        byte* group, int rows, int row, byte* panel, int part, int parts, bool minimum, float* sums)
    {
        sbyte* quants = (sbyte*)group + (PanelLayout.Group * row);
        float* tail = (float*)(group + (PanelLayout.Group * rows));
        float* scales = (float*)(panel + PanelLayout.QuantBytes) + (PanelLayout.Columns * part);
        float* minima = scales + (PanelLayout.Columns * parts);
        int length = PanelLayout.Group / parts;
        for (int column = 0; column < PanelLayout.Columns; column++)
        {
            int count = minimum ? 0 : ((int*)tail)[(rows * (1 + part)) + row];
            for (int k = part * length; k < (part + 1) * length; k++)
            {
                count += panel[(PanelLayout.ScaleBytes * (k / 4)) + (4 * column) + (k % 4)] * quants[k];
            }

            sums[column] += count * (scales[column] * tail[row]);
            if (minimum)
            {
                sums[column] += minima[column] * tail[(rows * (1 + part)) + row];
            }
        }
    }
}
