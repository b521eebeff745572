using Percept.Tensors;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Models in several GGUF files: split ones, and those with a vision tower.</summary>
public class GgufFolderTests
{
    [Fact]
    public void PartsAreOneSourceWhicheverIsOpened()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        WriteParts(folder, 3);
        foreach (string part in new[] { "m-00001-of-00003.gguf", "m-00003-of-00003.gguf", "" })
        {
            using TensorSource source = TensorSource.Open(folder.File(part));
            Assert.Equal(["t0", "t1", "t2"], source.Tensors.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(2f, source.Read("t2").Item());
            Assert.Equal("llama", source.Metadata["general.architecture"]);
            Assert.Equal(3, Assert.IsType<GgufSource>(source).Files.Count);
        }
    }

    [Fact]
    public void PartsThatDoNotFitAreRefused()
    {
        using var folder = new TempFolder();
        WriteParts(folder, 3);
        string first = folder.File("m-00001-of-00003.gguf");
        File.Copy(first, folder.File("other.gguf"));
        Refusal.Of<InvalidDataException>(() => GgufSource.Open(folder.File("other.gguf")), "part of 3", "-of-00003.gguf");
        File.Copy(first, folder.File("m-00002-of-00003.gguf"), overwrite: true);
        Refusal.Of<InvalidDataException>(() => GgufSource.Open(first), "part 1 of 3, expected 2 of 3");
        WritePart(folder, 1, 3, 3, "t0");
        Refusal.Of<InvalidDataException>(() => GgufSource.Open(first), "'t0' stands in");
        WritePart(folder, 1, 3, 3, "t1", "t9");
        Refusal.Of<InvalidDataException>(() => GgufSource.Open(first), "has 4 tensors", "expected 3");
        File.Delete(folder.File("m-00002-of-00003.gguf"));
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => GgufSource.Open(first));
        Assert.Contains("m-00002-of-00003.gguf", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTowerIsFoundByContent()
    {
        using var folder = new TempFolder();
        Write(folder, "model.gguf", "llama");
        Assert.Null(GgufCompanions.Find(folder.File("model.gguf")));
        Write(folder, "mmproj-not-really.gguf", "llama");
        File.WriteAllText(folder.File("mmproj-broken.gguf"), "no");
        Assert.Null(GgufCompanions.Find(folder.File("model.gguf")));
        Write(folder, "vision.gguf", "clip");
        Assert.Equal(folder.File("vision.gguf"), GgufCompanions.Find(folder.File("model.gguf")));
        Write(folder, "mmproj-f16.gguf", "clip");
        Refusal.Of<InvalidDataException>(
            () => GgufCompanions.Find(folder.File("model.gguf")), "2 vision towers", "mmproj-f16.gguf, vision.gguf", "'mmproj-model.gguf'");
        Write(folder, "mmproj-model.gguf", "clip");
        Assert.Equal(folder.File("mmproj-model.gguf"), GgufCompanions.Find(folder.File("model.gguf")));
    }

    [Fact]
    public void AFolderIsOpenedByItsModelNotItsTower()
    {
        using var folder = new TempFolder();
        Write(folder, "a-mmproj.gguf", "clip");
        Write(folder, "model.gguf", "llama");
        Assert.Equal(folder.File("model.gguf"), CheckpointFolder.Find(folder.Path));
        Write(folder, "model-q4.gguf", "llama");
        Refusal.Of<InvalidDataException>(() => CheckpointFolder.Find(folder.Path), "model-q4.gguf, model.gguf");
    }

    private static void Write(TempFolder folder, string name, string architecture) =>
        GgufWriter.Write(folder.File(name), [new("general.architecture", GgufValue.Of(architecture))], []);

    private static void WriteParts(TempFolder folder, int count)
    {
        for (int i = 0; i < count; i++)
        {
            WritePart(folder, i, count, count, $"t{i}");
        }
    }

    private static void WritePart(TempFolder folder, int number, int count, int tensors, params string[] names)
    {
        using TensorScope scope = TensorScope.Open();
        List<KeyValuePair<string, GgufValue>> values =
        [
            new("split.no", GgufValue.Of((ushort)number)), new("split.count", GgufValue.Of((ushort)count)),
            new("split.tensors.count", GgufValue.Of(tensors)),
        ];
        if (number == 0)
        {
            values.Add(new("general.architecture", GgufValue.Of("llama")));
        }

        GgufWriter.Write(
            folder.File($"m-{number + 1:d5}-of-{count:d5}.gguf"), values,
            names.Select(name => TensorToWrite.Of(name, Tensor.From([(float)number], [1]))));
    }
}
