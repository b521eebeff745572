using Percept.Tensors.Kernels.Convolution;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels.Spatial;

/// <summary>Windows laid out as columns, [B, C·taps, positions], and the sum of columns back into pictures.</summary>
/// <remarks>
/// An item is one channel of one picture; a column's rows are read or added tap by tap, so sums have one order.
/// </remarks>
internal static unsafe class UnfoldKernels
{
    /// <summary>columns = windows of the pictures; overwritten.</summary>
    internal static void Unfold(in ConvGeometry g, float* pictures, float* columns)
    {
        Job job = new(g, pictures, columns, false);
        WorkerPool.Shared.Run(ref job, checked(g.Batch * g.InChannels));
    }

    /// <summary>pictures = sums of the columns at their places; overwritten.</summary>
    internal static void Fold(in ConvGeometry g, float* columns, float* pictures)
    {
        Job job = new(g, pictures, columns, true);
        WorkerPool.Shared.Run(ref job, checked(g.Batch * g.InChannels));
    }

    private readonly struct Job(ConvGeometry g, float* pictures, float* columns, bool fold) : IParallelJob
    {
        public void Run(int index)
        {
            float* channel = pictures + (index * g.InPlane);
            float* rows = columns + ((long)index * g.Taps * g.OutPlane);
            if (fold)
            {
                System.Runtime.InteropServices.NativeMemory.Clear(channel, (nuint)(g.InPlane * sizeof(float)));
            }

            int count = checked((int)g.OutPlane);
            for (int tap = 0; tap < g.Taps && count > 0; tap++, rows += count)
            {
                if (fold)
                {
                    ConvPack.AddLine(g, channel, tap, 0, count, rows);
                }
                else
                {
                    ConvPack.Line(g, channel, tap, 0, count, rows);
                }
            }
        }
    }
}
