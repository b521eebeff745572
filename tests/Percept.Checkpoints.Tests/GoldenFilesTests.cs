using System.Text.Json;
using Percept.Tensors;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Files that the reference implementations wrote; run where the golden pack is.</summary>
public class GoldenFilesTests
{
    [Fact]
    public void FilesThatPyTorchWroteAreRead()
    {
        string folder = Pack("llava/llava-original/v1.5-mlp2x/checkpoint");
        using TensorScope scope = TensorScope.Open();
        using TensorSource source = TensorSource.Open(folder);
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(source.Description));
        Assert.Equal(
            index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64(), source.Tensors.Values.Sum(tensor => tensor.Bytes));
        foreach (string name in source.Tensors.Keys)
        {
            Tensor tensor = source.Read(name);
            Assert.True(tensor.IsReadOnly, name);
            Assert.All(tensor.ToArray<float>(), value => Assert.True(float.IsFinite(value)));
        }
    }

    [Fact]
    public void GgufFilesHaveTheListedTensorsAndComeBackTheSame()
    {
        using var temp = new TempFolder();
        int files = 0;
        foreach (string folder in Directory.GetDirectories(Pack("text/gguf")))
        {
            if (!File.Exists(Path.Combine(folder, "tensors.json")))
            {
                continue;
            }

            using TensorScope scope = TensorScope.Open();
            string path = Directory.GetFiles(Path.Combine(folder, "checkpoint"), "*.gguf").Single();
            using GgufSource source = GgufSource.Open(path);
            using JsonDocument list = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tensors.json")));
            string[] unlisted = [.. source.Tensors.Keys.Where(name => !list.RootElement.TryGetProperty(name, out _))];
            Assert.All(unlisted, name => Assert.Equal("rope_freqs.weight", name));
            foreach (JsonProperty entry in list.RootElement.EnumerateObject())
            {
                StoredTensor tensor = source.Tensors[entry.Name];
                Assert.Equal(entry.Value.GetProperty("type").GetString(), tensor.TypeName);
                Assert.Equal(entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32()), tensor.Shape.Sizes.ToArray());
                Assert.Equal(tensor.Bytes, source.Read(entry.Name).ByteCount);
            }

            string copy = temp.File(Path.GetFileName(folder) + ".gguf");
            GgufWriter.Write(
                copy, source.File.Keys.Select(key => KeyValuePair.Create(key, source.File.FindValue(key)!)),
                source.File.Tensors.Values.OrderBy(tensor => tensor.Offset).Select(tensor => TensorToWrite.Of(tensor.Name, source.Read(tensor.Name))));
            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(copy)), folder);
            files++;
        }

        Assert.True(files >= 10, $"{files} files");
    }

    private static string Pack(string folder)
    {
        string? root = Environment.GetEnvironmentVariable("PERCEPT_GOLDENS");
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null && root is null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared", "goldens");
            root = Directory.Exists(candidate) ? candidate : null;
        }

        string path = Path.Combine(root ?? "", folder);
        Assert.SkipUnless(root is not null && Directory.Exists(path), "The golden pack is not here.");
        return path;
    }
}
