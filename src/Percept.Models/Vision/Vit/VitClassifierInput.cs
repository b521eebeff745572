namespace Percept.Models;

/// <summary>What a ViT's head for classes sees of the last state.</summary>
internal enum VitClassifierInput
{
    /// <summary>The class token (ViT, DeiT).</summary>
    ClassToken,

    /// <summary>The mean of the patches (I-JEPA).</summary>
    Mean,

    /// <summary>The class token, then the mean of the patches (DINOv2).</summary>
    ClassTokenAndMean,
}
