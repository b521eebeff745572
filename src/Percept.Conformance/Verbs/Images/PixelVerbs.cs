namespace Percept.Conformance;

/// <summary>Resizing, converting, cutting and padding pictures.</summary>
internal static class PixelVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["convert_mode"] = ConvertModeVerb.Run,
        ["transpose_image"] = TransposeImageVerb.Run,
        ["reduce_image"] = ReduceImageVerb.Run,
        ["resize_image"] = ResizeImageVerb.Run,
    };
}
