namespace Percept.Conformance;

/// <summary>Decoding pictures and their frames.</summary>
internal static class ImageVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["decode_image"] = DecodeImageVerb.Run,
        ["decode_image_error"] = DecodeImageErrorVerb.Run,
        ["decode_frames"] = DecodeFramesVerb.Run,
    };
}
