namespace Percept.Data;

/// <summary>Pictures of a folder with their caption in a text file of the same name beside each.</summary>
internal sealed class TextBesideDataset : CheckedDataset
{
    private readonly string[] _pictures;

    internal TextBesideDataset(string folder) => _pictures = [.. DatasetReader.Pictures(folder)];

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

        return CaptionSample.Of([MediaReference.File(DataPartKind.Image, picture, problems.Id)], File.ReadAllText(text).Trim()) with
        {
            Id = problems.Id,
            Source = problems.Source,
        };
    }
}
