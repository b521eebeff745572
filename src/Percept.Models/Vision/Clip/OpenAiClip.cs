using System.Globalization;
using System.Text;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// CLIP as OpenAI published it: a state dictionary without a configuration, whose sizes are those of its tensors. Reference:
/// <c>build_model</c> in <c>clip/model.py</c> of openai/CLIP.
/// </summary>
internal static class OpenAiClip
{
    /// <summary>Channels of a head in every published model.</summary>
    private const int HeadSize = 64;

    private const string VisionLayers = "visual.transformer.resblocks.";
    private const string TextLayers = "transformer.resblocks.";

    private const string Pool = "visual.attnpool.";

    /// <summary>The names of a CLIP whose eye is a ResNet: its text tower is renamed as in <see cref="Keys"/>, its eye is not.</summary>
    internal static KeyMap ResNetKeys { get; } = TextKeys(KeyMap.Identity)
        .Ignore("visual.{*}.num_batches_tracked", "a count of training steps");

    /// <summary>OpenAI's names become those of <see cref="ClipModel"/>.</summary>
    internal static KeyMap Keys { get; } = TextKeys(KeyMap.Identity
        .Rename("visual.class_embedding", "vision_model.embeddings.class_embedding")
        .Rename("visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight")
        .Rename("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight")
        .Rename("visual.ln_pre.{*}", "vision_model.pre_layrnorm.{*}")
        .Rename("visual.transformer.resblocks.{n}.{*}", "vision_model.encoder.layers.{n}.{*}")
        .Rename("visual.ln_post.{*}", "vision_model.post_layernorm.{*}")
        .Rename("visual.proj", "visual_projection.matrix"));

    /// <summary>The configuration that a state dictionary implies; null when it is not OpenAI's.</summary>
    /// <exception cref="InvalidDataException">Tensors are missing, or their shapes can't be those of a CLIP.</exception>
    internal static ConfigReader? Describe(TensorSource source)
    {
        bool residual = source.Tensors.ContainsKey($"{Pool}positional_embedding");
        if (!source.Tensors.ContainsKey("token_embedding.weight") || !source.Tensors.ContainsKey("text_projection")
            || !(residual || source.Tensors.ContainsKey("visual.class_embedding")))
        {
            return null;
        }

        Shape tokens = ShapeOf(source, "token_embedding.weight", 2);
        string config = $$"""
            {
              "model_type": "openai_clip",
              "projection_dim": {{Text(ShapeOf(source, "text_projection", 2)[1])}},
              "vision_config": { {{(residual ? ResNet(source) : Transformer(source))}} },
              "text_config": {
                {{Layers(source, TextLayers, tokens[1])}},
                "vocab_size": {{Text(tokens[0])}}, "eos_token_id": 2,
                "max_position_embeddings": {{Text(ShapeOf(source, "positional_embedding", 2)[0])}}
              }
            }
            """;
        return ConfigReader.Parse(Encoding.UTF8.GetBytes(config), source.Description);
    }

    /// <summary>Makes the model of what <see cref="Describe"/> said.</summary>
    internal static DualEncoder Make(ModelFiles files)
    {
        ConfigReader config = files.Config, eye = config.Section("vision_config");
        if (!eye.Has("depths"))
        {
            return ClipModel.Make(config, files.Open(Keys));
        }

        WeightScope weights = files.Open(ResNetKeys);
        int shared = config.Int("projection_dim");
        return new DualEncoder(
            new ClipResNet(eye, weights["visual"], shared), new ClipTextModel(config.Section("text_config"), weights, shared),
            weights.Float("logit_scale", []));
    }

    private static KeyMap TextKeys(KeyMap map) => map
        .Rename("token_embedding.{*}", "text_model.embeddings.token_embedding.{*}")
        .Rename("positional_embedding", "text_model.embeddings.position_embedding.weight")
        .Rename("transformer.resblocks.{n}.{*}", "text_model.encoder.layers.{n}.{*}")
        .Rename("ln_final.{*}", "text_model.final_layer_norm.{*}")
        .Rename("text_projection", "text_projection.matrix")
        .Rename("{*}.layers.{n}.ln_1.{*}", "{*}.layers.{n}.layer_norm1.{*}")
        .Rename("{*}.layers.{n}.ln_2.{*}", "{*}.layers.{n}.layer_norm2.{*}")
        .Rename("{*}.layers.{n}.attn.in_proj_{*}", "{*}.layers.{n}.self_attn.in_proj.{*}")
        .Rename("{*}.layers.{n}.attn.out_proj.{*}", "{*}.layers.{n}.self_attn.out_proj.{*}")
        .Rename("{*}.layers.{n}.mlp.c_fc.{*}", "{*}.layers.{n}.mlp.fc1.{*}")
        .Rename("{*}.layers.{n}.mlp.c_proj.{*}", "{*}.layers.{n}.mlp.fc2.{*}")
        .Ignore("context_length", "a number that the table of positions says too")
        .Ignore("input_resolution", "a number that the table of positions says too")
        .Ignore("vocab_size", "a number that the table of tokens says too");

    private static string Transformer(TensorSource source)
    {
        Shape patch = ShapeOf(source, "visual.conv1.weight", 4), positions = ShapeOf(source, "visual.positional_embedding", 2);
        int side = (int)Math.Round(Math.Sqrt(positions[0] - 1));
        return $"{Layers(source, VisionLayers, patch[0])}, \"num_channels\": {Text(patch[1])}, " +
            $"\"patch_size\": {Text(patch[3])}, \"image_size\": {Text(side * patch[3])}";
    }

    /// <summary>The first stage says the width, the table of positions the size of pictures.</summary>
    private static string ResNet(TensorSource source)
    {
        const string positions = $"{Pool}positional_embedding";
        int rows = ShapeOf(source, positions, 2)[0], side = (int)Math.Round(Math.Sqrt(Math.Max(0, rows - 1)));
        if (side == 0 || rows != 1 + (side * side))
        {
            throw new InvalidDataException(
                $"'{positions}' in '{source.Tensors[positions].File}' has {rows} rows, expected 1 more than a square number. " +
                "Check that the checkpoint is OpenAI's.");
        }

        int width = ShapeOf(source, "visual.layer1.0.conv1.weight", 4)[0];
        string[] depths = [.. Enumerable.Range(1, ClipResNet.Stages).Select(stage => Text(Depth(source, $"visual.layer{Text(stage)}.")))];
        return $"\"hidden_size\": {Text(width)}, \"depths\": [{string.Join(", ", depths)}], " +
            $"\"num_attention_heads\": {Text(width * ClipResNet.Reduction / HeadSize)}, " +
            $"\"num_channels\": {Text(ShapeOf(source, "visual.conv1.weight", 4)[1])}, " +
            $"\"image_size\": {Text(side * ClipResNet.Reduction)}";
    }

    private static int Depth(TensorSource source, string stage)
    {
        int count = 0;
        while (source.Tensors.ContainsKey($"{stage}{Text(count)}.conv1.weight"))
        {
            count++;
        }

        return count;
    }

    private static string Layers(TensorSource source, string prefix, int width)
    {
        int count = 0;
        while (source.Tensors.ContainsKey($"{prefix}{Text(count)}.ln_1.weight"))
        {
            count++;
        }

        int inner = count == 0 ? 4 * width : ShapeOf(source, $"{prefix}0.mlp.c_fc.weight", 2)[0];
        return $"\"hidden_size\": {Text(width)}, \"num_hidden_layers\": {Text(count)}, " +
            $"\"num_attention_heads\": {Text(Math.Max(1, width / HeadSize))}, \"intermediate_size\": {Text(inner)}";
    }

    private static Shape ShapeOf(TensorSource source, string name, int rank)
    {
        if (!source.Tensors.TryGetValue(name, out StoredTensor? tensor))
        {
            throw new InvalidDataException(
                $"'{source.Description}' has no tensor '{name}', which OpenAI's CLIP has. Check that the file is complete.");
        }

        return tensor.Shape.Rank == rank ? tensor.Shape : throw new InvalidDataException(
            $"'{name}' in '{tensor.File}' has shape {tensor.Shape}, expected {rank} axes.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
