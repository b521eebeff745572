namespace Percept.Media;

/// <summary>The weight of a sample by its distance from the new pixel's middle, and how far weights reach.</summary>
/// <remarks>Source: Pillow 13, <c>src/libImaging/Resample.c</c>: the same operations in the same order, in double.</remarks>
internal static class FilterKernel
{
    internal static double Support(ResampleFilter filter) => filter switch
    {
        ResampleFilter.Box => 0.5,
        ResampleFilter.Bilinear or ResampleFilter.Hamming => 1,
        ResampleFilter.Bicubic => 2,
        ResampleFilter.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "The filter has no weights."),
    };

    internal static double Weight(ResampleFilter filter, double x) => filter switch
    {
        ResampleFilter.Box => x > -0.5 && x <= 0.5 ? 1 : 0,
        ResampleFilter.Bilinear => Math.Abs(x) < 1 ? 1 - Math.Abs(x) : 0,
        ResampleFilter.Hamming => Hamming(Math.Abs(x)),
        ResampleFilter.Bicubic => Bicubic(Math.Abs(x)),
        _ => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
    };

    private static double Hamming(double x)
    {
        if (x == 0)
        {
            return 1;
        }

        if (x >= 1)
        {
            return 0;
        }

        x *= Math.PI;

        // The constants are float32 in the reference.
        return Math.Sin(x) / x * (0.54f + (0.46f * Math.Cos(x)));
    }

    private static double Bicubic(double x)
    {
        const double A = -0.5;
        return x < 1 ? ((((A + 2) * x) - (A + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A
            : 0;
    }

    private static double Sinc(double x)
    {
        if (x == 0)
        {
            return 1;
        }

        x *= Math.PI;
        return Math.Sin(x) / x;
    }
}
