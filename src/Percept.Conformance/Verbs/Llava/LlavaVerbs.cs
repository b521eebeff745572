namespace Percept.Conformance;

/// <summary>Verbs of the LLaVA line's own layouts.</summary>
internal static class LlavaVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["render_conversation"] = RenderConversationVerb.Run,
        ["splice_forward"] = SpliceForwardVerb.Run,
        ["tokenize_image_prompt"] = TokenizeImagePromptVerb.Run,
    };
}
