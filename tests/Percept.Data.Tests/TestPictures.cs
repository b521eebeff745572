using Percept.Media;

namespace Percept.Data.Tests;

/// <summary>Pictures for tests.</summary>
internal static class TestPictures
{
    /// <summary>A picture of soft random structure.</summary>
    internal static Image Draw(int width, int height, int seed)
    {
        var small = new Image(6, 5, PixelFormat.Rgb);
        new Random(seed).NextBytes(small.Pixels);
        return small.Resize(width, height, ResampleFilter.Bicubic);
    }

    /// <summary>Writes such a picture as PNG and gives its path.</summary>
    internal static string Write(string path, int seed, int width = 40, int height = 30)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, PngEncoder.Encode(Draw(width, height, seed)));
        return path;
    }
}
