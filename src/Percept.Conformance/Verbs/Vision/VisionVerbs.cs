namespace Percept.Conformance;

/// <summary>Verbs of vision and image-text encoders.</summary>
internal static class VisionVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["encode_text"] = EncodeTextVerb.Run,
        ["retrieval"] = RetrievalVerb.Run,
        ["zero_shot"] = ZeroShotVerb.Run,
    };
}
