namespace Percept.Models;

/// <summary>
/// How many tokens a picture takes, as the settings of the processor around the image processor tell it: a fixed number, or
/// the encoder's patches.
/// </summary>
internal sealed record ImageTokens
{
    private int? _fixed;
    private int? _patchSize;
    private int _additional;
    private bool _dropsOne;

    /// <summary>The encoder's patch size; null when the settings do not tell.</summary>
    internal int? PatchSize => _patchSize;

    /// <summary>The class token and others that the encoder puts before the patches.</summary>
    internal int Additional => _additional;

    /// <summary>Whether the model drops one token of the encoder, the class token.</summary>
    internal bool DropsOne => _dropsOne;

    internal static ImageTokens Read(SettingsReader settings, int? patchSize = null) => new()
    {
        _fixed = settings.IntOrNone("image_seq_length") ?? settings.IntOrNone("num_query_tokens")
            ?? settings.IntOrNone("num_image_tokens"),
        _patchSize = patchSize ?? settings.IntOrNone("patch_size"),
        _additional = settings.Int("num_additional_image_tokens", 0, least: 0),
        _dropsOne = settings.Text("vision_feature_select_strategy", null) == "default",
    };

    /// <summary>Rows and columns of patches; null when the patch size is not known.</summary>
    internal ImageSize? Patches(ImageSize picture) =>
        _patchSize is { } side ? new(picture.Height / side, picture.Width / side) : null;

    /// <summary>The tokens of one picture; null when nothing tells.</summary>
    internal int? Count(ImageSize picture) => _fixed
        ?? (Patches(picture) is { } patches ? checked((int)patches.Area) + _additional - (_dropsOne ? 1 : 0) : null);
}
