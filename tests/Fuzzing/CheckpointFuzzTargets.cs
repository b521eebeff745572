using System.Text;
using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Text;

namespace Percept.TestSupport;

/// <summary>The parsers of checkpoint files.</summary>
public static class CheckpointFuzzTargets
{
    /// <summary>One line a parser.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("gguf", CheckpointGgufSeeds.Files, Gguf, 1 << 20),
        new("gguf tensors", CheckpointGgufSeeds.Files, GgufTensors, 1 << 20),
        new("gguf configuration", Models, GgufConfiguration, 1 << 20),
        new("torch", CheckpointTorchSeeds.Files, Torch, 1 << 20),
        new("pickle", Pickles, Pickle, 1 << 20),
        new("shard index", Indexes, data => ShardIndex.Parse(data, "index"), 1 << 20),
    ];

    private static void Gguf(byte[] data)
    {
        using GgufFile file = GgufFile.Parse(data);
        foreach (string key in file.Keys)
        {
            file.TryGetType(key, out GgufValueType type);
            _ = type == GgufValueType.String ? file.FindText(key) : null;
        }

        GgufVocabulary vocabulary = GgufVocabularyReader.Read(file);
        if (vocabulary.Model == "llama")
        {
            _ = new SentencePieceTokenizer(vocabulary.ToSentencePieces()).EncodeIds("ab a");
        }
    }

    private static void GgufTensors(byte[] data)
    {
        using GgufSource source = GgufSource.Parse(data);
        ReadAll(source);
    }

    private static void GgufConfiguration(byte[] data)
    {
        using GgufSource source = GgufSource.Parse(data);
        _ = GgufArchitecture.Read(source).ToJsonString();
        KeyMap map = GgufNames.For(source);
        foreach (string name in source.Tensors.Keys)
        {
            _ = map.ToModel(name);
        }

        if (GgufCompanions.IsCompanion(source.File))
        {
            _ = GgufArchitecture.ReadImageProcessor(source.File).ToJsonString();
        }
    }

    /// <summary>A language model and a vision tower, as small as can be.</summary>
    private static byte[][] Models()
    {
        static byte[] Number(int value) => BitConverter.GetBytes(value);
        static byte[] Floats(int count) =>
            CheckpointGgufSeeds.Array(6, (ulong)count, Enumerable.Range(1, count).SelectMany(i => BitConverter.GetBytes(i / 4f)));
        var text = new CheckpointGgufSeeds().Text("general.architecture", "gemma3");
        foreach ((string key, int value) in new[]
        {
            ("block_count", 1), ("context_length", 64), ("embedding_length", 8), ("feed_forward_length", 16), ("attention.head_count", 2),
            ("attention.head_count_kv", 1), ("attention.sliding_window", 4), ("rope.dimension_count", 4),
        })
        {
            text.Value("gemma3." + key, 4, Number(value));
        }

        text.Value("gemma3.attention.layer_norm_rms_epsilon", 6, BitConverter.GetBytes(1e-6f)).Text("gemma3.rope.scaling.type", "linear");
        text.Value("gemma3.rope.scaling.factor", 6, BitConverter.GetBytes(8f)).Tensor("token_embd.weight", 0, 0, 8, 6);
        text.Tensor("blk.0.attn_q.weight", 0, 192, 8, 8).Tensor("rope_freqs.weight", 0, 448, 2);
        var tower = new CheckpointGgufSeeds().Text("general.architecture", "clip").Text("clip.projector_type", "mlp");
        foreach ((string key, int value) in new[]
        {
            ("image_size", 4), ("patch_size", 2), ("embedding_length", 8), ("feed_forward_length", 12), ("block_count", 1), ("attention.head_count", 2),
        })
        {
            tower.Value("clip.vision." + key, 4, Number(value));
        }

        tower.Value("clip.vision.image_mean", 9, Floats(3)).Value("clip.vision.image_std", 9, Floats(3)).Value("clip.use_gelu", 7, [1]);
        tower.Value("clip.vision.feature_layer", 9, CheckpointGgufSeeds.Array(5, 1, Number(1)));
        tower.Value("clip.vision.image_grid_pinpoints", 9, CheckpointGgufSeeds.Array(5, 2, [.. Number(4), .. Number(8)]));
        tower.Tensor("mm.0.weight", 0, 0, 8, 4).Tensor("v.class_embd", 0, 128, 8).Tensor("model.image_newline", 0, 160, 4);
        tower.Tensor("v.blk.0.ffn_down.weight", 0, 192, 8, 12);
        byte[] model = text.Build(data: 512);
        BitConverter.GetBytes(1f).CopyTo(model, model.Length - 512 + 448);
        BitConverter.GetBytes(8f).CopyTo(model, model.Length - 512 + 452);
        return [model, tower.Build(data: 640)];
    }

    private static void Torch(byte[] data)
    {
        using PickleSource source = PickleSource.Parse(data);
        ReadAll(source);
    }

    private static void ReadAll(TensorSource source)
    {
        using TensorScope scope = TensorScope.Open();
        foreach (string name in source.Tensors.Keys)
        {
            source.Read(name).Dispose();
        }

        _ = source.Metadata.Count;
    }

    private static void Pickle(byte[] data)
    {
        var globals = new PickleGlobals("the file");
        _ = new StateDict(new PickleReader(data, globals, "the file").Read(), globals, data.Length);
    }

    private static byte[][] Pickles() =>
    [
        [.. CheckpointTorchSeeds.Sample().Pickle, (byte)'.'],
        [0x80, 4, 0x95, 9, 0, 0, 0, 0, 0, 0, 0, (byte)'}', 0x94, 0x8c, 1, (byte)'a', 0x94, (byte)']', (byte)'s', (byte)'.'],
    ];

    private static byte[][] Indexes() =>
    [
        Encoding.UTF8.GetBytes("""{"metadata": {"total_size": 12, "x": [1]}, "weight_map": {"a": "m-1.bin", "b": "m-2.bin"}}"""),
    ];
}
