namespace Percept.Media;

/// <summary>Resizing bytes as torch: its weights, its fixed-point precision, its order of passes.</summary>
internal static class TorchResizer
{
    internal static Image Resize(Image image, int width, int height, TorchResizeOptions options)
    {
        if (width == image.Width && height == image.Height)
        {
            return image.Clone();
        }

        Image result = Image.Uninitialized(width, height, image.Format);
        if (options.Interpolation is TorchInterpolation.Nearest or TorchInterpolation.NearestExact)
        {
            bool exact = options.Interpolation == TorchInterpolation.NearestExact;
            int[] columns = Places(image.Width, width, options.FactorX, exact);
            int[] rows = Places(image.Height, height, options.FactorY, exact);
            NearestPass.Pick(image, columns, rows, result);
            return result;
        }

        using AxisTaps? across = width == image.Width ? null : Weights(image.Width, width, options, options.FactorX);
        using AxisTaps? down = height == image.Height ? null : Weights(image.Height, height, options, options.FactorY);
        using FixedTaps? fixedAcross = across is null ? null : new FixedTaps(across, Precision(across));
        using FixedTaps? fixedDown = down is null ? null : new FixedTaps(down, Precision(down));
        Resizer.Bytes(
            image.Pixels, image.Width, image.Height, image.Format.Channels(), fixedAcross, fixedDown, false, result.Pixels);
        return result;
    }

    /// <summary>The pixel that each new one takes; coordinates are float32 in the reference.</summary>
    private static int[] Places(int size, int length, double? factor, bool exact)
    {
        float scale = factor is { } given ? (float)(1 / given) : (float)size / length;
        int[] places = new int[length];
        for (int i = 0; i < length; i++)
        {
            float place = exact ? (float)((i + 0.5) * scale) : i * scale;
            places[i] = Math.Min((int)place, size - 1);
        }

        return places;
    }

    private static AxisTaps Weights(int size, int length, TorchResizeOptions options, double? factor)
    {
        double scale = options.AlignCorners ? (length > 1 ? (size - 1.0) / (length - 1) : 0)
            : factor is { } given ? 1 / given
            : (double)size / length;
        bool cubic = options.Interpolation == TorchInterpolation.Bicubic;
        return options.Antialias
            ? Widened(size, length, scale, cubic)
            : Plain(size, length, scale, cubic, options.AlignCorners);
    }

    /// <summary>Weights of a filter that widens when the picture shrinks: those of Pillow, but all in double.</summary>
    private static AxisTaps Widened(int size, int length, double scale, bool cubic)
    {
        ResampleFilter filter = cubic ? ResampleFilter.Bicubic : ResampleFilter.Bilinear;
        double stretch = Math.Max(scale, 1);
        double support = FilterKernel.Support(filter) * stretch;
        int most = (int)Math.Min((Math.Ceiling(support) * 2) + 1, size);
        double inverse = scale >= 1 ? 1 / scale : 1;
        var taps = new AxisTaps(length, most);
        for (int i = 0; i < length; i++)
        {
            double center = scale * (i + 0.5);
            int first = Math.Max((int)(center - support + 0.5), 0);
            int count = Math.Clamp(Math.Min((int)(center + support + 0.5), size) - first, 0, most);
            taps.Fill(i, first, count, center, inverse, filter);
        }

        return taps;
    }

    /// <summary>Two or four weights; what falls outside is added to the pixel at the edge.</summary>
    private static AxisTaps Plain(int size, int length, double scale, bool cubic, bool alignCorners)
    {
        int points = cubic ? 4 : 2;
        var taps = new AxisTaps(length, Math.Min(points, size));
        for (int i = 0; i < length; i++)
        {
            double place = alignCorners ? scale * i : (scale * (i + 0.5)) - 0.5;
            place = cubic ? place : Math.Max(place, 0);
            int index = Math.Min((int)Math.Floor(place), size - 1);
            double part = Math.Clamp(place - index, 0, 1);
            int begin = index - (points / 2) + 1;
            int first = Math.Clamp(begin, 0, size - 1);
            int last = Math.Clamp(begin + points - 1, 0, size - 1);
            Span<double> weights = taps.Weights(i);
            weights.Clear();
            for (int j = 0; j < points; j++)
            {
                double distance = Math.Abs(j + 1 - (points / 2) - part);
                weights[Math.Clamp(begin + j, first, last) - first] += cubic ? SharpCubic(distance) : Math.Max(0, 1 - distance);
            }

            taps.First[i] = first;
            taps.Count[i] = last - first + 1;
        }

        return taps;
    }

    /// <summary>The cubic convolution with a = −0.75.</summary>
    private static double SharpCubic(double x)
    {
        const double A = -0.75;
        return x < 1 ? ((((A + 2) * x) - (A + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A
            : 0;
    }

    /// <summary>The fraction bits that the greatest weight leaves of 15, at most 22.</summary>
    private static int Precision(AxisTaps taps)
    {
        double most = 0;
        for (int i = 0; i < taps.Length; i++)
        {
            foreach (double weight in taps.Weights(i)[..taps.Count[i]])
            {
                most = Math.Max(most, weight);
            }
        }

        int bits = 0;
        while (bits < 22 && (int)(0.5 + (most * (1 << (bits + 1)))) < 1 << 15)
        {
            bits++;
        }

        return bits;
    }
}
