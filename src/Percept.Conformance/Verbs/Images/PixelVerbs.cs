namespace Percept.Conformance;

/// <summary>Resizing, converting, cutting and padding pictures.</summary>
internal static class PixelVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["alpha_composite"] = AlphaVerbs.Composite,
        ["center_crop"] = CenterCropVerb.Run,
        ["convert_mode"] = ConvertModeVerb.Run,
        ["crop"] = CropVerb.Run,
        ["expand2square"] = ExpandToSquareVerb.Run,
        ["pad"] = PadVerb.Run,
        ["paste_alpha"] = AlphaVerbs.Paste,
        ["reduce_image"] = ReduceImageVerb.Run,
        ["rescale_normalize"] = RescaleNormalizeVerb.Run,
        ["resize_image"] = ResizeImageVerb.Run,
        ["resize_tensor"] = ResizeTensorVerb.Run,
        ["transpose_image"] = TransposeImageVerb.Run,
    };
}
