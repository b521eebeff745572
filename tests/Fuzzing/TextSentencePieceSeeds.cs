using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Percept.TestSupport;

/// <summary>Small SentencePiece models, rank files and vocabulary files, written here byte by byte.</summary>
public static class TextSentencePieceSeeds
{
    /// <summary>Models of every kind, with and without byte fallback and rules.</summary>
    public static IReadOnlyList<byte[]> Models() =>
    [
        Model(1, [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("\u2581a", -1, 1), ("b", -2, 1), ("ab", -2.5f, 1)]),
        Model(2, [("<unk>", 0, 2), ("a", -3, 1), ("aa", -1, 1), ("aab", -2, 5), ("b", -4, 1), ("<u>", 0, 4)], Charsmap()),
        Model(1, [("<unk>", 0, 2), .. Bytes(), ("\u2581", -1, 1), ("é", -2, 1)], fallback: true),
        Model(3, [("<unk>", 0, 2), ("\u2581word", 0, 1)]),
        Model(4, [("<unk>", 0, 2), ("w", 0, 1)]),
    ];

    /// <summary>A model.</summary>
    public static byte[] Model(
        int kind,
        IReadOnlyList<(string Piece, float Score, int Type)> pieces,
        byte[]? charsmap = null,
        bool fallback = false,
        bool prefix = true,
        bool removeSpaces = true,
        bool suffix = false)
    {
        var model = new List<byte>();
        foreach ((string piece, float score, int type) in pieces)
        {
            var entry = new List<byte>();
            Bytes(entry, 1, Encoding.UTF8.GetBytes(piece));
            entry.Add((2 << 3) | 5);
            entry.AddRange(BitConverter.GetBytes(score));
            Number(entry, 3, type);
            Bytes(model, 1, [.. entry]);
        }

        var trainer = new List<byte>();
        Number(trainer, 3, kind);
        Number(trainer, 24, suffix ? 1 : 0);
        Number(trainer, 35, fallback ? 1 : 0);
        Bytes(model, 2, [.. trainer]);
        var normalizer = new List<byte>();
        Bytes(normalizer, 1, "own"u8.ToArray());
        Bytes(normalizer, 2, charsmap ?? []);
        Number(normalizer, 3, prefix ? 1 : 0);
        Number(normalizer, 4, removeSpaces ? 1 : 0);
        Bytes(model, 3, [.. normalizer]);
        return [.. model];
    }

    /// <summary>All 256 byte pieces.</summary>
    public static IEnumerable<(string Piece, float Score, int Type)> Bytes() =>
        Enumerable.Range(0, 256).Select(value => (string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), 0f, 6));

    /// <summary>Rules: A becomes a, AB becomes xy, ä becomes nothing.</summary>
    public static byte[] Charsmap()
    {
        // A double array of 1024 units: the node of each byte sequence at a place of its own, multiples of 256.
        var units = new uint[1024];
        void Link(int from, int to, bool leaf) => units[from] = (units[from] & 0x800000FF) | ((uint)(from ^ to) << 10) | (leaf ? 0x100u : 0);
        Link(0, 256, leaf: false);
        int a = 256 ^ 'A';
        units[a] = 'A';
        Link(a, 512, leaf: true);
        units[512] = 0x80000000 | 0;
        int ab = 512 ^ 'B';
        units[ab] = 'B';
        Link(ab, 768, leaf: true);
        units[768] = 0x80000000 | 2;
        int first = 256 ^ 0xC3;
        units[first] = 0xC3;
        Link(first, 640, leaf: false);
        int second = 640 ^ 0xA4;
        units[second] = 0xA4;
        Link(second, 896, leaf: true);
        units[896] = 0x80000000 | 1;
        var data = new byte[4 + (units.Length * 4)];
        BinaryPrimitives.WriteInt32LittleEndian(data, units.Length * 4);
        for (int i = 0; i < units.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(4 + (i * 4)), units[i]);
        }

        return [.. data, .. "a\0xy\0"u8];
    }

    /// <summary>Rank files.</summary>
    public static IReadOnlyList<byte[]> Ranks() =>
    [
        "YQ== 0\nYg== 1\nYWI= 2\nYWJh 3\n"u8.ToArray(),
        "YQ== 0\r\n= 1\r\n"u8.ToArray(),
    ];

    /// <summary>Files of merges and lists of tokens.</summary>
    public static IReadOnlyList<byte[]> Lists() =>
        ["#version: 0.2\na b\nab c\n# d\n"u8.ToArray(), "[PAD]\n[UNK]\n##a\nä\n"u8.ToArray(), "{\"a\":0,\"b\":2}"u8.ToArray()];

    /// <summary>Settings of tokenizers.</summary>
    public static IReadOnlyList<byte[]> Configs() =>
    [
        """
        {"tokenizer_class":"LlamaTokenizer","bos_token":{"content":"<s>","lstrip":false},"added_tokens_decoder":{"1":
        {"content":"<s>","special":true}},"extra_special_tokens":{"image_token":"<i>"},"model_max_length":1e30,
        "chat_template":[{"name":"default","template":"x"}],"padding_side":"left","legacy":false}
        """u8.ToArray(),
    ];

    private static void Number(List<byte> output, int field, long value)
    {
        Raw(output, (ulong)(field << 3));
        Raw(output, (ulong)value);
    }

    private static void Bytes(List<byte> output, int field, byte[] value)
    {
        Raw(output, (ulong)((field << 3) | 2));
        Raw(output, (ulong)value.Length);
        output.AddRange(value);
    }

    private static void Raw(List<byte> output, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            output.Add((byte)(value | 0x80));
        }

        output.Add((byte)value);
    }
}
