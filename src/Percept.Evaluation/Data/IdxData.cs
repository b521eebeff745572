using System.Buffers.Binary;
using System.IO.Compression;
using System.Globalization;
using Percept.Data;
using Percept.Media;

namespace Percept.Evaluation;

/// <summary>
/// Labelled grey pictures in the files of MNIST: <c>…-images-idx3-ubyte</c> and <c>…-labels-idx1-ubyte</c>, packed (<c>.gz</c>) or not.
/// </summary>
public static class IdxData
{
    private const int ImagesMagic = 0x803;
    private const int LabelsMagic = 0x801;
    private const long MostBytes = 1L << 30;

    /// <summary>Reads a folder with one pair of files, or with several of which one is named.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">What stands before <c>-images-idx3-ubyte</c>, such as <c>t10k</c>; null where there is one pair only.</param>
    /// <param name="classes">Names of the labels 0, 1, …</param>
    /// <exception cref="FileNotFoundException">There are no such files.</exception>
    /// <exception cref="InvalidDataException">The files are damaged, do not fit each other, or have a label without name.</exception>
    public static EvaluationData Open(string folder, string? split, IReadOnlyList<string> classes)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(classes);
        string images = Find(folder, split);
        string labels = DataFiles.Require(
            images.Replace("-images-idx3-", "-labels-idx1-", StringComparison.Ordinal), "the labels of the pictures");
        byte[] pixels = Read(images), marks = Read(labels);
        int count = Header(pixels, images, ImagesMagic, 16);
        int rows = Number(pixels, 8), columns = Number(pixels, 12);
        Expect(images, rows is >= 1 and <= 4096 && columns is >= 1 and <= 4096, $"pictures of {columns}×{rows} pixels", "1 to 4096 each way");
        Expect(images, pixels.Length == 16 + ((long)count * rows * columns), $"{pixels.Length} bytes", $"16 + {count}×{rows}×{columns}");
        Expect(labels, Header(marks, labels, LabelsMagic, 8) == count && marks.Length == 8 + count, $"{marks.Length - 8} labels", $"{count}");
        string name = Path.GetFileName(images).Split("-images-idx3-")[0];
        var samples = new EvaluationSample[count];
        for (int i = 0; i < count; i++)
        {
            int label = marks[8 + i], at = 16 + (i * rows * columns);
            Expect(labels, label < classes.Count, $"label {label} at {i}", $"0 to {classes.Count - 1}");
            string id = i.ToString("d5", CultureInfo.InvariantCulture);
            samples[i] = new EvaluationSample
            {
                Id = id,
                Media = [MediaReference.Drawn($"{name}-{id}", () => Draw(pixels.AsSpan(at, rows * columns), columns, rows))],
                References = [classes[label]],
                Category = classes[label],
            };
        }

        return new EvaluationData($"{Path.GetFileName(Path.GetFullPath(folder))} {name}", EvaluationData.HashOfFiles(images, labels), samples);
    }

    private static Image Draw(ReadOnlySpan<byte> pixels, int columns, int rows) => Image.From(columns, rows, PixelFormat.Gray, pixels);

    private static string Find(string folder, string? split)
    {
        string[] found = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, (split ?? "*") + "-images-idx3-ubyte*").Order(StringComparer.Ordinal)]
            : throw new DirectoryNotFoundException($"There is no folder '{folder}'. Check the path.");
        return found.Length == 1
            ? found[0]
            : throw new FileNotFoundException(found.Length == 0
                ? $"'{folder}' has no file '{split ?? "…"}-images-idx3-ubyte' or '….gz'. Check the folder and the split."
                : $"'{folder}' has {found.Length} files of pictures; name one by its split: "
                    + string.Join(", ", found.Select(path => Path.GetFileName(path).Split("-images-idx3-")[0])) + ".");
    }

    private static byte[] Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            bytes.Write(buffer, 0, read);
            Expect(path, bytes.Length <= MostBytes, "more than 1 GiB", "less");
        }

        return bytes.ToArray();
    }

    private static int Header(byte[] bytes, string path, int magic, int length)
    {
        Expect(path, bytes.Length >= length, $"{bytes.Length} bytes", $"{length} at least");
        Expect(path, Number(bytes, 0) == magic, $"the first number 0x{Number(bytes, 0):x}", $"0x{magic:x}");
        return Number(bytes, 4) is >= 0 and var count ? count : throw new InvalidDataException($"'{path}' counts {Number(bytes, 4)} items.");
    }

    private static int Number(byte[] bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));

    private static void Expect(string path, bool holds, string found, string expected)
    {
        if (!holds)
        {
            throw new InvalidDataException($"'{path}' has {found}, expected {expected}; the file is damaged or of another kind.");
        }
    }
}
