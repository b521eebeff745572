using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>
/// DINOv2 with register tokens, whose table of positions is resampled with antialiasing (transformers:
/// <c>dinov2_with_registers</c>).
/// </summary>
internal static class Dinov2WithRegisters
{
    /// <summary>Published names, and those of the authors' own files.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity.Rename("dinov2_with_registers.{*}", "{*}").Then(Dinov2.Keys);

    internal static VitModel Make(ConfigReader config, WeightScope weights)
    {
        VitOptions options = Dinov2.Read(
            config, "DINOv2 with registers", patch: 16, registers: config.Int("num_register_tokens", 4));
        return new VitModel(options with { Resampling = PositionTable.Cubic with { Antialias = true } }, weights);
    }
}
