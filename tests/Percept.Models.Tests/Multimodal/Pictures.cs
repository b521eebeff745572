using Percept.Media;

namespace Percept.Models.Tests.Multimodal;

/// <summary>Pictures of random pixels.</summary>
internal static class Pictures
{
    internal static Image Random(Random random, int width, int height)
    {
        var image = new Image(width, height, PixelFormat.Rgb);
        random.NextBytes(image.Pixels);
        return image;
    }

    /// <summary>A side: mostly of the size of the tiny models' tiles, now and then a line or much more.</summary>
    internal static int Side(Random random) => random.Next(8) switch
    {
        0 => random.Next(1, 4),
        1 => random.Next(60, 160),
        _ => random.Next(4, 60),
    };

    internal static MediaContent Clip(Random random, int frames, int width, int height) =>
        MediaContent.Clip([.. Enumerable.Range(0, frames).Select(_ => Random(random, width, height))]);
}
