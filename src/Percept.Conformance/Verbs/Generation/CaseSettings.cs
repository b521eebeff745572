using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Inference;

namespace Percept.Conformance;

/// <summary>The generation settings of a run: those of its checkpoint, with its arguments over them.</summary>
internal static class CaseSettings
{
    /// <summary>Reads them; every argument that is no setting must be among those named.</summary>
    /// <param name="context">The run.</param>
    /// <param name="others">Arguments that are no settings.</param>
    internal static GenerationSettings Read(RunContext context, params ReadOnlySpan<string> others)
    {
        var given = new JsonObject();
        foreach (JsonProperty argument in context.Run.Args.EnumerateObject())
        {
            if (!others.Contains(argument.Name))
            {
                given[argument.Name] = JsonNode.Parse(argument.Value.GetRawText());
                context.Args.Skip(argument.Name);
            }
        }

        GenerationSettings own = GenerationSettings.Load(context.PathOf("checkpoint"));
        using JsonDocument overrides = JsonDocument.Parse(given.ToJsonString());
        GenerationSettings settings = own.With(overrides.RootElement, "The case");
        string? unknown = settings.Unread.Keys.FirstOrDefault(name => !own.Unread.ContainsKey(name));
        return unknown is null
            ? settings
            : throw new InvalidDataException($"The argument '{unknown}' is not understood.");
    }
}
