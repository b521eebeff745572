using System.Text.Json;

namespace Percept.Data;

/// <summary>The records of a JSON file.</summary>
internal sealed class RecordDataset : CheckedDataset, IDisposable
{
    private readonly RecordIndex _index;
    private readonly RecordReader _reader;
    private readonly string _name;

    internal RecordDataset(string path, DataReadOptions options)
    {
        _index = RecordIndex.Open(path);
        _name = path;
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        _reader = new RecordReader(options.Columns, new MediaPaths(folder, options.MediaRoot, options.AllowOutside));
    }

    public override int Count => _index.Count;

    public void Dispose() => _index.Dispose();

    public override SampleSource SourceOf(int index) => new(_name, _index.Line(index));

    public override DatasetSample? Read(int index, ProblemList problems)
    {
        byte[] bytes = _index.Read(index);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return _reader.Read(document.RootElement, problems);
        }
        catch (JsonException error)
        {
            problems.Add(
                DataProblemKind.Malformed,
                FormattableString.Invariant(
                    $"the record is no JSON at its line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}"),
                "Write the record anew");
            return null;
        }
    }
}
