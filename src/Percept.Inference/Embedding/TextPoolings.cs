using System.Text.Json;

namespace Percept.Inference;

/// <summary>Reads what sentence-transformers writes beside an encoder: how its states become one vector.</summary>
/// <param name="Pooling">Which vector; null where the folder does not say.</param>
/// <param name="Normalizes">Whether the vector is brought to length 1.</param>
internal sealed record TextPoolings(TextPooling? Pooling, bool Normalizes)
{
    private const string PoolingFile = "1_Pooling/config.json";
    private const string ModulesFile = "modules.json";

    private static readonly string[] s_modules = ["Transformer", "Pooling", "Normalize"];

    /// <summary>Reads a folder.</summary>
    /// <exception cref="InvalidDataException">A file is no JSON.</exception>
    /// <exception cref="NotSupportedException">The pooling is of a kind that Percept does not have.</exception>
    internal static TextPoolings Read(string folder)
    {
        string file = Path.Combine(folder, PoolingFile);
        string[] modes = Find(file) is { ValueKind: JsonValueKind.Object } settings
            ? [.. settings.EnumerateObject().Where(IsMode).Select(mode => mode.Name["pooling_mode_".Length..])]
            : [];
        TextPooling? pooling = modes switch
        {
            [] => null,
            ["mean_tokens"] => TextPooling.Mean,
            ["cls_token"] => TextPooling.First,
            _ => throw new NotSupportedException(
                $"'{file}' pools by {string.Join(" and ", modes)}; supported are mean_tokens and cls_token alone. Choose the pooling yourself."),
        };
        string list = Path.Combine(folder, ModulesFile);
        string[] modules = Find(list) is { ValueKind: JsonValueKind.Array } found
            ? [.. found.EnumerateArray().Select(module => module.ValueKind == JsonValueKind.Object
                && module.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
                    ? type.GetString()!.Split('.')[^1]
                    : "a module without a type")]
            : [];
        return modules.FirstOrDefault(module => !s_modules.Contains(module)) is { } other
            ? throw new NotSupportedException(
                $"'{list}' has the module '{other}' behind the encoder, which is not supported; supported are {string.Join(", ", s_modules)}. " +
                "Vectors without it would be others than the model's.")
            : new TextPoolings(pooling, modules.Contains("Normalize"));
    }

    private static bool IsMode(JsonProperty setting) =>
        setting.Name.StartsWith("pooling_mode_", StringComparison.Ordinal) && setting.Value.ValueKind == JsonValueKind.True;

    private static JsonElement? Find(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{file}' is no JSON: {error.Message} Download it again.", error);
        }
    }
}
