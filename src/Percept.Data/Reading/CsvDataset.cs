namespace Percept.Data;

/// <summary>A table with a column of pictures and one of captions.</summary>
internal sealed class CsvDataset : CheckedDataset
{
    private static readonly string[] s_pictureColumns = ["file_name", "image", "filename", "path"];
    private static readonly string[] s_captionColumns = ["text", "caption", "label"];

    private readonly string _path;
    private readonly List<(long Line, string[] Fields)> _rows;
    private readonly MediaPaths _media;
    private readonly int _picture;
    private readonly int _caption;
    private readonly int _columns;

    internal CsvDataset(string path, DataReadOptions options)
    {
        _path = path;
        List<(long Line, string[] Fields)> rows = CsvTable.Read(path);
        string[] head = rows.Count > 0 ? rows[0].Fields : [];
        _picture = Column(head, options.Columns.Images, s_pictureColumns);
        _caption = Column(head, options.Columns.Response, s_captionColumns);
        _columns = head.Length;
        _rows = rows[Math.Min(1, rows.Count)..];
        _media = new MediaPaths(Path.GetDirectoryName(Path.GetFullPath(path))!, options.MediaRoot, options.AllowOutside);
    }

    public override int Count => _rows.Count;

    public override SampleSource SourceOf(int index) => new(_path, _rows[index].Line);

    public override DatasetSample? Read(int index, ProblemList problems)
    {
        string[] fields = _rows[index].Fields;
        if (fields.Length != _columns)
        {
            problems.Add(
                DataProblemKind.Malformed, $"the row has {fields.Length} fields, the first row {_columns}",
                "Put texts with commas into quotation marks");
            return null;
        }

        string name = fields[_picture];
        problems.Id = name;
        string path = _media.Find(name, out (DataProblemKind Kind, string Message, string NextStep)? problem);
        if (problem is { } found)
        {
            problems.Add(found.Kind, found.Message, found.NextStep);
        }

        return CaptionSample.Of([MediaReference.File(DataPartKind.Image, path, name)], fields[_caption]) with { Id = name, Source = problems.Source };
    }

    private int Column(string[] head, string? wanted, string[] usual)
    {
        string[] names = wanted is null ? usual : [wanted];
        string? name = names.FirstOrDefault(one => head.Contains(one));
        return name is not null ? Array.IndexOf(head, name) : throw new InvalidDataException(
            $"'{_path}' has no column {string.Join(" or ", names)}; its first row is {string.Join(", ", head)}. Name the columns in "
            + "the first row.");
    }
}
