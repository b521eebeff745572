using System.Text.Json;

namespace Percept.Checkpoints;

/// <summary>
/// Reads an index of shards: <c>{"metadata": {…}, "weight_map": {"tensor": "file"}}</c>, which stands beside the files it
/// names.
/// </summary>
/// <remarks>Nothing in it can name a file outside its folder.</remarks>
internal sealed class ShardIndex
{
    private const long MaxBytes = 256L << 20;
    private const int MaxDepth = 16;
    private const int MaxFileName = 255;

    private readonly string _path;

    private ShardIndex(string path)
    {
        _path = path;
    }

    /// <summary>Of each tensor, the name of its file.</summary>
    internal Dictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>The plain values under <c>metadata</c>, as texts.</summary>
    internal Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads an index.</summary>
    /// <exception cref="InvalidDataException">It is damaged or hostile.</exception>
    internal static ShardIndex Read(string path)
    {
        long length = new FileInfo(path).Length;
        return length <= MaxBytes
            ? Parse(File.ReadAllBytes(path), path)
            : throw new InvalidDataException(
                $"'{path}' is not a valid index of shards: it has {length} bytes, expected at most {MaxBytes}. " +
                "Download it again.");
    }

    /// <summary>Reads an index that lies in memory.</summary>
    internal static ShardIndex Parse(ReadOnlySpan<byte> json, string path)
    {
        var index = new ShardIndex(path);
        try
        {
            index.Parse(json.StartsWith("\uFEFF"u8) ? json[3..] : json);
        }
        catch (JsonException error)
        {
            throw index.Invalid(
                $"it is no JSON object of at most {MaxDepth} levels (line {error.LineNumber + 1})", error);
        }
        catch (InvalidOperationException error)
        {
            // What the reader throws for a text that is not valid UTF-8 or has half a surrogate pair.
            throw index.Invalid("it has a text that is not valid Unicode", error);
        }

        return index;
    }

    /// <summary>An error of this index.</summary>
    internal InvalidDataException Invalid(string problem, Exception? inner = null) =>
        new($"'{_path}' is not a valid index of shards: {problem}. Download or export the checkpoint again.", inner);

    private void Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw Invalid("it is no JSON object");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (!seen.Add(key))
            {
                throw Invalid($"the key '{key}' stands there twice");
            }

            reader.Read();
            switch (key)
            {
                case "weight_map":
                    ParseMap(ref reader);
                    break;
                case "metadata":
                    ParseMetadata(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        // Only blanks may follow the object; anything else makes the reader throw.
        while (reader.Read())
        {
        }

        if (Files.Count == 0)
        {
            throw Invalid("it has no 'weight_map', or an empty one");
        }
    }

    private void ParseMap(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Invalid("'weight_map' is no object");
        }

        // A map of many tensors has few files; one text each is enough.
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string tensor = reader.GetString()!;
            reader.Read();
            string? file = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            if (!IsPlainName(file))
            {
                throw Invalid(
                    $"'weight_map' gives tensor '{tensor}' the file '{file}', expected the name of a file in the same folder");
            }

            if (!names.TryGetValue(file!, out string? name))
            {
                names.Add(file!, name = file!);
            }

            if (!Files.TryAdd(tensor, name))
            {
                throw Invalid($"tensor '{tensor}' stands in 'weight_map' twice");
            }
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.String:
                    Metadata[key] = reader.GetString()!;
                    break;
                case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                    Metadata[key] = System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    /// <summary>Whether a text is the bare name of a file: no path, no drive, no stream, no control character.</summary>
    private static bool IsPlainName(string? name) =>
        name is { Length: > 0 and <= MaxFileName }
        && name is not "." and not ".."
        && name.AsSpan().IndexOfAny("/\\:") < 0
        && !name.Any(char.IsControl);
}
