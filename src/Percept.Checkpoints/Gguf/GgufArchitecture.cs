using System.Text.Json.Nodes;

namespace Percept.Checkpoints;

/// <summary>Tells the configuration of a GGUF model in the words of the hub's <c>config.json</c>.</summary>
/// <remarks>
/// So that models need one way of reading a configuration. Three settings are Percept's own, as the file's weights differ from the hub's:
/// <c>percept_rope_interleaved</c> (rows of q and k are permuted so that neighbouring channels turn together),
/// <c>percept_norm_whole</c> (norms hold the whole factor, not the factor less one), <c>percept_rope_divisors</c> (divisors of
/// the rotary frequencies, which stand in the file as a tensor).
/// </remarks>
public static class GgufArchitecture
{
    /// <summary>The architecture of vision towers.</summary>
    public const string Tower = "clip";

    /// <summary>The values of <c>general.architecture</c> that can be told.</summary>
    public static IReadOnlyList<string> Known { get; } = ["llama", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi3", Tower];

    /// <summary>The configuration of a language model, or of a vision tower with its projector.</summary>
    /// <param name="file">A file that holds the whole model.</param>
    /// <inheritdoc cref="Read(GgufSource)"/>
    public static JsonObject Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Read(new GgufModel([file]));
    }

    /// <summary>The configuration of a language model, or of a vision tower with its projector.</summary>
    /// <param name="source">The model, in one file or several.</param>
    /// <returns>
    /// For a language model what stands in its <c>config.json</c> (<c>model_type</c>, <c>hidden_size</c>, …); for a tower the
    /// same of an image-text model without <c>text_config</c>: <c>vision_config</c>, <c>vision_feature_layer</c> and the
    /// projector's settings.
    /// </returns>
    /// <exception cref="InvalidDataException">A setting is missing or can't be meant.</exception>
    /// <exception cref="NotSupportedException">The architecture, or a setting of it, is not among those that can be
    /// told.</exception>
    public static JsonObject Read(GgufSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Read(new GgufModel(source.Files));
    }

    /// <summary>The settings of the image processor of a tower, as in <c>preprocessor_config.json</c>.</summary>
    /// <param name="file">The tower.</param>
    /// <exception cref="InvalidDataException">A setting is missing or can't be meant.</exception>
    /// <exception cref="NotSupportedException">The file is no tower of a known kind.</exception>
    public static JsonObject ReadImageProcessor(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var model = new GgufModel([file]);
        return model.Architecture == Tower ? GgufTowerConfig.ReadProcessor(model) : throw Unknown(model, [Tower]);
    }

    /// <summary>The token that stands for a picture in a language model's vocabulary; null when it has none.</summary>
    /// <param name="file">The language model.</param>
    /// <exception cref="InvalidDataException">The vocabulary is broken.</exception>
    public static int? FindImageToken(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        int found = Array.IndexOf(file.FindTexts("tokenizer.ggml.tokens") ?? [], "<image>");
        return found < 0 ? null : found;
    }

    /// <summary>The value of <c>general.architecture</c>.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    internal static string Of(GgufFile file) => file.FindText("general.architecture") ?? throw new InvalidDataException(
        $"'{file.Path}' has no 'general.architecture', so it does not say what its tensors are. Convert the model again.");

    internal static NotSupportedException Unknown(GgufModel model, IReadOnlyList<string> known) => new(
        $"'{model.File.Path}' holds a model of the architecture '{HubPath.Printable(model.Architecture)}'; known are {string.Join(", ", known)}. " +
        "Use the model's safetensors files instead.");

    private static JsonObject Read(GgufModel model) => model.Architecture switch
    {
        Tower => GgufTowerConfig.Read(model),
        string known when Known.Contains(known) => GgufDecoderConfig.Read(model),
        _ => throw Unknown(model, Known),
    };
}
