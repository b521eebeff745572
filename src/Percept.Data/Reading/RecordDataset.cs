using System.Text.Json;

namespace Percept.Data;

/// <summary>The records of a JSON file.</summary>
internal sealed class RecordDataset : CheckedDataset, IDisposable
{
    private readonly RecordIndex _index;
    private readonly RecordReader _reader;
    private readonly string _name;

    /// <param name="path">The file.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="pictureKey">The key of pictures where the columns name none, as the file's layout has it; null for the usual ones.</param>
    internal RecordDataset(string path, DataReadOptions options, string? pictureKey = null)
    {
        _index = RecordIndex.Open(path);
        _name = path;
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        _reader = new RecordReader(options.Columns, new MediaPaths(folder, options.MediaRoot, options.AllowOutside), pictureKey);
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
        catch (InvalidOperationException error)
        {
            // Half of a surrogate pair, or bytes that are no UTF-8: the parser lets them pass, reading the text does not.
            problems.Add(
                DataProblemKind.Malformed, $"a text of the record is no Unicode: {error.Message.TrimEnd('.')}", "Write the record anew in UTF-8");
            return null;
        }
    }
}
