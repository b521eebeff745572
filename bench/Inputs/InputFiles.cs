using Percept.Media;

namespace Percept.Bench.Inputs;

/// <summary>Finds what is measured on: photos, tokenizers, templates; makes pictures where there are none.</summary>
internal sealed class InputFiles : IDisposable
{
    /// <summary>Sizes of photos as people send them, from thumbnails to 5 megapixels.</summary>
    private static readonly (int Width, int Height)[] s_sizes =
    [
        (160, 120), (320, 213), (332, 332), (360, 480), (450, 600), (480, 360), (512, 512), (600, 450), (640, 426), (640, 480),
        (660, 480), (800, 600), (1024, 768), (1280, 960), (1600, 1200), (2592, 1944),
    ];

    private readonly string _scratch = Directory.CreateTempSubdirectory("percept-bench-").FullName;

    internal InputFiles(string? data)
    {
        Data = data ?? FindUp("shared/data");
        string? photos = Data is null ? null : Path.Combine(Data, "photos");
        Photos = photos is not null && Directory.Exists(photos) ? Readable(photos) : Generate();
        Pngs = [MakePng()];
    }

    /// <summary>The folder of public data; null when there is none.</summary>
    internal string? Data { get; }

    /// <summary>JPEG files.</summary>
    internal IReadOnlyList<string> Photos { get; }

    /// <summary>PNG files of 1024×768 RGB.</summary>
    internal IReadOnlyList<string> Pngs { get; }

    /// <summary>About 0.35 MB of technical text: this repository's own pages and sources.</summary>
    internal static string ReadText()
    {
        string root = Path.GetDirectoryName(FindUp("Percept.slnx") ?? throw new DirectoryNotFoundException(
            "No folder above the benchmark has Percept.slnx."))!;
        string[] files =
        [
            .. Directory.GetFiles(Path.Combine(root, "docs"), "*.md").Order(StringComparer.Ordinal),
            .. Directory.GetFiles(Path.Combine(root, "src", "Percept.Tensors", "Ops"), "*.cs").Order(StringComparer.Ordinal),
        ];
        string text = string.Join('\n', files.Select(File.ReadAllText));
        return text[..Math.Min(text.Length, 350_000)];
    }

    /// <summary>A file of the data folder; null when it is not there.</summary>
    internal string? Find(string relative)
    {
        string? path = Data is null ? null : Path.Combine(Data, relative);
        return File.Exists(path) ? path : null;
    }

    public void Dispose() => Directory.Delete(_scratch, recursive: true);

    private static string? FindUp(string relative)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, relative);
            if (Directory.Exists(path) || File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    private static string[] Readable(string folder)
    {
        var readable = new List<string>();
        foreach (string file in Directory.GetFiles(folder, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            try
            {
                ImageDecoder.Decode(File.ReadAllBytes(file));
                readable.Add(file);
            }
            catch (Exception refusal) when (refusal is NotSupportedException or InvalidDataException)
            {
                Console.Error.WriteLine($"Left out: {Path.GetFileName(file)}: {refusal.Message}");
            }
        }

        return [.. readable];
    }

    private string[] Generate()
    {
        var files = new List<string>();
        foreach ((int width, int height) in s_sizes)
        {
            string file = Path.Combine(_scratch, FormattableString.Invariant($"{width}x{height}.jpg"));
            File.WriteAllBytes(file, JpegEncoder.Encode(Picture(width, height)));
            files.Add(file);
        }

        return [.. files];
    }

    private string MakePng()
    {
        Image photo = Photos.Select(file => ImageDecoder.Decode(File.ReadAllBytes(file))).MaxBy(image => image.Width * image.Height)!;
        string file = Path.Combine(_scratch, "1024x768.png");
        File.WriteAllBytes(file, PngEncoder.Encode(photo.Convert(PixelFormat.Rgb).Resize(1024, 768, ResampleFilter.Bicubic)));
        return file;
    }

    /// <summary>A picture with soft slopes, edges and grain, so that its coefficients are those of a photo.</summary>
    private static Image Picture(int width, int height)
    {
        var random = new Random(width * height);
        var image = new Image(width, height, PixelFormat.Rgb);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = image.Row(y);
            for (int x = 0; x < width; x++)
            {
                double slope = 110 + (60 * Math.Sin(x * 0.013) * Math.Cos(y * 0.017));
                double edge = ((x / 37) + (y / 53)) % 3 == 0 ? 45 : 0;
                double grain = (random.NextDouble() * 14) - 7;
                for (int c = 0; c < 3; c++)
                {
                    row[(3 * x) + c] = (byte)Math.Clamp(slope + (edge * (c + 1) / 3) + grain, 0, 255);
                }
            }
        }

        return image;
    }
}
