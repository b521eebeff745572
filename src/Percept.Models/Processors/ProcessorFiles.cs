using System.Text.Json;
using Percept.Checkpoints;
using Percept.Text;

namespace Percept.Models;

/// <summary>What a model's processor is made of: the files of a checkpoint's folder.</summary>
/// <remarks>Used by one thread, while a processor is loaded.</remarks>
internal sealed class ProcessorFiles
{
    private LoadedTokenizer? _tokenizer;

    internal ProcessorFiles(string folder, JsonElement? overrides)
    {
        Folder = folder;
        Overrides = overrides;
        string file = Path.Combine(folder, "config.json");
        Config = File.Exists(file) ? ConfigReader.Read(file) : null;
        Settings = JsonSettings.Find(folder, "processor_config.json");
    }

    /// <summary>The folder.</summary>
    internal string Folder { get; }

    /// <summary>Settings of image and video processors that hold instead of the files'; null for none.</summary>
    internal JsonElement? Overrides { get; }

    /// <summary>The model's configuration; null where the folder has none.</summary>
    internal ConfigReader? Config { get; }

    /// <summary><c>processor_config.json</c>; null where the folder has none.</summary>
    internal JsonElement? Settings { get; }

    /// <summary>The model's type; null where the folder does not tell.</summary>
    internal string? ModelType => Config?.FindText("model_type");

    /// <summary>The class of the processor; null where the folder does not tell.</summary>
    internal string? ProcessorClass => FindText("processor_class");

    /// <summary>The tokenizer, read when first asked for.</summary>
    internal LoadedTokenizer Tokenizer => _tokenizer ??= TokenizerLoader.FromFolder(Folder);

    /// <summary>A setting of <c>processor_config.json</c>; null where it is not set.</summary>
    internal JsonElement? Find(string name) =>
        Settings is { } settings && settings.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>A text of <c>processor_config.json</c>, also one that stands as a token's <c>content</c>.</summary>
    internal string? FindText(string name) => Find(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object } token when token.TryGetProperty("content", out JsonElement content)
            && content.ValueKind == JsonValueKind.String => content.GetString(),
        null => null,
        { } other => throw new InvalidDataException(
            $"'{name}' in '{Path.Combine(Folder, "processor_config.json")}' is {other.GetRawText()}, expected a text."),
    };

    /// <summary>A whole number of <c>processor_config.json</c>; null where it is not set.</summary>
    internal int? FindInt(string name) => Find(name) switch
    {
        null => null,
        { } value when JsonSettings.TryInt(value, out int number) => number,
        { } other => throw new InvalidDataException(
            $"'{name}' in '{Path.Combine(Folder, "processor_config.json")}' is {other.GetRawText()}, expected a whole number."),
    };
}
