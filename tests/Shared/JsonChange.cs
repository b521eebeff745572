using System.Globalization;
using System.Text.Json.Nodes;

namespace Percept.TestSupport;

/// <summary>Changes one value of a JSON text, for tests that attack files.</summary>
internal static class JsonChange
{
    /// <summary>The text with another value at a path; put in as text, so that no JSON library judges it.</summary>
    internal static string At(string json, string[] path, string value)
    {
        const string Mark = "\u00a7here\u00a7";
        JsonNode root = JsonNode.Parse(json)!, at = root;
        foreach (string key in path[..^1])
        {
            at = at is JsonArray list ? list[int.Parse(key, CultureInfo.InvariantCulture)]! : at[key]!;
        }

        if (at is JsonArray array)
        {
            array[int.Parse(path[^1], CultureInfo.InvariantCulture)] = Mark;
        }
        else
        {
            at[path[^1]] = Mark;
        }

        return root.ToJsonString().Replace(JsonValue.Create(Mark).ToJsonString(), value, StringComparison.Ordinal);
    }
}
