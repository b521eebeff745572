using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>The <c>turns</c> in each of the styles of a <c>file</c>: separators, roles and system prompt → text.</summary>
internal static class RenderConversationVerb
{
    internal static void Run(RunContext context)
    {
        (bool IsUser, string? Text)[] turns =
        [
            .. context.Args.Need("turns").EnumerateArray().Select(turn => (turn[0].GetString() == "user", turn[1].GetString())),
        ];
        using JsonDocument styles = JsonDocument.Parse(context.Bytes(context.Args.Text("file")));
        context.JudgeAll("prompt", styles.RootElement.EnumerateObject().Select(style => Judge(style.Name, style.Value, turns)).ToArray());
    }

    private static string? Judge(string name, JsonElement fields, (bool IsUser, string? Text)[] turns)
    {
        ConversationStyle style = LlavaPromptVerb.Style(fields);
        string got = style.Render([.. turns.Select(turn => (turn.IsUser ? style.Roles.User : style.Roles.Assistant, turn.Text))]);
        string wanted = fields.GetProperty("prompt").GetString()!;
        return got == wanted ? null : $"{name}: wanted '{wanted}', got '{got}'";
    }
}
