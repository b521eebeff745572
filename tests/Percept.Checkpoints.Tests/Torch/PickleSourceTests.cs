using System.Text;
using Percept.Tensors;
using Percept.TestSupport;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

public class PickleSourceTests
{
    public static TheoryData<int> Kinds() => [0, 1, 2, 3];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EveryKindOfFileGivesTheSameTensors(int kind)
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        File.WriteAllBytes(folder.File("a.bin"), CheckpointTorchSeeds.Files()[kind]);
        using TensorSource source = TensorSource.Open(folder.File("a.bin"));
        Assert.Equal(["a.turned", "a.weight", "b", "n"], source.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("state_dict", Assert.IsType<PickleSource>(source).Unwrapped);
        Assert.Equal(("3", "0.5", "true"), (source.Metadata["epoch"], source.Metadata["lr"], source.Metadata["done"]));

        Tensor weight = source.Read("a.weight");
        Assert.Equal([2, 3], weight.Shape.Sizes.ToArray());
        Assert.Equal([1f, 2, 3, 4, 5, 6], weight.ToArray<float>());
        Tensor turned = source.Read("a.turned");
        Assert.Equal([3, 2], turned.Shape.Sizes.ToArray());
        Assert.Equal([1f, 4, 2, 5, 3, 6], turned.ToArray<float>());
        Assert.False(turned.IsReadOnly);
        Tensor b = source.Read("b");
        Assert.Equal(DType.BF16, b.DType);
        Assert.Equal([0x80, 0x3f, 0, 0x40], b.Bytes().ToArray());
        Assert.Equal([7L], source.Read("n").ToArray<long>());
        Assert.Equal(0, source.Tensors["n"].Shape.Rank);
        Assert.Equal(new StoredTensor("b", DType.BF16, "bfloat16", [2], 4, folder.File("a.bin")), source.Tensors["b"]);
    }

    [Fact]
    public void ElementsThatStandInTheFileAreMapped()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        File.WriteAllBytes(folder.File("a.pt"), CheckpointTorchSeeds.Sample().Zip());
        Tensor kept;
        using (TensorSource source = TensorSource.Open(folder.File("a.pt")))
        {
            kept = source.Read("a.weight");
            Assert.True(kept.IsReadOnly);
            source.Dispose();
            Assert.Throws<ObjectDisposedException>(() => source.Read("a.weight"));
        }

        Assert.Equal(6f, kept.Span<float>()[5]);
        File.WriteAllBytes(folder.File("b.pt"), CheckpointTorchSeeds.Sample().Zip(deflate: true));
        using TensorSource packed = TensorSource.Open(folder.File("b.pt"));
        Assert.False(packed.Read("a.weight").IsReadOnly);
    }

    [Theory]
    [InlineData("FloatStorage", DType.F32, 4)]
    [InlineData("DoubleStorage", DType.F64, 8)]
    [InlineData("HalfStorage", DType.F16, 2)]
    [InlineData("BFloat16Storage", DType.BF16, 2)]
    [InlineData("LongStorage", DType.I64, 8)]
    [InlineData("IntStorage", DType.I32, 4)]
    [InlineData("ShortStorage", DType.I16, 2)]
    [InlineData("CharStorage", DType.I8, 1)]
    [InlineData("ByteStorage", DType.U8, 1)]
    [InlineData("BoolStorage", DType.Bool, 1)]
    public void EveryElementTypeIsRead(string storage, DType type, int size)
    {
        using TensorScope scope = TensorScope.Open();
        byte[] elements = [.. Enumerable.Range(0, 6 * size).Select(i => (byte)(i % 2))];
        byte[] file = new CheckpointTorchSeeds().Storage("k", size, elements)
            .Dict(
                ("straight", f => f.Tensor(storage, "k", 6, 1, [2, 2], [2, 1])),
                ("turned", f => f.Tensor(storage, "k", 6, 0, [3, 2], [1, 3]))).Zip();
        using PickleSource source = PickleSource.Parse(file);
        Assert.Equal(type, source.Tensors["straight"].Type);
        Assert.Equal(elements[size..(5 * size)], source.Read("straight").Bytes().ToArray());
        byte[] expected = [.. new[] { 0, 3, 1, 4, 2, 5 }.SelectMany(i => elements[(i * size)..((i + 1) * size)])];
        Assert.Equal(expected, source.Read("turned").Bytes().ToArray());
    }

    [Fact]
    public void ViewsWithOddStridesAreMaterialised()
    {
        using TensorScope scope = TensorScope.Open();
        byte[] file = new CheckpointTorchSeeds()
            .Storage("0", 4, CheckpointTorchSeeds.Floats([.. Enumerable.Range(0, 24).Select(i => (float)i)]))
            .Dict(
                ("expanded", f => f.Tensor("FloatStorage", "0", 24, 2, [2, 3], [0, 1])),
                ("stepped", f => f.Tensor("FloatStorage", "0", 24, 1, [2, 2, 2], [12, 4, 2])),
                ("ones", f => f.Tensor("FloatStorage", "0", 24, 5, [1, 2, 1], [99, 1, 77])),
                ("empty", f => f.Tensor("FloatStorage", "0", 24, 0, [3, 0], [1, 1])),
                ("v3", f => f.Tensor("UntypedStorage", "u", 8, 1, [2], [1], "int16")))
            .Storage("u", 1, [1, 0, 2, 0, 3, 0, 4, 0]).Zip();
        using PickleSource source = PickleSource.Parse(file);
        Assert.Equal([2f, 3, 4, 2, 3, 4], source.Read("expanded").ToArray<float>());
        Assert.Equal([1f, 3, 5, 7, 13, 15, 17, 19], source.Read("stepped").ToArray<float>());
        Assert.Equal([5f, 6], source.Read("ones").ToArray<float>());
        Assert.Equal([3, 0], source.Read("empty").Shape.Sizes.ToArray());
        Assert.Equal([(short)2, (short)3], source.Read("v3").ToArray<short>());
    }

    [Fact]
    public void NestedContainersGiveNamesWithPoints()
    {
        static void One(CheckpointTorchSeeds f) => f.Tensor("FloatStorage", "0", 1, 0, [1], [1]);
        byte[] file = new CheckpointTorchSeeds().Storage("0", 4, CheckpointTorchSeeds.Floats(1))
            .Dict(
                ("model", f => f.Dict(("a", One), ("b", g => g.Dict(("c", One))))),
                ("optimizer", f => f.Dict(("state", g => g.Op((byte)'}').Int(5).Dict(("exp_avg", One)).Op((byte)'s')))),
                ("list", f => f.Op((byte)']', (byte)'(').Int(1).Op((byte)'e')),
                ("pair", f =>
                {
                    One(f);
                    One(f);
                    f.Op(0x86);
                })).Zip();
        using PickleSource source = PickleSource.Parse(file);
        Assert.Null(source.Unwrapped);
        Assert.Equal(
            ["model.a", "model.b.c", "optimizer.state.5.exp_avg", "pair.0", "pair.1"], source.Tensors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AKeyOfOnesOwnIsLeftOutOnlyWhenItHoldsEveryTensor()
    {
        static CheckpointTorchSeeds Start() => new CheckpointTorchSeeds().Storage("0", 4, CheckpointTorchSeeds.Floats(1));
        static void One(CheckpointTorchSeeds f) => f.Tensor("FloatStorage", "0", 1, 0, [1], [1]);
        using PickleSource twice = PickleSource.Parse(
            Start().Dict(("state_dict", f => f.Dict(("model", g => g.Dict(("w", One)))))).Zip());
        Assert.Equal(("state_dict.model", "w"), (twice.Unwrapped, twice.Tensors.Keys.Single()));
        using PickleSource other = PickleSource.Parse(Start().Dict(("visual", f => f.Dict(("w", One)))).Zip());
        Assert.Equal((null, "visual.w"), (other.Unwrapped, other.Tensors.Keys.Single()));
        using PickleSource bare = PickleSource.Parse(Start().Dict(("model", One)).Zip());
        Assert.Equal((null, "model"), (bare.Unwrapped, bare.Tensors.Keys.Single()));
        CheckpointTorchSeeds alone = Start();
        One(alone);
        using PickleSource single = PickleSource.Parse(alone.Zip());
        Assert.Equal("tensor", single.Tensors.Keys.Single());
    }

    [Fact]
    public void UnknownElementTypesAreListedAndRefusedWhenRead()
    {
        byte[] file = new CheckpointTorchSeeds().Storage("0", 8, new byte[8]).Storage("1", 1, [1])
            .Dict(
                ("c", f => f.Tensor("ComplexFloatStorage", "0", 1, 0, [1], [1])),
                ("e", f => f.Tensor("UntypedStorage", "1", 1, 0, [1], [1], "float8_e4m3fn"))).Zip();
        using PickleSource source = PickleSource.Parse(file);
        Assert.Equal((null, "complex64"), (source.Tensors["c"].Type, source.Tensors["c"].TypeName));
        Refusal.Of<NotSupportedException>(() => source.Read("c"), "'c'", "complex64");
        Refusal.Of<NotSupportedException>(() => source.Read("e"), "float8_e4m3fn");
        KeyNotFoundException error = Assert.Throws<KeyNotFoundException>(() => source.Read("d"));
        Assert.Contains("no tensor 'd'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesOfPythonThreeAndTextsOfPythonTwoAreRead()
    {
        byte[] file = new CheckpointTorchSeeds()
            .Dict(
                ("bytes", f => f.Global("_codecs", "encode").Op((byte)'(').Text("\u00ff").Text("latin1").Op((byte)'t', (byte)'R')),
                ("old", f => f.Op([(byte)'U', 2, .. "ab"u8])),
                ("size", f => f.Global("torch", "Size").Tuple(1, 2).Op(0x85, (byte)'R')),
                ("set", f => f.Global("builtins", "set").Op((byte)']', 0x85, (byte)'R')),
                ("device", f => f.Global("torch", "device").Op((byte)'(').Text("cuda").Int(0).Op((byte)'t', (byte)'R')),
                ("big", f => f.Int(long.MinValue)), ("minus", f => f.Op(0x8a, 1, 0xff)), ("zero", f => f.Op(0x8a, 0))).Zip();
        using PickleSource source = PickleSource.Parse(file);
        Assert.Empty(source.Tensors);
        Assert.Equal("ab", source.Metadata["old"]);
        Assert.Equal("cuda", source.Metadata["device"]);
        Assert.Equal((long.MinValue.ToString(System.Globalization.CultureInfo.InvariantCulture), "-1", "0"),
            (source.Metadata["big"], source.Metadata["minus"], source.Metadata["zero"]));
    }

    [Fact]
    public void TensorsWithAttributesAreRead()
    {
        using TensorScope scope = TensorScope.Open();
        static void Attributed(CheckpointTorchSeeds f, string by) =>
            f.Global("torch._tensor", "_rebuild_from_type_v2").Op((byte)'(').Global("torch._utils", by).Global("torch.nn.parameter", "Parameter")
                .Op((byte)'(', (byte)'(').Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Int(2).Op((byte)'t', (byte)'Q')
                .Int(0).Tuple(2).Tuple(1).Op(0x89).Op((byte)'}').Op((byte)'t').Dict(("tag", g => g.Int(1))).Op((byte)'t', (byte)'R');
        static CheckpointTorchSeeds Start() => new CheckpointTorchSeeds().Storage("0", 4, CheckpointTorchSeeds.Floats(1, 2));
        using PickleSource source = PickleSource.Parse(Start().Dict(("w", f => Attributed(f, "_rebuild_tensor_v2"))).Zip());
        Assert.Equal([1f, 2], source.Read("w").ToArray<float>());
        Refusal.Of<NotSupportedException>(
            () => PickleSource.Parse(Start().Dict(("w", f => Attributed(f, "_rebuild_from_type_v2"))).Zip()), "_rebuild_from_type_v2");
        byte[] again = Start().Global("torch._tensor", "_rebuild_from_type_v2").Op((byte)'q', 0, (byte)'(', (byte)'h', 0)
            .Global("torch", "Tensor").Op((byte)')', (byte)'}', (byte)'t', (byte)'R').Zip();
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(again), "arguments that do not fit");
    }

    [Fact]
    public void TheMostRecentProtocolIsRead()
    {
        byte[] dict = [0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, (byte)'}', 0x94, 0x8c, 1, (byte)'a', 0x94, 0x8c, 2, (byte)'x', (byte)'y',
            0x94, (byte)'s', (byte)'h', 0, (byte)'0'];
        Refusal.Of<NotSupportedException>(
            () => PickleSource.Parse(CheckpointTorchSeeds.ZipOf([("a/data.pkl", [.. dict, (byte)'.'])])), "opcode 0x30");
        using PickleSource source = PickleSource.Parse(CheckpointTorchSeeds.ZipOf([("a/data.pkl", [.. dict[..^3], (byte)'.'])]));
        Assert.Equal("xy", source.Metadata["a"]);
        byte[] names = [0x80, 4, 0x8c, 11, .. Encoding.UTF8.GetBytes("collections"), 0x8c, 11, .. Encoding.UTF8.GetBytes("OrderedDict"),
            0x93, (byte)')', (byte)'R', (byte)'.'];
        using PickleSource empty = PickleSource.Parse(CheckpointTorchSeeds.ZipOf([("a/data.pkl", names)]));
        Assert.Empty(empty.Tensors);
    }
}
