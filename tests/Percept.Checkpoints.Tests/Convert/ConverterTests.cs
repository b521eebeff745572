using System.Text.Json;
using Percept.Tensors;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

public class ConverterTests
{
    [Theory]
    [InlineData(WeightType.F32, "F32:11")]
    [InlineData(WeightType.F16, "F16:8 F32:3")]
    [InlineData(WeightType.BF16, "BF16:8 F32:3")]
    [InlineData(WeightType.Q8_0, "F32:3 Q8_0:8")]
    [InlineData(WeightType.Q4_0, "F32:3 Q4_0:7 Q6_K:1")]
    [InlineData(WeightType.Q4_K, "F32:3 Q4_K:5 Q6_K:3")]
    [InlineData(WeightType.Q6_K, "F32:3 Q6_K:8")]
    public void EveryTypeIsWrittenAndReadBackClose(WeightType type, string expected)
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        string source = Source(folder);
        ConvertReport report = CheckpointConverter.Convert(source, folder.File("a.gguf"), new ConvertOptions { Type = type });
        Assert.Equal(expected, Counts(report));

        using TensorSource before = TensorSource.Open(source), after = TensorSource.Open(folder.File("a.gguf"));
        double bound = type switch { WeightType.F32 => 0, WeightType.F16 or WeightType.BF16 => 0.004, WeightType.Q8_0 => 0.01, WeightType.Q6_K => 0.03, _ => 0.12 };
        KeyMap map = GgufNames.For("qwen2");
        foreach (string name in after.Tensors.Keys)
        {
            float[] was = before.Read(map.ToModel(name)).ToArray<float>(), now = Floats(after.Read(name));
            double error = Math.Sqrt(was.Zip(now, (a, b) => (double)(a - b) * (a - b)).Sum() / was.Sum(a => (double)a * a));
            Assert.True(error <= bound, $"{name} {after.Tensors[name].Type}: {error}");
        }
    }

    [Fact]
    public void MatricesThatDoNotFillBlocksGetTheNextBestType()
    {
        Assert.Equal(DType.Q5_0, WeightTypes.Choose(WeightType.Q4_K, "blk.1.attn_q.weight", [8, 64], 32, false));
        Assert.Equal(DType.Q8_0, WeightTypes.Choose(WeightType.Q6_K, "blk.1.attn_q.weight", [8, 64], 32, false));
        Assert.Equal(DType.F16, WeightTypes.Choose(WeightType.Q4_0, "blk.1.attn_q.weight", [8, 40], 32, false));
        Assert.Equal(DType.Q6_K, WeightTypes.Choose(WeightType.Q4_K, "output.weight", [8, 256], 32, false));
        Assert.Equal(DType.Q6_K, WeightTypes.Choose(WeightType.Q4_K, "token_embd.weight", [8, 256], 32, true));
        Assert.Equal(DType.Q4_K, WeightTypes.Choose(WeightType.Q4_K, "token_embd.weight", [8, 256], 32, false));
        Assert.Equal(DType.F32, WeightTypes.Choose(WeightType.Q4_K, "output_norm.weight", [256], 32, false));

        // The first and last eighth of 32 layers, and every third between.
        int[] better =
        [
            .. Enumerable.Range(0, 32).Where(layer => WeightTypes.Choose(WeightType.Q4_K, $"blk.{layer}.ffn_down.weight", [8, 256], 32, false) == DType.Q6_K),
        ];
        Assert.Equal([0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31], better);
    }

    [Fact]
    public void AGgufModelIsRequantizedWithItsMetadataUnchanged()
    {
        using var folder = new TempFolder();
        CheckpointConverter.Convert(Source(folder), folder.File("a.gguf"), new ConvertOptions { Type = WeightType.F32, Name = "m" });
        CheckpointConverter.Convert(folder.File("a.gguf"), folder.File("b.gguf"), new ConvertOptions { Type = WeightType.Q8_0 });
        CheckpointConverter.Convert(Source(folder, "again"), folder.File("c.gguf"), new ConvertOptions { Type = WeightType.Q8_0, Name = "m" });
        using GgufFile b = GgufFile.Open(folder.File("b.gguf")), c = GgufFile.Open(folder.File("c.gguf"));
        Assert.Equal(c.Keys.Order(), b.Keys.Order());
        Assert.All(c.Keys, key => Assert.Equal(c.FindValue(key)!.Payload, b.FindValue(key)!.Payload));
        using TensorScope scope = TensorScope.Open();
        Assert.All(c.Tensors.Keys, name => Assert.Equal(c.Read(name).Bytes(), b.Read(name).Bytes()));

        // The same type again is the same bytes.
        CheckpointConverter.Convert(folder.File("b.gguf"), folder.File("d.gguf"), new ConvertOptions { Type = WeightType.Q8_0 });
        using GgufFile d = GgufFile.Open(folder.File("d.gguf"));
        Assert.All(b.Tensors.Keys, name => Assert.Equal(b.Read(name).Bytes(), d.Read(name).Bytes()));
    }

    [Fact]
    public void SafetensorsChangeTheirTypeAndKeepWhatStandsBeside()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        string source = Source(folder);
        ConvertReport report = CheckpointConverter.Convert(source, folder.File("out"), new ConvertOptions { Type = WeightType.BF16 });
        Assert.Equal("BF16:11", Counts(report));
        Assert.Equal(
            ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"],
            Directory.GetFiles(folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        CheckpointConverter.Convert(source, folder.File("one.safetensors"));
        using TensorSource one = TensorSource.Open(folder.File("one.safetensors"));
        Assert.All(one.Tensors.Values, tensor => Assert.Equal(DType.F32, tensor.Type));
        Assert.Equal(2, Directory.GetDirectories(folder.Path).Length);
    }

    [Fact]
    public void WhatCannotBeIsRefusedAndLeavesNothing()
    {
        using var folder = new TempFolder();
        string source = Source(folder), file = Path.Combine(source, "model.safetensors");
        Assert.Throws<FileNotFoundException>(() => CheckpointConverter.Convert(folder.File("absent"), folder.File("x.gguf")));
        Refusal.Of<ArgumentException>(() => CheckpointConverter.Convert(source, source), "is the input");
        Refusal.Of<ArgumentException>(() => CheckpointConverter.Convert(source, file), "a file of the input");
        Refusal.Of<NotSupportedException>(
            () => CheckpointConverter.Convert(source, folder.File("x.safetensors"), new ConvertOptions { Type = WeightType.Q4_0 }), "can't hold Q4_0");
        Refusal.Of<NotSupportedException>(() => CheckpointConverter.Convert(file, folder.File("x.gguf")), "Name the folder");
        File.WriteAllText(Path.Combine(source, "config.json"), """{"model_type":"qwen2","num_attention_heads":2,"hidden_size":999}""");
        Refusal.Of<InvalidDataException>(() => CheckpointConverter.Convert(source, folder.File("x.gguf")), "'hidden_size' = 999", "tell 256");
        File.WriteAllText(Path.Combine(source, "config.json"), """{"model_type":"qwen2","num_attention_heads":3}""");
        Refusal.Of<InvalidDataException>(() => CheckpointConverter.Convert(source, folder.File("x.gguf")), "3 attention heads");
        File.WriteAllText(Path.Combine(source, "config.json"), """{"model_type":"qwen2","num_attention_heads":2,"hidden_act":"relu"}""");
        Refusal.Of<NotSupportedException>(() => CheckpointConverter.Convert(source, folder.File("x.gguf")), "'relu'");
        File.WriteAllText(Path.Combine(source, "config.json"), """{"model_type":"qwen2","num_attention_heads":2}""");
        File.Delete(Path.Combine(source, "tokenizer.json"));
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => CheckpointConverter.Convert(source, folder.File("x.gguf")));
        Assert.Contains("no tokenizer", error.Message, StringComparison.Ordinal);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => CheckpointConverter.Convert(source, folder.File("x.safetensors"), null, null, stop.Token));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void AFailureLeavesWhatStoodThere()
    {
        using var folder = new TempFolder();
        string gguf = folder.File("out.gguf"), mute = folder.File("mute.gguf"), hub = folder.File("hub");
        CheckpointConverter.Convert(Source(folder), gguf);
        CheckpointConverter.Convert(gguf, hub);
        string[] files = Directory.GetFileSystemEntries(hub);
        byte[][] before = [.. files.Select(File.ReadAllBytes)];

        // A file without a vocabulary, which is looked for when the weights are written already.
        byte[] data = File.ReadAllBytes(gguf);
        int at = data.AsSpan().IndexOf("tokenizer.ggml.model"u8);
        data[at] = (byte)'x';
        File.WriteAllBytes(mute, data);
        var seen = new List<ConvertProgress>();
        Assert.ThrowsAny<Exception>(
            () => CheckpointConverter.Convert(mute, hub, new ConvertOptions { Type = WeightType.BF16 }, new Sink(seen)));
        Assert.Equal(seen[^1].Total, seen[^1].Done);
        Assert.Equal(files, Directory.GetFileSystemEntries(hub));
        Assert.Equal(before, files.Select(File.ReadAllBytes));
        Assert.ThrowsAny<Exception>(() => CheckpointConverter.Convert(mute, folder.File("new")));
        Assert.False(Directory.Exists(folder.File("new")));
    }

    [Fact]
    public void TensorsThatHaveNoPlaceAreRefused()
    {
        using var folder = new TempFolder();
        string source = Source(folder, extra: "model.layers.0.self_attn.strange.weight");
        Refusal.Of<NotSupportedException>(() => CheckpointConverter.Convert(source, folder.File("x.gguf")), "strange");
        string other = Source(folder, "other", extra: "adapter.weight");
        Refusal.Of<NotSupportedException>(() => CheckpointConverter.Convert(other, folder.File("x.gguf")), "adapter.weight", "no place");
    }

    [Fact]
    public void ProgressIsToldToTheEnd()
    {
        using var folder = new TempFolder();
        var seen = new List<ConvertProgress>();
        ConvertReport report = CheckpointConverter.Convert(Source(folder), folder.File("a.gguf"), new() { Type = WeightType.Q8_0 }, new Sink(seen));
        Assert.Equal(11, seen.Count);
        Assert.Equal((report.BytesAfter, report.BytesAfter), (seen[^1].Done, seen[^1].Total));
        Assert.Equal(seen.OrderBy(one => one.Done), seen);
    }

    [Theory]
    [InlineData("f32", WeightType.F32)]
    [InlineData("Q4_K_M", WeightType.Q4_K)]
    [InlineData("bf16", WeightType.BF16)]
    public void TypesHaveNames(string name, WeightType type)
    {
        Assert.Equal(type, WeightTypes.Parse(name));
        Assert.Contains("q8_0", Assert.Throws<ArgumentException>(() => WeightTypes.Parse("q3")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RowsOfQueriesAreTurnedThereAndBack()
    {
        Assert.Equal([0, 2, 1, 3, 4, 6, 5, 7], RowOrders.ToNeighbours(2, 4));
        int[] there = RowOrders.ToNeighbours(3, 10), back = RowOrders.ToHalves(3, 10);
        Assert.Equal(Enumerable.Range(0, 30), there.Select(row => back[row]));
    }

    private static string Counts(ConvertReport report) => string.Join(' ', report.Tensors.Select(pair => $"{pair.Key}:{pair.Value}"));

    private static float[] Floats(Tensor tensor)
    {
        var floats = new float[tensor.Count];
        Quantization.Dequantize(tensor.DType, tensor.Bytes(), floats);
        return floats;
    }

    /// <summary>A tiny Qwen2 with one layer, its head apart, and a tokenizer.</summary>
    private static string Source(TempFolder folder, string name = "in", string? extra = null)
    {
        using TensorScope scope = TensorScope.Open();
        var random = new Random(5);
        Tensor Make(params int[] sizes) => Tensor.From(
            [.. Enumerable.Range(0, sizes.Aggregate((a, b) => a * b)).Select(_ => (float)(random.NextDouble() - 0.5))], Shape.Create(sizes));
        const string Layer = "model.layers.0.";
        var tensors = new Dictionary<string, Tensor>
        {
            ["model.embed_tokens.weight"] = Make(8, 256), ["model.norm.weight"] = Make(256),
            [Layer + "input_layernorm.weight"] = Make(256), [Layer + "post_attention_layernorm.weight"] = Make(256),
            [Layer + "self_attn.q_proj.weight"] = Make(256, 256), [Layer + "self_attn.k_proj.weight"] = Make(128, 256),
            [Layer + "self_attn.v_proj.weight"] = Make(128, 256), [Layer + "self_attn.o_proj.weight"] = Make(256, 256),
            [Layer + "mlp.gate_proj.weight"] = Make(256, 256), [Layer + "mlp.up_proj.weight"] = Make(256, 256),
            [Layer + "mlp.down_proj.weight"] = Make(256, 256),
        };
        if (extra is not null)
        {
            tensors[extra] = Make(4);
        }

        string path = folder.File(name);
        Directory.CreateDirectory(path);
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), tensors);
        File.WriteAllText(
            Path.Combine(path, "config.json"), """{"model_type":"qwen2","num_attention_heads":2,"tie_word_embeddings":true,"rms_norm_eps":1e-5}""");
        File.WriteAllText(
            Path.Combine(path, "tokenizer.json"),
            """
            {"added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"post_processor":null,
            "decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}
            """);
        File.WriteAllText(Path.Combine(path, "tokenizer_config.json"), JsonSerializer.Serialize(new Dictionary<string, string>()));
        return path;
    }

    private sealed class Sink(List<ConvertProgress> seen) : IProgress<ConvertProgress>
    {
        public void Report(ConvertProgress value) => seen.Add(value);
    }
}
