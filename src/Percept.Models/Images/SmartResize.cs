namespace Percept.Models;

/// <summary>
/// The sizes of families whose patches keep the picture's aspect ratio: sides are multiples of a factor, the number of
/// pixels lies between two bounds.
/// </summary>
internal static class SmartResize
{
    private const double MostExtremeRatio = 200;

    /// <summary>The size of what is not resized: sides that are multiples of a factor already.</summary>
    /// <param name="height">Its rows.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="what">What it is, in messages: <c>A picture</c>.</param>
    /// <exception cref="ArgumentException">A side is no multiple.</exception>
    internal static ImageSize AsItIs(int height, int width, int factor, string what) =>
        height % factor == 0 && width % factor == 0
            ? new(height, width)
            : throw new ArgumentException(
                $"{what} of {height}×{width} has sides that are no multiples of {factor}, and 'do_resize' is off.");

    /// <summary>A size that holds the least and the greatest number of pixels.</summary>
    /// <exception cref="InvalidDataException">One of them is missing.</exception>
    internal static SizeSetting CheckBounds(SizeSetting bounds) => bounds is { ShortestEdge: > 0, LongestEdge: > 0 }
        ? bounds
        : throw new InvalidDataException(
            $"'size' is {bounds}, expected shortest_edge and longest_edge, the least and the greatest number of pixels.");

    /// <summary>The rule of Qwen2-VL and its successors for pictures.</summary>
    /// <exception cref="ArgumentException">The aspect ratio is over 200.</exception>
    internal static ImageSize OfQwen(int height, int width, int factor, long minPixels, long maxPixels)
    {
        SizeRules.CheckSource(height, width);
        CheckRatio(height, width, height, width);

        // No lower bound here: a side may come to 0, and the growing branch then decides.
        return Bounded(1, 1, height, width, factor, minPixels, maxPixels);
    }

    /// <summary>The rule of Qwen3-VL for clips: frames count as pixels, narrow pictures are enlarged first.</summary>
    /// <exception cref="ArgumentException">The aspect ratio is over 200.</exception>
    internal static ImageSize OfQwen3Video(
        int frames, int height, int width, int temporalFactor, int factor, long minPixels, long maxPixels)
    {
        SizeRules.CheckSource(height, width);
        (int h, int w) = Enlarged(height, width, factor);
        CheckRatio(h, w, height, width);
        int counted = SizeRules.Round((double)frames / temporalFactor) * temporalFactor;
        return Bounded(counted, frames, h, w, factor, minPixels, maxPixels);
    }

    /// <summary>The rule of GLM-4V: that of clips, for pictures too.</summary>
    /// <exception cref="ArgumentException">Too few frames, or the aspect ratio is over 200.</exception>
    internal static ImageSize OfGlm(
        int frames, int height, int width, int temporalFactor, int factor, long minPixels, long maxPixels) =>
        frames < temporalFactor
            ? throw new ArgumentException($"A clip has {frames} frames, at least {temporalFactor} are needed.")
            : OfQwen3Video(frames, height, width, temporalFactor, factor, minPixels, maxPixels);

    /// <summary>The size at which no side is under the factor.</summary>
    private static (int Height, int Width) Enlarged(int height, int width, int factor)
    {
        if (height >= factor && width >= factor)
        {
            return (height, width);
        }

        double scale = Math.Max((double)factor / height, (double)factor / width);
        return (SizeRules.Truncate(height * scale), SizeRules.Truncate(width * scale));
    }

    private static void CheckRatio(int height, int width, int sourceHeight, int sourceWidth)
    {
        double ratio = (double)Math.Max(height, width) / Math.Min(height, width);
        if (ratio > MostExtremeRatio)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"A picture of {sourceHeight}×{sourceWidth} has an aspect ratio of {ratio:g4}, at most {MostExtremeRatio} is taken; ") +
                "crop or pad it first.");
        }
    }

    private static ImageSize Bounded(
        int countedFrames, int frames, int height, int width, int factor, long minPixels, long maxPixels)
    {
        long h = (long)SizeRules.Round((double)height / factor) * factor;
        long w = (long)SizeRules.Round((double)width / factor) * factor;
        double pixels = (double)frames * height * width;
        if (countedFrames * h * w > maxPixels)
        {
            double beta = Math.Sqrt(pixels / maxPixels);
            h = Math.Max(factor, (long)SizeRules.Floor(height / beta / factor) * factor);
            w = Math.Max(factor, (long)SizeRules.Floor(width / beta / factor) * factor);
        }
        else if (countedFrames * h * w < minPixels)
        {
            double beta = Math.Sqrt(minPixels / pixels);
            h = (long)SizeRules.Ceiling(height * beta / factor) * factor;
            w = (long)SizeRules.Ceiling(width * beta / factor) * factor;
        }

        return SizeRules.Check(new(checked((int)h), checked((int)w)), height, width, $"multiples of {factor}");
    }
}
