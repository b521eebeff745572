using System.Text;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Models;

namespace Percept.Inference;

/// <content>Reading of files and overrides.</content>
public sealed partial record GenerationSettings
{
    /// <summary>The file of settings in a model's folder.</summary>
    public const string FileName = "generation_config.json";

    /// <summary>
    /// The settings of a model's folder: <c>generation_config.json</c>, or, where that is missing, what
    /// <c>config.json</c> says of generation, as older checkpoints have it; else the defaults.
    /// </summary>
    /// <param name="folder">The model's folder, or its GGUF file, which tells the special tokens.</param>
    /// <exception cref="InvalidDataException">A file is broken or a value is of the wrong kind.</exception>
    /// <exception cref="NotSupportedException">A setting asks for something that is not supported.</exception>
    public static GenerationSettings Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        folder = AdapterFolder.BaseOf(folder);
        if (File.Exists(folder))
        {
            return OfGguf(folder);
        }

        string own = Path.Combine(folder, FileName);
        if (File.Exists(own))
        {
            return Read(Parse(own), own);
        }

        string model = Path.Combine(folder, "config.json");
        // Most of a model's configuration is not about generation: what is not read there is no news.
        return File.Exists(model)
            ? GenerationSettingsReader.Apply(new GenerationSettings(), OfModel(Parse(model)), model)
                with { Unread = new Dictionary<string, JsonElement>() }
            : new GenerationSettings();
    }

    /// <summary>Reads settings.</summary>
    /// <param name="values">A JSON object of settings by their reference names; null values count as not set.</param>
    /// <param name="source">Where they come from, for messages.</param>
    /// <exception cref="InvalidDataException">A value is of the wrong kind.</exception>
    /// <exception cref="NotSupportedException">A setting asks for something that is not supported.</exception>
    public static GenerationSettings Read(JsonElement values, string source = FileName) =>
        GenerationSettingsReader.Apply(new GenerationSettings(), values, source);

    /// <summary>These settings with others put over them.</summary>
    /// <param name="overrides">A JSON object of settings by their reference names; null puts the default back.</param>
    /// <param name="source">Where they come from, for messages.</param>
    /// <exception cref="InvalidDataException">A value is of the wrong kind.</exception>
    /// <exception cref="NotSupportedException">A setting asks for something that is not supported.</exception>
    public GenerationSettings With(JsonElement overrides, string source = "the given settings") =>
        GenerationSettingsReader.Apply(this, overrides, source);

    private static GenerationSettings OfGguf(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        int? Token(string name) => file.FindInteger($"tokenizer.ggml.{name}_token_id") is { } id and >= 0 and <= int.MaxValue
            ? (int)id
            : null;
        return new GenerationSettings
        {
            BosTokenId = Token("bos"),
            EosTokenIds = [.. new[] { Token("eos"), Token("eot"), Token("eom") }.OfType<int>().Distinct()],
            PadTokenId = Token("padding"),
        };
    }

    // The language model of a larger model has its settings one level down.
    private static JsonElement OfModel(JsonElement config) =>
        !config.TryGetProperty("eos_token_id", out _)
        && config.TryGetProperty("text_config", out JsonElement text) && text.ValueKind == JsonValueKind.Object
            ? text
            : config;

    private static JsonElement Parse(string path)
    {
        try
        {
            ReadOnlyMemory<byte> json = File.ReadAllBytes(path);
            json = json.Span.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json;
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is not JSON: {error.Message}", error);
        }
    }
}
