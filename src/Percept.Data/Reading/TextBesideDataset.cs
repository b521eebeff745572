namespace Percept.Data;

/// <summary>Pictures of a folder with their caption in a text file of the same name beside each.</summary>
internal sealed class TextBesideDataset : CheckedDataset
{
    private readonly string[] _pictures;
    private readonly MediaPaths _paths;

    /// <param name="folder">The folder.</param>
    /// <param name="options">Whether links that lead out of it are followed, and where to.</param>
    internal TextBesideDataset(string folder, DataReadOptions options)
    {
        _pictures = [.. DatasetReader.Pictures(folder)];
        _paths = new MediaPaths(folder, options.MediaRoot, options.AllowOutside);
    }

    public override int Count => _pictures.Length;

    public override SampleSource SourceOf(int index) => new(_pictures[index], 0);

    public override DatasetSample? Read(int index, ProblemList problems)
    {
        string picture = _pictures[index];
        problems.Id = Path.GetFileName(picture);
        string text = Path.ChangeExtension(picture, ".txt");
        if (!File.Exists(text))
        {
            problems.Add(
                DataProblemKind.EmptyAnswer, $"there is no caption '{Path.GetFileName(text)}' beside the picture",
                "Write one, or remove the picture");
            return null;
        }

        // What a caption's link leads to would be learnt word by word.
        if ((_paths.Check(problems.Id, picture) ?? _paths.Check(Path.GetFileName(text), text)) is { } found)
        {
            problems.Add(found.Kind, found.Message, found.NextStep);
            return null;
        }

        return CaptionSample.Of([MediaReference.File(DataPartKind.Image, picture, problems.Id)], File.ReadAllText(text).Trim()) with
        {
            Id = problems.Id,
            Source = problems.Source,
        };
    }
}
