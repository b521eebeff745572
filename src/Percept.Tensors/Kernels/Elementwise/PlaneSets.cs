namespace Percept.Tensors.Kernels;

/// <summary>Which planes of [batch, channels, plane] share their statistics.</summary>
internal readonly unsafe struct PlaneSets
{
    private PlaneSets(long batch, long channels, long planeSize, long groups, bool overBatch)
    {
        Batch = batch;
        Channels = channels;
        PlaneSize = planeSize;
        Groups = groups;
        OverBatch = overBatch;
    }

    internal long Batch { get; }

    internal long Channels { get; }

    /// <summary>Elements of a plane.</summary>
    internal long PlaneSize { get; }

    internal long PlaneCount => Batch * Channels * PlaneSize;

    /// <summary>The number of sets.</summary>
    internal int Count => checked((int)(OverBatch ? Channels : Batch * Groups));

    internal long PlanesInSet => OverBatch ? Batch : Channels / Groups;

    private long Groups { get; }

    private bool OverBatch { get; }

    /// <summary>Group norm: the planes of one group of channels in one image.</summary>
    internal static PlaneSets OfGroups(long batch, long channels, long planeSize, long groups) =>
        new(batch, channels, planeSize, groups, false);

    /// <summary>Batch norm: one channel's planes of all images.</summary>
    internal static PlaneSets OfChannels(long batch, long channels, long planeSize) =>
        new(batch, channels, planeSize, 1, true);

    /// <summary>Where the k-th plane of a set starts, and its channel.</summary>
    internal long Plane(long set, long k, out long channel)
    {
        long image = OverBatch ? k : set / Groups;
        channel = OverBatch ? set : (set % Groups * (Channels / Groups)) + k;
        return ((image * Channels) + channel) * PlaneSize;
    }

    /// <summary>Mean and biased variance of a set, in two passes.</summary>
    internal (float Mean, double Variance) Moments(int set, float* x)
    {
        double count = (double)PlanesInSet * PlaneSize;
        double sum = 0;
        for (long k = 0; k < PlanesInSet; k++)
        {
            sum += ReductionKernels.SumRange(x + Plane(set, k, out _), PlaneSize);
        }

        double mean = sum / count;
        double squares = 0;
        for (long k = 0; k < PlanesInSet; k++)
        {
            squares += ReductionKernels.SquaresAroundRange(x + Plane(set, k, out _), (float)mean, PlaneSize);
        }

        // The squares were taken around the mean as a float; what it leaves out comes off again.
        double rest = mean - (float)mean;
        return ((float)mean, Math.Max(0, (squares / count) - (rest * rest)));
    }
}
