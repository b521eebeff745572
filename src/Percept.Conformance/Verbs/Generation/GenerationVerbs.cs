namespace Percept.Conformance;

/// <summary>Decoding of text.</summary>
internal static class GenerationVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["logits_process"] = LogitsProcessVerb.Run,
        ["generate"] = GenerateVerb.Run,
        ["generate_caption"] = GenerateVerb.Run,
        ["visual_qa"] = GenerateVerb.Run,
        ["sample_probs"] = SampleProbabilitiesVerb.Run,
    };
}
