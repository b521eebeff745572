namespace Percept.Conformance;

/// <summary>Chat templates and conversation styles.</summary>
internal static class TemplateVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["render_template"] = RenderTemplateVerb.Run,
        ["llava_prompt"] = LlavaPromptVerb.Run,
    };
}
