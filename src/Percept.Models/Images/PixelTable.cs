using Percept.Media;

namespace Percept.Models;

/// <summary>
/// What each of the 256 values of a sample becomes in each of the three channels: rescaled and normalised. A table gives
/// the reference's arithmetic exactly, in whatever order and width that has it, at one load a sample.
/// </summary>
internal sealed class PixelTable
{
    internal const int Values = 256;

    private readonly float[] _values = new float[3 * Values];

    private PixelTable(bool isRaw) => IsRaw = isRaw;

    private PixelTable(Func<int, int, float> value)
    {
        for (int channel = 0; channel < 3; channel++)
        {
            for (int sample = 0; sample < Values; sample++)
            {
                _values[(channel * Values) + sample] = value(channel, sample);
            }
        }
    }

    /// <summary>Whether samples stay as they are: the reference then returns bytes.</summary>
    internal bool IsRaw { get; }

    internal ReadOnlySpan<float> Red => _values.AsSpan(0, Values);

    internal ReadOnlySpan<float> Green => _values.AsSpan(Values, Values);

    internal ReadOnlySpan<float> Blue => _values.AsSpan(2 * Values, Values);

    internal ReadOnlySpan<float> Channel(int channel) => _values.AsSpan(channel * Values, Values);

    /// <summary>The order of numpy code: rescaled in float64, then rounded, then normalised in float32.</summary>
    internal static PixelTable OfNumpy(ImageSteps steps) => Of(steps, NormalizeOrder.Pil);

    /// <summary>The order of torchvision's processors: the factor is taken into mean and deviation, all in float32.</summary>
    internal static PixelTable OfTorch(ImageSteps steps) => Of(steps, NormalizeOrder.Fused);

    /// <summary>Rescaling and normalising with every result rounded to bfloat16.</summary>
    internal static PixelTable OfBrainFloat(ImageSteps steps)
    {
        float[] mean = Floats(steps.Mean);
        float[] deviation = Floats(steps.Deviation);
        float scale = (float)steps.RescaleFactor;
        return !steps.Rescale || !steps.Normalize
            ? OfTorch(steps)
            : new((channel, sample) =>
            {
                float value = Rounded(sample * scale) - Rounded(mean[channel]);
                return Rounded(Rounded(value) / Rounded(deviation[channel]));
            });
    }

    /// <summary>torchvision's conversion to a tensor, divided by 255 in float32, then normalised.</summary>
    internal static PixelTable OfTensorTransform(double[] mean, double[] deviation)
    {
        float[] means = Floats(mean);
        float[] deviations = Floats(deviation);
        return new((channel, sample) => ((sample / 255f) - means[channel]) / deviations[channel]);
    }

    /// <summary>One affine rule for all channels, in float32: (sample − mean) ÷ deviation.</summary>
    internal static PixelTable OfPicture(float mean, float deviation) =>
        new((_, sample) => (sample - mean) / deviation);

    /// <summary>What the media library makes of a ramp of all samples.</summary>
    private static PixelTable Of(ImageSteps steps, NormalizeOrder order)
    {
        double[] mean = steps.Normalize ? steps.Mean : ImageMeans.Zero;
        double[] deviation = steps.Normalize ? steps.Deviation : ImageMeans.One;
        var ramp = new Image(Values, 1, PixelFormat.Rgb);
        for (int i = 0; i < ramp.Pixels.Length; i++)
        {
            ramp.Pixels[i] = (byte)(i / 3);
        }

        var table = new PixelTable(isRaw: !steps.Rescale && !steps.Normalize);
        new PixelNormalizer(steps.Rescale ? steps.RescaleFactor : 1, mean, deviation, order).Apply(ramp, table._values);
        return table;
    }

    private static float[] Floats(double[] values) => [.. values.Select(value => (float)value)];

    /// <summary>Rounds to bfloat16, ties to even.</summary>
    private static float Rounded(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        bits += 0x7FFF + ((bits >> 16) & 1);
        return BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000);
    }
}
