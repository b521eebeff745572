namespace Percept.Conformance;

/// <summary>Verbs of the LLaVA line's own layouts.</summary>
internal static class LlavaVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["box_text"] = BoxTextVerb.Run,
        ["encode_high_res"] = LiteralRuns.EncodeHighRes,
        ["frame_sampling"] = LiteralRuns.SampleFrames,
        ["parameters"] = LiteralRuns.Parameters,
        ["render_conversation"] = RenderConversationVerb.Run,
        ["splice_forward"] = SpliceForwardVerb.Run,
        ["tokenize_image_prompt"] = TokenizeImagePromptVerb.Run,
    };
}
