using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Inference;

namespace Percept.Conformance;

/// <summary>Reads generation settings: those of the checkpoint, and the run's over them.</summary>
internal static class GenerationArguments
{
    /// <summary>Arguments that are no settings.</summary>
    private static readonly HashSet<string> s_others = new(StringComparer.Ordinal) { "file", "returns", "expected_processors" };

    internal static GenerationSettings Settings(RunContext context)
    {
        string path = context.CheckpointPath();
        GenerationSettings own = GenerationSettings.Load(path);
        var given = new JsonObject();
        foreach (JsonProperty argument in context.Run.Args.EnumerateObject())
        {
            if (!s_others.Contains(argument.Name))
            {
                given[argument.Name] = JsonNode.Parse(argument.Value.GetRawText());
                context.Args.Skip(argument.Name);
            }
        }

        using JsonDocument document = JsonDocument.Parse(given.ToJsonString());
        GenerationSettings settings = own.With(document.RootElement.Clone(), "the run's arguments");
        foreach (string name in settings.Unread.Keys)
        {
            if (given.ContainsKey(name))
            {
                throw new InvalidDataException($"The argument '{name}' is not understood.");
            }
        }

        return settings;
    }
}
