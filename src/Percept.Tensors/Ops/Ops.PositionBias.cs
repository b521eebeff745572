namespace Percept.Tensors;

/// <content>Position terms of attention scores that are no rotation.</content>
public static partial class Ops
{
    /// <summary>The slope of each head for ALiBi (Press et al., 2022), also for head counts that are no power of two.</summary>
    /// <param name="heads">How many heads.</param>
    /// <returns>Float32 [heads].</returns>
    public static Tensor AlibiSlopes(int heads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        Tensor result = Result([heads]);
        Span<float> slopes = result.Writable<float>();
        int power = 1 << (int)Math.Log2(heads);
        for (int h = 0; h < heads; h++)
        {
            // Heads beyond the power of two take every other slope of the series with twice as many.
            double exponent = h < power ? 8.0 * (h + 1) / power : 8.0 * ((2 * (h - power)) + 1) / (2.0 * power);
            slopes[h] = (float)Math.Pow(2, -exponent);
        }

        return result;
    }

    /// <summary>T5's bucket of each relative position: exact up to half the buckets, then by logarithm.</summary>
    /// <param name="relativePositions">Key position less query position, I32 or I64 of any shape.</param>
    /// <param name="bidirectional">Whether keys after the query have buckets of their own.</param>
    /// <param name="buckets">How many buckets there are; at least 2, or 4 when bidirectional.</param>
    /// <param name="maximumDistance">From this distance on all share the last bucket.</param>
    /// <returns>I64 of the same shape.</returns>
    public static unsafe Tensor RelativeBuckets(
        Tensor relativePositions, bool bidirectional, int buckets = 32, int maximumDistance = 128)
    {
        RequireIndices(relativePositions, nameof(relativePositions));
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, bidirectional ? 4 : 2);
        int half = bidirectional ? buckets / 2 : buckets;
        int exact = half / 2;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maximumDistance, exact);
        Tensor result = Result(relativePositions.Shape, DType.I64);
        Span<long> target = result.Writable<long>();
        byte* source = relativePositions.Pointer;
        bool wide = relativePositions.DType == DType.I64;
        float logarithm = (float)Math.Log((double)maximumDistance / exact);
        for (int i = 0; i < target.Length; i++)
        {
            long position = Kernels.IndexKernels.At(source, wide, i);
            long distance = bidirectional ? Math.Abs(position) : Math.Max(-position, 0);
            long bucket = bidirectional && position > 0 ? half : 0;

            // In float32 as the reference does it: at bucket limits a rounding decides.
            target[i] = bucket + (distance < exact
                ? distance
                : Math.Min(exact + (long)(MathF.Log((float)distance / exact) / logarithm * (half - exact)), half - 1));
        }

        return result;
    }
}
