using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
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

    [Fact]
    public void ConfigurationsAreToldAsTheHubWritesThem()
    {
        int files = 0;
        foreach (string folder in Directory.GetDirectories(Pack("text/gguf")))
        {
            string reference = Path.Combine(folder, "checkpoint", "reference_config.json");
            if (!File.Exists(reference))
            {
                continue;
            }

            using GgufSource source = GgufSource.Open(Path.Combine(folder, "checkpoint", "model.gguf"));
            JsonObject told = GgufArchitecture.Read(source);
            JsonObject expected = JsonNode.Parse(File.ReadAllBytes(reference))!.AsObject();
            bool hasDivisors = told.ContainsKey("percept_rope_divisors");
            foreach ((string key, JsonNode? value) in expected.Where(pair => told.ContainsKey(pair.Key)))
            {
                // The file holds the divisors that the hub's rule gives, not the rule.
                if (key != "rope_scaling" || !hasDivisors)
                {
                    Assert.True(Same(value, told[key]), $"{folder}: {key} is {told[key]?.ToJsonString()}, expected {value?.ToJsonString()}");
                }
            }

            string[] needed = ["model_type", "hidden_size", "intermediate_size", "num_hidden_layers", "vocab_size", "rope_theta"];
            Assert.All(needed, key => Assert.True(told.ContainsKey(key) && expected.ContainsKey(key), key));
            KeyMap map = GgufNames.For(source);
            Assert.All(
                source.Tensors.Keys.Where(name => map.IgnoredBecause(name) is null),
                name =>
                {
                    Assert.StartsWith(name == "output.weight" ? "lm_head" : "model.", map.ToModel(name), StringComparison.Ordinal);
                    Assert.Equal(name, map.ToFile(map.ToModel(name)));
                });
            files++;
        }

        Assert.True(files >= 8, $"{files} files");
    }

    [Fact]
    public void ATowerIsToldAsTheHubWritesIt()
    {
        using GgufSource source = GgufSource.Open(Path.Combine(Pack("text/gguf/mmproj-llava15"), "checkpoint", "mmproj.gguf"));
        JsonObject config = GgufArchitecture.Read(source);
        Assert.Equal(
            """{"model_type":"clip_vision_model","hidden_size":32,"intermediate_size":52,"num_hidden_layers":2,"num_attention_heads":4,"num_channels":3,"image_size":16,"patch_size":4,"projection_dim":24,"layer_norm_eps":1E-05,"hidden_act":"quick_gelu","percept_final_norm":false}""",
            config["vision_config"]!.ToJsonString());
        Assert.Equal(-1, (int)config["vision_feature_layer"]!);
        KeyMap map = GgufNames.For(source);
        Assert.All(source.Tensors.Keys, name => Assert.Equal(name, map.ToFile(map.ToModel(name))));
        Assert.Equal("vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight", map.ToModel("v.blk.0.ffn_down.weight"));
    }

    private static bool Same(JsonNode? left, JsonNode? right) => (left, right) switch
    {
        (JsonObject a, JsonObject b) => a.All(pair => Same(pair.Value, b[pair.Key])),
        (JsonValue a, JsonValue b) when a.GetValueKind() == JsonValueKind.Number && b.GetValueKind() == JsonValueKind.Number =>
            Math.Abs(Number(a) - Number(b)) <= 1e-6 * Math.Abs(Number(a)),
        _ => JsonNode.DeepEquals(left, right),
    };

    private static double Number(JsonValue value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    internal static string Pack(string folder)
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
