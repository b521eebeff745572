using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>I-JEPA: a ViT without a class token (transformers: <c>ijepa</c>).</summary>
internal static class Ijepa
{
    /// <summary>Published names; models with a head put <c>ijepa.</c> before those of the trunk.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity.Rename("ijepa.{*}", "{*}");

    internal static VitModel Make(ConfigReader config, WeightScope weights) =>
        new(Vit.Read(config, "I-JEPA") with { ClassToken = false, Classifier = VitClassifierInput.Mean }, weights);
}
