using System.Buffers.Binary;
using System.Text;

namespace Percept.TestSupport;

/// <summary>Writes GGUF files byte by byte.</summary>
public sealed class CheckpointGgufSeeds
{
    private readonly List<byte> _values = [];
    private readonly List<byte> _tensors = [];
    private int _valueCount;
    private int _tensorCount;

    /// <summary>Small files with every type of value, a tokenizer and tensors.</summary>
    public static IReadOnlyList<byte[]> Files() => [Sample().Build(), Sample().Build(version: 2)];

    /// <summary>A file with one of each.</summary>
    public static CheckpointGgufSeeds Sample()
    {
        var file = new CheckpointGgufSeeds();
        file.Text("general.architecture", "llama");
        file.Value("general.alignment", 4, BitConverter.GetBytes(32));
        file.Value("u8", 0, [7]).Value("i8", 1, [0xFF]).Value("u16", 2, [1, 2]).Value("i16", 3, [0xFF, 0xFF]);
        file.Value("i32", 5, BitConverter.GetBytes(-5)).Value("f32", 6, BitConverter.GetBytes(1.5f)).Value("flag", 7, [1]);
        file.Value("u64", 10, BitConverter.GetBytes(9UL)).Value("i64", 11, BitConverter.GetBytes(-9L));
        file.Value("f64", 12, BitConverter.GetBytes(2.5));
        file.Value("nested", 9, [9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        file.Text("tokenizer.ggml.model", "llama");
        file.Texts("tokenizer.ggml.tokens", "<unk>", "<s>", "</s>", "\u2581a", "b", "\u2581ab");
        file.Value("tokenizer.ggml.scores", 9, Array(6, 6, Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes(-i / 2f))));
        file.Value(
            "tokenizer.ggml.token_type", 9, Array(5, 6, new[] { 2, 3, 3, 1, 1, 1 }.SelectMany(BitConverter.GetBytes)));
        file.Value("tokenizer.ggml.bos_token_id", 4, BitConverter.GetBytes(1));
        file.Value("tokenizer.ggml.add_bos_token", 7, [1]);
        file.Tensor("a.weight", 0, 0, 4, 2).Tensor("b.weight", 8, 32, 32, 1);
        return file;
    }

    /// <summary>The bytes of an array: element type, number, elements.</summary>
    public static byte[] Array(int type, ulong count, IEnumerable<byte> elements) =>
        [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes(count), .. elements];

    /// <summary>Adds a value of any type.</summary>
    public CheckpointGgufSeeds Value(string key, int type, byte[] bytes)
    {
        Text(_values, Encoding.UTF8.GetBytes(key));
        _values.AddRange(BitConverter.GetBytes(type));
        _values.AddRange(bytes);
        _valueCount++;
        return this;
    }

    /// <summary>Adds a text.</summary>
    public CheckpointGgufSeeds Text(string key, string text)
    {
        var bytes = new List<byte>();
        Text(bytes, Encoding.UTF8.GetBytes(text));
        return Value(key, 8, [.. bytes]);
    }

    /// <summary>Adds an array of texts.</summary>
    public CheckpointGgufSeeds Texts(string key, params string[] texts) =>
        Texts(key, [.. texts.Select(Encoding.UTF8.GetBytes)]);

    /// <summary>Adds an array of texts that need not be UTF-8.</summary>
    public CheckpointGgufSeeds Texts(string key, byte[][] texts)
    {
        var bytes = new List<byte>();
        foreach (byte[] text in texts)
        {
            Text(bytes, text);
        }

        return Value(key, 9, Array(8, (ulong)texts.Length, bytes));
    }

    /// <summary>Adds a tensor's description.</summary>
    public CheckpointGgufSeeds Tensor(string name, int type, ulong offset, params ulong[] dimensions)
    {
        Text(_tensors, Encoding.UTF8.GetBytes(name));
        _tensors.AddRange(BitConverter.GetBytes(dimensions.Length));
        foreach (ulong size in dimensions)
        {
            _tensors.AddRange(BitConverter.GetBytes(size));
        }

        _tensors.AddRange(BitConverter.GetBytes(type));
        _tensors.AddRange(BitConverter.GetBytes(offset));
        _tensorCount++;
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] Build(int version = 3, ulong? tensors = null, ulong? values = null, int data = 96)
    {
        var head = new byte[24];
        "GGUF"u8.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), version);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(8), tensors ?? (ulong)_tensorCount);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(16), values ?? (ulong)_valueCount);
        List<byte> file = [.. head, .. _values, .. _tensors];
        while (file.Count % 32 != 0)
        {
            file.Add(0);
        }

        return [.. file, .. new byte[data]];
    }

    private static void Text(List<byte> output, byte[] text)
    {
        output.AddRange(BitConverter.GetBytes((ulong)text.Length));
        output.AddRange(text);
    }
}
