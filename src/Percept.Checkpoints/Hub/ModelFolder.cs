using System.Text.Json;

namespace Percept.Checkpoints;

/// <summary>What a folder holds, as far as its files tell without being loaded.</summary>
/// <param name="ModelType"><c>model_type</c> of its configuration, or the architecture of its GGUF model; null when it says
/// nothing.</param>
/// <param name="Formats">The formats of its weights: <c>safetensors</c>, <c>pytorch</c>, <c>gguf</c>, <c>adapter</c>; with
/// <c>mmproj</c> where a vision tower stands beside a GGUF model.</param>
public sealed record ModelFolder(string? ModelType, IReadOnlyList<string> Formats)
{
    private const int MaxConfig = 16 << 20;

    /// <summary>Type and formats in a line.</summary>
    public override string ToString() =>
        $"{ModelType ?? "unknown"} ({(Formats.Count == 0 ? "no weights" : string.Join(", ", Formats))})";

    /// <summary>Looks at a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static ModelFolder Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string[] names = [.. Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
        var formats = new List<string>();
        void Add(string format, Func<string, bool> isOne)
        {
            if (names.Any(isOne))
            {
                formats.Add(format);
            }
        }

        Add("adapter", name => name == "adapter_config.json");
        Add("safetensors", name => name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase));
        Add("pytorch", name => Path.GetExtension(name).ToLowerInvariant() is ".bin" or ".pt" or ".pth");
        string? architecture = null;
        foreach (string name in names.Where(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && GgufSplit.Number(name) is null or 1))
        {
            string? found = Architecture(Path.Combine(folder, name));
            architecture = found is null or "clip" ? architecture : found;
            string format = found == "clip" ? "mmproj" : "gguf";
            if (!formats.Contains(format))
            {
                formats.Add(format);
            }
        }

        return new ModelFolder(TypeOf(Path.Combine(folder, "config.json")) ?? architecture, formats);
    }

    private static string? Architecture(string path)
    {
        try
        {
            using GgufFile file = GgufFile.Open(path);
            return file.FindText("general.architecture");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            // What is wrong with a file is said when it is opened.
            return null;
        }
    }

    private static string? TypeOf(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MaxConfig)
            {
                return null;
            }

            using JsonDocument config = JsonDocument.Parse(stream);
            return config.RootElement.ValueKind == JsonValueKind.Object
                && config.RootElement.TryGetProperty("model_type", out JsonElement type) && type.ValueKind == JsonValueKind.String
                    ? HubPath.Printable(type.GetString()!)
                    : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
