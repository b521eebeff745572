using System.Globalization;
using Percept.Media;

namespace Percept.Data;

/// <summary>Grey pictures with labels of the MNIST layout; a class is called by its number.</summary>
internal sealed class IdxDataset : CheckedDataset
{
    private readonly string _name;
    private readonly IdxFile _pictures;
    private readonly IdxFile _labels;

    private IdxDataset(string name, IdxFile pictures, IdxFile labels)
    {
        _name = name;
        _pictures = pictures;
        _labels = labels;
    }

    public override int Count => _pictures.Sizes[0];

    /// <summary>Opens the pictures' file, or the only one of a folder, with the labels beside it.</summary>
    internal static IdxDataset Open(string path)
    {
        if (Directory.Exists(path))
        {
            string[] found = [.. PictureFiles(path)];
            path = found.Length == 1 ? found[0] : throw new InvalidDataException(
                $"The folder '{path}' has {found.Length} files of pictures. Name one: "
                + $"{string.Join(", ", found.Select(file => Path.GetFileName(file)))}.");
        }

        string name = Path.GetFileName(path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string labels = name.Replace("images", "labels", StringComparison.Ordinal)
            .Replace("idx3", "idx1", StringComparison.Ordinal);
        string? beside = new[] { labels, labels + ".gz", labels.EndsWith(".gz", StringComparison.Ordinal) ? labels[..^3] : labels }
            .Select(one => Path.Combine(folder, one)).FirstOrDefault(one => labels != name && File.Exists(one));
        if (beside is null)
        {
            throw new FileNotFoundException($"There is no file of labels '{labels}' beside '{path}'. Put it there.", labels);
        }

        IdxFile pictures = IdxFile.Read(path, 3);
        IdxFile classes = IdxFile.Read(beside, 1);
        return pictures.Sizes[0] == classes.Sizes[0] && pictures.Sizes[1] > 0 && pictures.Sizes[2] > 0
            ? new IdxDataset(path, pictures, classes)
            : throw new InvalidDataException(
                $"'{path}' has {string.Join('×', pictures.Sizes)} pictures and '{beside}' {classes.Sizes[0]} labels. Use files that "
                + "belong together.");
    }

    /// <summary>The files of pictures in a folder.</summary>
    internal static IEnumerable<string> PictureFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*images*idx3*").Where(IdxFile.IsPictures).Order(StringComparer.Ordinal);

    public override SampleSource SourceOf(int index) => new(_name, index + 1);

    public override DatasetSample? Read(int index, ProblemList problems)
    {
        (int height, int width) = (_pictures.Sizes[1], _pictures.Sizes[2]);
        string name = Path.GetFileName(_name) + "#" + index.ToString(CultureInfo.InvariantCulture);
        problems.Id = name;
        MediaReference picture = MediaReference.Drawn(name, () => Image.From(
            width, height, PixelFormat.Gray, _pictures.Values.AsSpan(index * width * height, width * height)));
        int label = _labels.Values[index];
        return CaptionSample.OfClass(picture, label.ToString(CultureInfo.InvariantCulture), label) with { Source = problems.Source };
    }
}
