namespace Percept.Media;

/// <summary>Where the middle lies when a size difference is odd.</summary>
public enum CenterCropRule
{
    /// <summary>
    /// Offset ⌊d / 2⌋; a picture that is too small is put at ⌈d / 2⌉ of a black canvas (transformers, processors on Pillow).
    /// </summary>
    TransformersPil,

    /// <summary>Padding ⌊d / 2⌋ before and ⌈d / 2⌉ behind, offset ⌊d / 2⌋ (transformers, processors on torchvision).</summary>
    TransformersTorchvision,

    /// <summary>The same padding; the offset is d / 2 rounded half to even (torchvision, open_clip, the first CLIP).</summary>
    Torchvision,
}
