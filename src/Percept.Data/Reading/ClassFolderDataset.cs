namespace Percept.Data;

/// <summary>A folder with one folder of pictures for each class; classes are numbered in the order of their names' bytes.</summary>
internal sealed class ClassFolderDataset : CheckedDataset
{
    private readonly string[] _labels;
    private readonly (string Path, int Label)[] _pictures;
    private readonly MediaPaths _paths;

    /// <param name="folder">The folder.</param>
    /// <param name="options">Whether links that lead out of it are followed, and where to.</param>
    internal ClassFolderDataset(string folder, DataReadOptions options)
    {
        string[] folders = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)];
        _labels = [.. folders.Select(one => Path.GetFileName(one))];
        _pictures = [.. folders.SelectMany((one, label) => DatasetReader.Pictures(one).Select(picture => (picture, label)))];
        _paths = new MediaPaths(folder, options.MediaRoot, options.AllowOutside);
    }

    public override int Count => _pictures.Length;

    public override SampleSource SourceOf(int index) => new(_pictures[index].Path, 0);

    public override DatasetSample? Read(int index, ProblemList problems)
    {
        (string path, int label) = _pictures[index];
        string name = _labels[label] + "/" + Path.GetFileName(path);
        problems.Id = name;
        if (_paths.Check(name, path) is { } found)
        {
            problems.Add(found.Kind, found.Message, found.NextStep);
            return null;
        }

        return CaptionSample.OfClass(MediaReference.File(DataPartKind.Image, path, name), _labels[label], label) with { Source = problems.Source };
    }
}
