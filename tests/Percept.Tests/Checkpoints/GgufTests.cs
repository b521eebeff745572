using Percept.Checkpoints;
using Percept.TestSupport;
using Percept.Text;
using Xunit;

namespace Percept.Tests.Checkpoints;

public class GgufTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void EveryTypeOfValueIsRead(int version)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.File("a.gguf"), CheckpointGgufSeeds.Sample().Build(version));
        using GgufFile file = GgufFile.Open(folder.File("a.gguf"));
        Assert.Equal(version, file.Version);
        Assert.Equal(32, file.Alignment);
        Assert.Equal("llama", file.FindText("general.architecture"));
        Assert.Equal([7L, -1, 513, -1, -5, 9, -9], new[] { "u8", "i8", "u16", "i16", "i32", "u64", "i64" }
            .Select(key => file.FindInteger(key)!.Value));
        Assert.Equal(1.5, file.FindNumber("f32"));
        Assert.Equal(2.5, file.FindNumber("f64"));
        Assert.True(file.FindFlag("flag"));
        Assert.Null(file.FindText("absent"));
        Assert.Equal(6, file.FindTexts("tokenizer.ggml.tokens")!.Length);
        Assert.Equal(-2.5f, file.FindFloats("tokenizer.ggml.scores")![5]);
        Assert.Equal([4, 2], file.Tensors["a.weight"].Dimensions);
        Assert.Equal(GgufTensorType.Q8_0, file.Tensors["b.weight"].Type);
        Assert.Equal(34, file.Tensors["b.weight"].Bytes);
        Assert.Equal(file.Tensors["a.weight"].Offset + 32, file.Tensors["b.weight"].Offset);
    }

    [Fact]
    public void TheTokenizerIsReadAndWorks()
    {
        using GgufFile file = GgufFile.Parse(CheckpointGgufSeeds.Sample().Build());
        GgufVocabulary vocabulary = GgufVocabularyReader.Read(file);
        Assert.Equal(1, vocabulary.BosId);
        Assert.Null(vocabulary.EosId);
        Assert.True(vocabulary.AddBos);
        Assert.Equal(SentencePieceType.Control, vocabulary.TypeOf(1));
        Assert.Equal([5], new SentencePieceTokenizer(vocabulary.ToSentencePieces()).EncodeIds("ab"));
    }

    [Fact]
    public void AFileCutAnywhereIsRefused()
    {
        byte[] good = CheckpointGgufSeeds.Sample().Build(data: 66);
        for (int length = 0; length < good.Length; length++)
        {
            byte[] cut = good[..length];
            Assert.Throws<InvalidDataException>(() => GgufFile.Parse(cut));
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(3u)]
    [InlineData(1u << 31)]
    [InlineData(uint.MaxValue)]
    public void AnAlignmentThatIsNoneIsRefused(uint alignment)
    {
        byte[] bytes = new CheckpointGgufSeeds().Value("general.alignment", 4, BitConverter.GetBytes(alignment)).Build();
        Refused(bytes, "general.alignment", alignment.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void LengthsBeyondTheFileAreRefusedWithoutAllocation()
    {
        byte[] huge = BitConverter.GetBytes(1UL << 63);
        byte[] max = BitConverter.GetBytes(ulong.MaxValue);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(new CheckpointGgufSeeds().Value("key", 8, huge).Build(), "'key'");
        Refused(new CheckpointGgufSeeds().Value("key", 9, CheckpointGgufSeeds.Array(0, 1UL << 63, [])).Build(), "'key'");
        Refused(new CheckpointGgufSeeds().Value("key", 9, CheckpointGgufSeeds.Array(8, ulong.MaxValue, max)).Build(), "'key'");
        Refused(new CheckpointGgufSeeds().Value("key", 9, CheckpointGgufSeeds.Array(12, 1UL << 61, [])).Build(), "'key'");
        Refused(new CheckpointGgufSeeds().Build(tensors: 1UL << 60), "tensors");
        Refused(new CheckpointGgufSeeds().Build(values: ulong.MaxValue), "metadata");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void NestedArraysAreReadUpToALimit()
    {
        byte[] Nest(int levels)
        {
            byte[] bytes = CheckpointGgufSeeds.Array(0, 1, [5]);
            for (int i = 1; i < levels; i++)
            {
                bytes = CheckpointGgufSeeds.Array(9, 1, bytes);
            }

            return new CheckpointGgufSeeds().Value("deep", 9, bytes).Build();
        }

        using (GgufFile file = GgufFile.Parse(Nest(4)))
        {
            Assert.Throws<InvalidDataException>(() => file.FindBytes("deep"));
        }

        Refused(Nest(5), "'deep'");
    }

    [Theory]
    [InlineData(1UL << 63, 1UL, 0UL)]
    [InlineData((1UL << 42) + 1, 1UL << 42, 0UL)]
    [InlineData(ulong.MaxValue, 1UL, 0UL)]
    [InlineData(4UL, 1UL << 40, 0UL)]
    [InlineData(4UL, 2UL, 1UL)]
    [InlineData(4UL, 2UL, 1UL << 40)]
    [InlineData(4UL, 2UL, ulong.MaxValue - 31)]
    public void TensorsThatDoNotFitAreRefused(ulong first, ulong second, ulong offset) =>
        Refused(new CheckpointGgufSeeds().Tensor("w", 0, offset, first, second).Build(), "'w'");

    [Fact]
    public void OtherDamageIsRefusedByName()
    {
        Refused([0x47, 0x47, 0x55, 0x46], "byte 4");
        Refused("PK\x3\x4 and more than twenty-four bytes"u8.ToArray(), "GGUF");
        Refused(new CheckpointGgufSeeds().Value("k", 13, [0]).Build(), "13");
        Refused(new CheckpointGgufSeeds().Text("k", "a").Text("k", "b").Build(), "twice");
        Refused(new CheckpointGgufSeeds().Tensor("w", 0, 0, 1).Tensor("w", 0, 32, 1).Build(), "twice");
        Refused(new CheckpointGgufSeeds().Tensor("v", 0, 0, 16).Tensor("w", 0, 32, 1).Build(), "overlap");
        Refused(new CheckpointGgufSeeds().Tensor("w", 8, 0, 31).Build(), "32");
        Refused(new CheckpointGgufSeeds().Tensor("w", 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1).Build(), "axes");
        Refused(new CheckpointGgufSeeds().Text("", "a").Build(), "key");
        Assert.Throws<NotSupportedException>(() => GgufFile.Parse(new CheckpointGgufSeeds().Build(version: 1)));
        Assert.Throws<NotSupportedException>(() => GgufFile.Parse(new CheckpointGgufSeeds().Build(version: 3 << 24)));
        using GgufFile file = GgufFile.Parse(new CheckpointGgufSeeds().Value("flag", 7, [2]).Tensor("w", 99, 0, 7).Build());
        Assert.Throws<InvalidDataException>(() => file.FindFlag("flag"));
        Assert.Null(file.Tensors["w"].Bytes);
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", 4)]
    [InlineData("tokenizer.ggml.tokens", 8)]
    [InlineData("tokenizer.ggml.scores", 7)]
    [InlineData("tokenizer.ggml.token_type", 6)]
    [InlineData("tokenizer.ggml.bos_token_id", 6)]
    [InlineData("tokenizer.ggml.add_bos_token", 0)]
    [InlineData("tokenizer.ggml.merges", 10)]
    [InlineData("tokenizer.ggml.precompiled_charsmap", 5)]
    public void AKeyOfAWrongTypeIsRefusedByName(string key, int type)
    {
        int size = type is 0 or 7 ? 1 : type is 8 or 10 ? 8 : 4;
        CheckpointGgufSeeds seeds = new CheckpointGgufSeeds().Value(key, type, new byte[size]);
        foreach ((string name, Action add) in new (string, Action)[]
        {
            ("tokenizer.ggml.model", () => seeds.Text("tokenizer.ggml.model", "llama")),
            ("tokenizer.ggml.tokens", () => seeds.Texts("tokenizer.ggml.tokens", "a")),
        })
        {
            if (name != key)
            {
                add();
            }
        }

        using GgufFile file = GgufFile.Parse(seeds.Build());
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => GgufVocabularyReader.Read(file));
        Assert.Contains($"'{key}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StrangeTokensAreReadOrRefused()
    {
        GgufVocabulary Read(params byte[][] tokens)
        {
            using GgufFile file = GgufFile.Parse(new CheckpointGgufSeeds()
                .Text("tokenizer.ggml.model", "llama")
                .Texts("tokenizer.ggml.tokens", tokens)
                .Value(
                    "tokenizer.ggml.token_type",
                    9,
                    CheckpointGgufSeeds.Array(5, (ulong)tokens.Length, tokens.SelectMany((_, i) => BitConverter.GetBytes(i == 0 ? 2 : 6))))
                .Build());
            return GgufVocabularyReader.Read(file);
        }

        GgufVocabulary strange = Read("<unk>"u8.ToArray(), "<0x-1>"u8.ToArray(), "<0xZZ>"u8.ToArray(), [], "<0x41>"u8.ToArray(), "<0x41>"u8.ToArray());
        var tokenizer = new SentencePieceTokenizer(strange.ToSentencePieces());
        Assert.Equal([0], tokenizer.EncodeIds("A<0x-1>"));
        Assert.Equal("", tokenizer.Decode([1, 2, 3, 4, 5]));
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read("<unk>"u8.ToArray(), [0xC3, 0x28]));
        Assert.Contains("text 1 of 'tokenizer.ggml.tokens'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenFilesAreReadOrRefused()
    {
        foreach (FuzzTarget target in CheckpointFuzzTargets.All)
        {
            Assert.Empty(Fuzzer.Run(target, 1000));
        }
    }

    private static void Refused(byte[] bytes, params string[] said)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => GgufFile.Parse(bytes));
        foreach (string text in said)
        {
            Assert.Contains(text, error.Message, StringComparison.Ordinal);
        }
    }
}
