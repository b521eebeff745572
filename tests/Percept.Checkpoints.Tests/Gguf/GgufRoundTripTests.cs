using Percept.Tensors;
using Percept.TestSupport;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

public class GgufRoundTripTests
{
    private static readonly KeyValuePair<string, GgufValue>[] s_values =
    [
        new("general.architecture", GgufValue.Of("llama")),
        new("u8", GgufValue.Of((byte)7)), new("i8", GgufValue.Of((sbyte)-7)), new("u16", GgufValue.Of((ushort)513)),
        new("i16", GgufValue.Of((short)-2)), new("u32", GgufValue.Of(uint.MaxValue)), new("i32", GgufValue.Of(-5)),
        new("u64", GgufValue.Of(ulong.MaxValue)), new("i64", GgufValue.Of(long.MinValue)), new("f32", GgufValue.Of(1e-5f)),
        new("f64", GgufValue.Of(2.5)), new("flag", GgufValue.Of(true)), new("text", GgufValue.Of("ä\0ö")),
        new("empty", GgufValue.Of("")), new("texts", GgufValue.OfTexts(["a", "", "ß"])),
        new("floats", GgufValue.OfArray<float>([1, 2])), new("flags", GgufValue.OfArray<bool>([true, false])),
        new("none", GgufValue.OfArray<int>([])),
        new("nested", GgufValue.OfArrays([GgufValue.OfArray<int>([1, 2]), GgufValue.OfTexts(["x"])])),
    ];

    [Fact]
    public void EveryTypeOfValueComesBack()
    {
        using var folder = new TempFolder();
        GgufWriter.Write(folder.File("a.gguf"), s_values, []);
        using GgufFile file = GgufFile.Open(folder.File("a.gguf"));
        Assert.Equal(s_values.Select(pair => pair.Key), file.Keys);
        foreach ((string key, GgufValue value) in s_values)
        {
            GgufValue read = file.FindValue(key)!;
            Assert.Equal((value.Type, value.ElementType, value.Count), (read.Type, read.ElementType, read.Count));
            Assert.Equal(value.Payload, read.Payload);
        }

        Assert.Equal("ä\0ö", file.FindText("text"));
        Assert.Equal(long.MinValue, file.FindInteger("i64"));
        Assert.Equal(["a", "", "ß"], file.FindTexts("texts")!);
        Assert.Empty(file.FindInt32s("none")!);
        Assert.Null(file.FindValue("absent"));
        using GgufSource source = GgufSource.Open(folder.File("a.gguf"));
        Assert.Equal("18446744073709551615", source.Metadata["u64"]);
        Assert.Equal("1E-05", source.Metadata["f32"]);
        Assert.Equal("true", source.Metadata["flag"]);
        Assert.DoesNotContain("floats", source.Metadata.Keys);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(8u)]
    [InlineData(64u)]
    [InlineData(4096u)]
    public void EveryTypeOfTensorComesBackByteForByte(uint? alignment)
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        DType[] types = [.. Enum.GetValues<DType>().Where(type => type is not (DType.U8 or DType.Bool))];
        var random = new Random(1);
        TensorToWrite[] tensors =
        [
            .. types.Select(type => TensorToWrite.Of($"t.{type}", Filled(random, [3, 2 * type.BlockElements()], type))),
            TensorToWrite.Of("scalar", Filled(random, [], DType.F32)),
            TensorToWrite.Of("four", Filled(random, [2, 3, 4, 5], DType.F16)),
            TensorToWrite.Of("none", Filled(random, [0, 4], DType.F32)),
        ];
        KeyValuePair<string, GgufValue>[] values =
            alignment is { } bytes ? [new("general.alignment", GgufValue.Of(bytes))] : [];
        GgufWriter.Write(folder.File("a.gguf"), values, tensors);

        using TensorSource source = TensorSource.Open(folder.File("a.gguf"));
        using GgufFile file = GgufFile.Open(folder.File("a.gguf"));
        Assert.Equal(tensors.Select(tensor => tensor.Name), file.Tensors.Keys);
        foreach (TensorToWrite tensor in tensors)
        {
            using Tensor written = tensor.Make();
            Tensor read = source.Read(tensor.Name);
            Assert.Equal(tensor.Type, read.DType);
            Assert.Equal(tensor.Name == "scalar" ? [1] : tensor.Shape, read.Shape);
            Assert.Equal(written.Bytes(), read.Bytes());
            Assert.True(read.IsReadOnly);
            Assert.Equal(0, file.Tensors[tensor.Name].Offset % (alignment ?? 32));
        }

        Assert.Equal([5, 4, 3, 2], file.Tensors["four"].Dimensions);
        Assert.Equal(0, new FileInfo(folder.File("a.gguf")).Length % (alignment ?? 32));
        GgufWriter.Write(
            folder.File("b.gguf"), file.Keys.Select(key => KeyValuePair.Create(key, file.FindValue(key)!)),
            file.Tensors.Keys.Select(name => TensorToWrite.Of(name, source.Read(name))));
        Assert.Equal(File.ReadAllBytes(folder.File("a.gguf")), File.ReadAllBytes(folder.File("b.gguf")));
    }

    [Fact]
    public void AFailedWriteLeavesTheOldFileAndNothingElse()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        string path = folder.File("a.gguf");
        GgufWriter.Write(path, s_values, []);
        byte[] before = File.ReadAllBytes(path);
        TensorToWrite one = TensorToWrite.Of("a", Tensor.From([1f], [1]));
        Refusal.Of<ArgumentException>(() => GgufWriter.Write(path, [], [one, one]), "'a'", "twice");
        Refusal.Of<ArgumentException>(() => GgufWriter.Write(path, [s_values[0], s_values[0]], []), "twice");
        Refusal.Of<ArgumentException>(() => GgufWriter.Write(path, [], [one with { Name = new string('n', 64) }]), "1 to 63");
        Refusal.Of<ArgumentException>(() => GgufWriter.Write(path, [], [one with { Name = "" }]), "0 bytes");
        Refusal.Of<NotSupportedException>(() => GgufWriter.Write(path, [], [one with { Type = DType.Bool }]), "Bool");
        Refusal.Of<NotSupportedException>(() => GgufWriter.Write(path, [], [one with { Shape = [1, 1, 1, 1, 1] }]), "5 axes");
        Refusal.Of<ArgumentException>(() => GgufWriter.Write(path, [new("general.alignment", GgufValue.Of(24u))], []), "power of two");
        Refusal.Of<ArgumentException>(() => GgufWriter.Write(path, [new("general.alignment", GgufValue.Of(32))], []), "UInt32");
        Assert.Throws<InvalidOperationException>(() => GgufWriter.Write(path, [], [one, one with { Name = "b", Shape = [2] }]));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void TensorsAreMadeOneAfterTheOther()
    {
        using var folder = new TempFolder();
        int alive = 0;
        var made = new List<Tensor>();
        IEnumerable<TensorToWrite> tensors = Enumerable.Range(0, 4).Select(i => new TensorToWrite($"t{i}", DType.F32, [2], () =>
        {
            Assert.All(made, tensor => Assert.True(tensor.IsDisposed));
            alive++;
            made.Add(Tensor.From([i, 2f * i], [2]));
            return made[^1];
        }));
        GgufWriter.Write(folder.File("a.gguf"), [], tensors);
        SafetensorsWriter.Write(folder.File("a.safetensors"), tensors);
        Assert.Equal(8, alive);
        using TensorSource source = TensorSource.Open(folder.File("a.safetensors"));
        using Tensor last = source.Read("t3");
        Assert.Equal([3f, 6], last.ToArray<float>());
    }

    [Fact]
    public void TypesThatPerceptLacksAreListedAndRefusedWhenRead()
    {
        using var source = GgufSource.Parse(new CheckpointGgufSeeds().Tensor("a", 15, 0, 256).Tensor("b", 77, 320, 4).Build(data: 400));
        Assert.Equal((null, "Q8_K", 292L), (source.Tensors["a"].Type, source.Tensors["a"].TypeName, source.Tensors["a"].Bytes));
        Assert.Equal((null, "77"), (source.Tensors["b"].Type, source.Tensors["b"].TypeName));
        Refusal.Of<NotSupportedException>(() => source.Read("a"), "'a'", "Q8_K");
        Refusal.Of<NotSupportedException>(() => source.File.Read("b"), "'b'", "77");
        Assert.Throws<KeyNotFoundException>(() => source.File.Read("c"));
    }

    private static Tensor Filled(Random random, Shape shape, DType type)
    {
        var bytes = new byte[type.ByteCount(shape.Count)];
        random.NextBytes(bytes);
        return Tensor.FromBytes(bytes, shape, type);
    }
}
