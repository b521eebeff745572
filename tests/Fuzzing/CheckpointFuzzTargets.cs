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
