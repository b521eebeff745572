using System.Text;
using Percept.Tensors;
using Percept.TestSupport;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

public class TensorSourceTests
{
    [Fact]
    public void TheFormatIsFoundByContentWhateverTheName()
    {
        using var folder = new TempFolder();
        Save(folder, "a.bin", ("x", 1));
        File.WriteAllBytes(folder.File("b.safetensors"), CheckpointTorchSeeds.Sample().Zip());
        File.WriteAllBytes(folder.File("c.safetensors"), CheckpointGgufSeeds.Sample().Build());
        using TensorSource a = TensorSource.Open(folder.File("a.bin"));
        using TensorSource b = TensorSource.Open(folder.File("b.safetensors"));
        using TensorSource c = TensorSource.Open(folder.File("c.safetensors"));
        Assert.IsType<SafetensorsSource>(a);
        Assert.IsType<PickleSource>(b);
        Assert.IsType<GgufSource>(c);
    }

    [Fact]
    public void OtherFilesAreNamedForWhatTheyAre()
    {
        using var folder = new TempFolder();
        Refused<InvalidDataException>(folder, [], "is empty");
        Refused<InvalidDataException>(folder, "version https://git-lfs.github.com/spec/v1\n"u8, "Git LFS pointer");
        Refused<InvalidDataException>(folder, "<!DOCTYPE html>"u8, "web page");
        Refused<NotSupportedException>(folder, [0x80, 4, (byte)'N', (byte)'.'], "pickle");
        Refused<InvalidDataException>(folder, "hello, world"u8, "68656C6C", "12 bytes");
        Assert.Throws<FileNotFoundException>(() => TensorSource.Open(folder.File("absent.safetensors")));
        Assert.Throws<FileNotFoundException>(() => TensorSource.Open(folder.File("absent.index.json")));
    }

    [Fact]
    public void FoldersAreSearchedInOrder()
    {
        using var folder = new TempFolder();
        FileNotFoundException none = Assert.Throws<FileNotFoundException>(() => TensorSource.Open(folder.Path));
        Assert.Contains("percept pull", none.Message, StringComparison.Ordinal);
        void Next(string file, string expected)
        {
            File.WriteAllText(folder.File(file), "");
            Assert.Equal(folder.File(expected), CheckpointFolder.Find(folder.Path));
        }

        Next("model.gguf", "model.gguf");
        Next("optimizer.bin", "model.gguf");
        Next("weights.pth", "weights.pth");
        Next("pytorch_model.bin", "pytorch_model.bin");
        Next("pytorch_model.bin.index.json", "pytorch_model.bin.index.json");
        Next("open_clip_model.safetensors", "open_clip_model.safetensors");
        Next("model.safetensors", "model.safetensors");
        Next("model.safetensors.index.json", "model.safetensors.index.json");
        Assert.Throws<DirectoryNotFoundException>(() => CheckpointFolder.Find(folder.File("absent")));
    }

    [Fact]
    public void SeveralCheckpointsWithoutTheUsualNameAreListed()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("a.pt"), "");
        File.WriteAllText(folder.File("b.pth"), "");
        Refusal.Of<InvalidDataException>(() => CheckpointFolder.Find(folder.Path), "a.pt, b.pth", "Name the file");
        File.WriteAllText(folder.File("model-00001-of-00002.safetensors"), "");
        File.WriteAllText(folder.File("model-00002-of-00002.safetensors"), "");
        Refusal.Of<InvalidDataException>(() => CheckpointFolder.Find(folder.Path), "index", "Finish the download");
    }

    [Fact]
    public void ShardsAreOneSource()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        Save(folder, "m-1.safetensors", ("a", 1), ("b", 2));
        Save(folder, "m-2.safetensors", ("c", 3));
        Index(folder, ("a", "m-1.safetensors"), ("b", "m-1.safetensors"), ("c", "m-2.safetensors"));
        using TensorSource source = TensorSource.Open(folder.Path);
        Assert.IsType<ShardedSource>(source);
        Assert.Equal(folder.File("model.safetensors.index.json"), source.Description);
        Assert.Equal(3, source.Tensors.Count);
        Assert.Equal(3f, source.Read("c").Item());
        Assert.Equal(folder.File("m-2.safetensors"), source.Tensors["c"].File);
        Assert.Equal("12", source.Metadata["total_size"]);
    }

    [Fact]
    public void ShardsOfPyTorchAreOneSource()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        File.WriteAllBytes(folder.File("p-1.bin"), CheckpointTorchSeeds.Sample().Zip());
        Save(folder, "p-2.bin", ("c", 3));
        Index(folder, "pytorch_model.bin.index.json", [("a.weight", "p-1.bin"), ("a.turned", "p-1.bin"), ("b", "p-1.bin"), ("n", "p-1.bin"), ("c", "p-2.bin")]);
        using TensorSource source = TensorSource.Open(folder.Path);
        Assert.Equal(7L, source.Read("n").Span<long>()[0]);
    }

    [Fact]
    public void AnIndexThatDoesNotAgreeWithItsFilesIsRefused()
    {
        using var folder = new TempFolder();
        Save(folder, "m-1.safetensors", ("a", 1), ("b", 2));
        Save(folder, "m-2.safetensors", ("c", 3), ("a", 4));
        (string, string)[] good = [("a", "m-1.safetensors"), ("b", "m-1.safetensors"), ("c", "m-2.safetensors")];
        Index(folder, good);
        Refusal.Of<InvalidDataException>(() => TensorSource.Open(folder.Path), "'a' stands in 'm-2.safetensors'", "m-1.safetensors");
        Save(folder, "m-2.safetensors", ("c", 3), ("d", 4));
        Refusal.Of<InvalidDataException>(() => TensorSource.Open(folder.Path), "'d' of 'm-2.safetensors' does not stand");
        Save(folder, "m-2.safetensors", ("x", 3));
        Index(folder, [.. good, ("x", "m-2.safetensors")]);
        Refusal.Of<InvalidDataException>(() => TensorSource.Open(folder.Path), "'c'", "lacks it");
        Index(folder, [.. good, ("z", "m-3.safetensors"), ("y", "m-4.safetensors")]);
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => TensorSource.Open(folder.Path));
        Assert.Contains("2 are missing: m-3.safetensors, m-4.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map": {"a": "../x.safetensors"}}""", "same folder")]
    [InlineData("""{"weight_map": {"a": "/etc/passwd"}}""", "same folder")]
    [InlineData("""{"weight_map": {"a": "b\\c.safetensors"}}""", "same folder")]
    [InlineData("""{"weight_map": {"a": ".."}}""", "same folder")]
    [InlineData("""{"weight_map": {"a": "C:x"}}""", "same folder")]
    [InlineData("""{"weight_map": {"a": "a\u0000b"}}""", "same folder")]
    [InlineData("""{"weight_map": {"a": ""}}""", "same folder")]
    [InlineData("""{"weight_map": {"a": 1}}""", "same folder")]
    [InlineData("""{"weight_map": {"a": "x", "a": "x"}}""", "twice")]
    [InlineData("""{"weight_map": {"a": "x"}, "weight_map": {"a": "x"}}""", "twice")]
    [InlineData("""{"weight_map": {}}""", "empty")]
    [InlineData("""{"metadata": {}}""", "no 'weight_map'")]
    [InlineData("""{"weight_map": []}""", "no object")]
    [InlineData("""[1]""", "no JSON object")]
    [InlineData("", "no JSON object")]
    [InlineData("""{"weight_map": {"a": "x"}} x""", "no JSON object")]
    [InlineData("""{"a": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}""", "levels")]
    public void ABrokenIndexIsRefused(string json, string said)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("model.safetensors.index.json"), json);
        Refusal.Of<InvalidDataException>(() => TensorSource.Open(folder.Path), said, folder.File("model.safetensors.index.json"));
    }

    [Fact]
    public void AMissingTensorIsToldWithTheNearestName()
    {
        using var folder = new TempFolder();
        Save(folder, "a.safetensors", ("model.layers.0.self_attn.q_proj.weight", 1), ("lm_head.weight", 2));
        using TensorSource source = TensorSource.Open(folder.Path);
        KeyNotFoundException error = Assert.Throws<KeyNotFoundException>(() => source.Read("layers.0.self_attn.q_proj.weight"));
        Assert.Contains("'model.layers.0.self_attn.q_proj.weight'", error.Message, StringComparison.Ordinal);
    }

    internal static void Save(TempFolder folder, string file, params (string Name, float Value)[] tensors)
    {
        using TensorScope scope = TensorScope.Open();
        SafetensorsWriter.Write(
            folder.File(file), tensors.Select(pair => KeyValuePair.Create(pair.Name, Tensor.From([pair.Value], [1]))));
    }

    private static void Index(TempFolder folder, params (string Tensor, string File)[] map) =>
        Index(folder, "model.safetensors.index.json", map);

    private static void Index(TempFolder folder, string name, (string Tensor, string File)[] map) => File.WriteAllText(
        folder.File(name),
        """{"metadata": {"total_size": 12}, "weight_map": {""" +
        string.Join(", ", map.Select(pair => $"\"{pair.Tensor}\": \"{pair.File}\"")) + "}}");

    private static void Refused<T>(TempFolder folder, ReadOnlySpan<byte> content, params string[] said)
        where T : Exception
    {
        File.WriteAllBytes(folder.File("a.bin"), content);
        Refusal.Of<T>(() => TensorSource.Open(folder.File("a.bin")), said);
    }
}
