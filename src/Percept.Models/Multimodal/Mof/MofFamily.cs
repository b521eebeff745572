using System.Globalization;
using System.Text.Json;
using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Checkpoints of the mixture of features: those of LLaVA's own code with a second tower and projector inside.</summary>
internal static class MofFamily
{
    private const string Dino = "dino_tower";
    private const string Section = "dino_config";

    /// <summary>The names of the second tower, as DINOv2's own code has them.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename($"model.{Dino}.vision_tower.{{*}}", $"{Dino}.{{*}}")
        .Then(Dinov2.Keys.Under($"{Dino}."))
        .Ignore($"model.{Dino}.clip_vision_tower.{{*}}", "a copy of CLIP that the second tower never runs");

    /// <summary>Whether weights hold the second tower.</summary>
    internal static bool Applies(WeightScope weights) => weights[Dino].HasAny();

    /// <summary>Whether a folder's checkpoint holds the second tower.</summary>
    internal static bool Applies(string folder, ConfigReader config)
    {
        if (config.Has(Section))
        {
            return true;
        }

        // A folder of settings alone has no weights to look at.
        TensorSource source;
        try
        {
            source = TensorSource.Open(folder);
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        using TensorSource closed = source;
        return closed.Tensors.Keys.Any(static name => name.StartsWith($"model.{Dino}.", StringComparison.Ordinal));
    }

    /// <summary>Adds the second tower to a model.</summary>
    internal static MofModel Make(ConfigReader config, WeightScope weights, LlavaOriginalSettings settings, LlavaModel clip)
    {
        WeightScope tower = weights[Dino];
        ConfigReader own = config.SectionOrEmpty(Section);

        // The numbers that the authors' code leaves to the published encoder.
        int patch = own.Int("patch_size", 14);
        ConfigReader described = Describe(tower, patch, own.Int("num_heads", 16), own.Number("layer_norm_eps", 1e-6));
        var dino = new VitModel(
            Dinov2.Read(described, "DINOv2", patch, registers: 0) with
            {
                ResamplingOffset = own.Number("interpolate_offset", 0.1),
                Resampling = PositionTable.Cubic with { Antialias = own.Flag("interpolate_antialias", false) },
            },
            tower);
        MlpProjector projector = LlavaOriginalFamily.Projector(
            config, weights["model"]["dino_mm_projector"], settings, dino, clip.Language);
        return new MofModel(clip, dino, projector);
    }

    /// <summary>A configuration of what the tensors alone tell.</summary>
    private static ConfigReader Describe(WeightScope tower, int patch, int heads, double eps)
    {
        Tensors.Shape positions = tower["embeddings"].Describe("position_embeddings").Shape;
        int side = (int)Math.Round(Math.Sqrt(positions[1] - 1)), hidden = positions[2], layers = 0;
        while (tower["encoder.layer"][layers].HasAny())
        {
            layers++;
        }

        int inner = layers == 0 ? hidden : tower["encoder.layer"][0]["mlp.fc1"].Describe("weight").Shape[0];
        string json = string.Create(CultureInfo.InvariantCulture, $$"""
            {"hidden_size": {{hidden}}, "num_hidden_layers": {{layers}}, "num_attention_heads": {{heads}}, "patch_size": {{patch}},
             "image_size": {{side * patch}}, "mlp_ratio": {{inner / (double)hidden}}, "layer_norm_eps": {{eps:r}}}
            """);
        using JsonDocument document = JsonDocument.Parse(json);
        return new ConfigReader(document.RootElement.Clone(), Section);
    }
}
