using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>Dialogues in the classic conversation formats → prompts.</summary>
internal static class LlavaPromptVerb
{
    internal static void Run(RunContext context) =>
        context.JudgeAll("text", context.JsonLines(context.Args.Text("cases")).Select(Judge));

    private static string? Judge(JsonElement line)
    {
        ConversationStyle style = Style(line);
        (string, string?)[] turns =
        [
            .. line.GetProperty("messages").EnumerateArray().Select(turn => (turn[0].GetString()!, turn[1].GetString())),
        ];
        string? wanted = line.TryGetProperty("text", out JsonElement text) ? text.GetString() : null;
        bool mustFail = line.TryGetProperty("error_type", out _);
        string name = $"{line.GetProperty("template")}";
        try
        {
            string got = style.Render(turns);
            return mustFail ? $"{name}: wanted an error, got '{got}'"
                : got == wanted ? null
                : $"{name}: wanted '{wanted}', got '{got}'";
        }
        catch (ArgumentException error)
        {
            return mustFail ? null : $"{name}: {error.Message}";
        }
    }

    /// <summary>A style as JSON describes it: <c>sep_style</c>, <c>system</c>, <c>roles</c>, <c>sep</c>, <c>sep2</c>.</summary>
    internal static ConversationStyle Style(JsonElement fields)
    {
        string? Text(string name) => fields.GetProperty(name).GetString();
        JsonElement roles = fields.GetProperty("roles");
        return new ConversationStyle
        {
            Separators = Text("sep_style") switch
            {
                "SINGLE" => ConversationSeparators.Single,
                "TWO" => ConversationSeparators.Two,
                "MPT" => ConversationSeparators.Mpt,
                "LLAMA_2" => ConversationSeparators.Llama2,
                "PLAIN" => ConversationSeparators.Plain,
                string other => throw new InvalidDataException($"The separator style '{other}' is not understood."),
                null => throw new InvalidDataException("The separator style is missing."),
            },
            System = Text("system") ?? "",
            Roles = (roles[0].GetString()!, roles[1].GetString()!),
            Separator = Text("sep") ?? "",
            SecondSeparator = Text("sep2"),
        };
    }
}
