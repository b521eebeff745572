namespace Percept.Conformance;

/// <summary>Image, video and audio processors of model families.</summary>
internal static class ProcessorVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["process"] = ProcessVerb.Run,
        ["size_rules"] = SizeRulesVerb.Run,
        ["unpad_image"] = UnpadImageVerb.Run,
        ["anyres_grid"] = AnyresGridVerb.Run,
        ["anyres_counts"] = AnyresCountsVerb.Run,
        ["count_tokens"] = CountTokensVerb.Run,
    };
}
