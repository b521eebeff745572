using System.Text.Json;

namespace Percept.Conformance;

/// <summary>A case: a folder with <c>case.json</c>, inputs and wanted outputs.</summary>
public sealed class GoldenCase
{
    private const int Format = 1;

    private GoldenCase(string folder, string id, string checkpoint, IReadOnlyList<GoldenRun> runs)
    {
        Folder = folder;
        Id = id;
        Checkpoint = checkpoint;
        Runs = runs;
    }

    /// <summary>The case's folder.</summary>
    public string Folder { get; }

    /// <summary>What the case calls itself.</summary>
    public string Id { get; }

    /// <summary>The folder of the checkpoint that its runs use, relative to the case's folder.</summary>
    public string Checkpoint { get; }

    /// <summary>Its runs in order.</summary>
    public IReadOnlyList<GoldenRun> Runs { get; }

    /// <summary>Reads <c>case.json</c> of a folder.</summary>
    /// <param name="folder">The case's folder.</param>
    /// <exception cref="InvalidDataException">The file is no case, or of another format.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GoldenCase Read(string folder)
    {
        string path = Path.Combine(folder, CaseFinder.FileName);
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            root = document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is not JSON: {error.Message}", error);
        }

        if (Field(path, root, "format", JsonValueKind.Number).GetDouble() != Format)
        {
            throw new InvalidDataException($"'{path}' has format {root.GetProperty("format")}, expected {Format}.");
        }

        string id = Field(path, root, "id", JsonValueKind.String).GetString()!;
        var runs = new List<GoldenRun>();
        foreach (JsonElement run in Field(path, root, "runs", JsonValueKind.Array).EnumerateArray())
        {
            runs.Add(ReadRun(path, run));
        }

        string checkpoint = root.TryGetProperty("checkpoint", out JsonElement at) && at.ValueKind == JsonValueKind.String
            ? at.GetString()!
            : "checkpoint";
        return new GoldenCase(folder, id, checkpoint, runs);
    }

    private static GoldenRun ReadRun(string path, JsonElement run)
    {
        string name = Field(path, run, "name", JsonValueKind.String).GetString()!;
        string verb = Field(path, run, "op", JsonValueKind.String).GetString()!;
        JsonElement args = Field(path, run, "args", JsonValueKind.Object);
        var inputs = new List<string>();
        if (run.TryGetProperty("inputs", out JsonElement names) && names.ValueKind != JsonValueKind.Null)
        {
            foreach (JsonElement input in Field(path, run, "inputs", JsonValueKind.Array).EnumerateArray())
            {
                inputs.Add(input.ValueKind == JsonValueKind.String
                    ? input.GetString()!
                    : throw new InvalidDataException(
                        $"'{path}': an input of run '{name}' is {input.GetRawText()}, expected a name."));
            }
        }

        var outputs = new List<KeyValuePair<string, Tolerance>>();
        foreach (JsonProperty output in Field(path, run, "outputs", JsonValueKind.Object).EnumerateObject())
        {
            outputs.Add(new(output.Name, ReadTolerance(path, name, output)));
        }

        return new GoldenRun(name, verb, args, inputs, outputs);
    }

    private static Tolerance ReadTolerance(string path, string run, JsonProperty output)
    {
        double? absolute = null;
        double? relative = null;
        bool exact = false;
        bool understood = output.Value.ValueKind == JsonValueKind.Object;
        if (understood)
        {
            foreach (JsonProperty part in output.Value.EnumerateObject())
            {
                switch (part.Name)
                {
                    case "exact" when part.Value.ValueKind == JsonValueKind.True:
                        exact = true;
                        break;
                    case "atol" when part.Value.ValueKind == JsonValueKind.Number:
                        absolute = part.Value.GetDouble();
                        break;
                    case "rtol" when part.Value.ValueKind == JsonValueKind.Number:
                        relative = part.Value.GetDouble();
                        break;
                    default:
                        understood = false;
                        break;
                }
            }
        }

        bool numbers = absolute is >= 0 && relative is >= 0 && double.IsFinite(absolute.Value)
            && double.IsFinite(relative.Value);
        if (!understood || exact == numbers)
        {
            throw new InvalidDataException(
                $"'{path}': output '{output.Name}' of run '{run}' has the tolerance {output.Value.GetRawText()}, " +
                "expected {\"exact\": true} or {\"atol\": number, \"rtol\": number}.");
        }

        return exact ? Tolerance.Exact : new Tolerance(absolute!.Value, relative!.Value);
    }

    private static JsonElement Field(string path, JsonElement owner, string name, JsonValueKind kind)
    {
        if (owner.ValueKind != JsonValueKind.Object
            || !owner.TryGetProperty(name, out JsonElement value)
            || value.ValueKind != kind)
        {
            throw new InvalidDataException($"'{path}' lacks '{name}' of kind {kind}.");
        }

        return value;
    }
}
