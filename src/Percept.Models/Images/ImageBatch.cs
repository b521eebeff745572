using Percept.Media;

namespace Percept.Models;

/// <summary>The pictures of one call.</summary>
internal sealed class ImageBatch
{
    private ImageBatch(IReadOnlyList<IReadOnlyList<Image>> samples, bool isNested)
    {
        Samples = samples;
        IsNested = isNested;
        Images = [.. samples.SelectMany(static sample => sample)];
        if (Images.Count == 0)
        {
            throw new ArgumentException("There is no picture to process.");
        }
    }

    /// <summary>Whether the caller gave a list for each sample.</summary>
    internal bool IsNested { get; }

    /// <summary>The pictures of each sample; one sample when the caller gave a plain list.</summary>
    internal IReadOnlyList<IReadOnlyList<Image>> Samples { get; }

    /// <summary>All pictures in a row.</summary>
    internal IReadOnlyList<Image> Images { get; }

    internal static ImageBatch Of(IReadOnlyList<Image> images) => new([images], isNested: false);

    internal static ImageBatch Of(IReadOnlyList<IReadOnlyList<Image>> samples) => new(samples, isNested: true);
}
