using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Bench.Models;

/// <summary>LLaVA-1.5's vision tower with its projector: CLIP ViT-L/14 at 336 pixels, as a GGUF file of random numbers.</summary>
internal static class TowerShape
{
    private const int Hidden = 1024;
    private const int Inner = 4096;
    private const int Layers = 23;
    private const int Patch = 14;
    private const int Side = 336;

    /// <summary>Writes it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="width">Channels of the language model.</param>
    internal static void Write(string file, int width)
    {
        var values = new List<KeyValuePair<string, GgufValue>>
        {
            new("general.architecture", GgufValue.Of("clip")),
            new("clip.has_vision_encoder", GgufValue.Of(true)),
            new("clip.has_text_encoder", GgufValue.Of(false)),
            new("clip.has_llava_projector", GgufValue.Of(true)),
            new("clip.projector_type", GgufValue.Of("mlp")),
            new("clip.use_gelu", GgufValue.Of(false)),
            new("clip.vision.image_size", GgufValue.Of((uint)Side)),
            new("clip.vision.patch_size", GgufValue.Of((uint)Patch)),
            new("clip.vision.embedding_length", GgufValue.Of((uint)Hidden)),
            new("clip.vision.feed_forward_length", GgufValue.Of((uint)Inner)),
            new("clip.vision.projection_dim", GgufValue.Of(768u)),
            new("clip.vision.attention.head_count", GgufValue.Of(16u)),
            new("clip.vision.attention.layer_norm_epsilon", GgufValue.Of(1e-5f)),
            new("clip.vision.block_count", GgufValue.Of((uint)Layers)),
            new("clip.vision.image_mean", GgufValue.OfArray<float>([0.48145466f, 0.4578275f, 0.40821073f])),
            new("clip.vision.image_std", GgufValue.OfArray<float>([0.26862954f, 0.26130258f, 0.27577711f])),
        };
        StoredTensor[] tensors = [.. Tensors(width)];
        var source = new SyntheticSource("mmproj", tensors);
        GgufWriter.Write(file, values, tensors.Select(tensor => new TensorToWrite(
            tensor.Name, tensor.Type!.Value, tensor.Shape, () => source.Read(tensor.Name))));
    }

    private static IEnumerable<StoredTensor> Tensors(int width)
    {
        static StoredTensor Of(string name, DType type, params ReadOnlySpan<int> sizes)
        {
            Shape shape = Shape.Create(sizes);
            return new StoredTensor(name, type, type.ToString(), shape, type.ByteCount(shape.Count), "mmproj");
        }

        static StoredTensor[] Linear(string name, int rows, int columns) =>
            [Of($"{name}.weight", DType.F16, rows, columns), Of($"{name}.bias", DType.F32, rows)];

        static StoredTensor[] Norm(string name) => [Of($"{name}.weight", DType.F32, Hidden), Of($"{name}.bias", DType.F32, Hidden)];

        yield return Of("v.class_embd", DType.F32, Hidden);
        yield return Of("v.patch_embd.weight", DType.F16, Hidden, 3, Patch, Patch);
        yield return Of("v.position_embd.weight", DType.F32, 1 + (Side / Patch * (Side / Patch)), Hidden);
        IEnumerable<StoredTensor> rest = Norm("v.pre_ln")
            .Concat(Enumerable.Range(0, Layers).SelectMany(i => (StoredTensor[])
            [
                .. Linear($"v.blk.{i}.attn_q", Hidden, Hidden), .. Linear($"v.blk.{i}.attn_k", Hidden, Hidden),
                .. Linear($"v.blk.{i}.attn_v", Hidden, Hidden), .. Linear($"v.blk.{i}.attn_out", Hidden, Hidden),
                .. Norm($"v.blk.{i}.ln1"), .. Norm($"v.blk.{i}.ln2"),
                .. Linear($"v.blk.{i}.ffn_down", Inner, Hidden), .. Linear($"v.blk.{i}.ffn_up", Hidden, Inner),
            ]))
            .Concat(Linear("mm.0", width, Hidden)).Concat(Linear("mm.2", width, width));
        foreach (StoredTensor tensor in rest)
        {
            yield return tensor;
        }
    }
}
