using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Conformance;
using Xunit;

namespace Percept.Tests.Checkpoints;

/// <summary>Converted checkpoints compute what the originals do: golden cases run on them, there and back.</summary>
public class ConversionTests
{
    /// <summary>A tokenizer for checkpoints that came without one.</summary>
    private const string Tokenizer =
        """
        {"version":"1.0","added_tokens":[{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true},
        {"id":2,"content":"</s>","special":true}],"normalizer":{"type":"Prepend","prepend":"▁"},"pre_tokenizer":null,"post_processor":null,
        "decoder":null,"model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,
        "vocab":{"<unk>":0,"<s>":1,"</s>":2,"▁":3,"a":4,"b":5,"ab":6},"merges":["a b"]}}
        """;

    [Theory]
    [InlineData("llama/default")]
    [InlineData("llama/bias")]
    [InlineData("llama/config-old")]
    [InlineData("llama/config-v5")]
    [InlineData("llama/inv-freq-buffers")]
    [InlineData("llama/rope-linear")]
    [InlineData("llama/rope-yarn")]
    [InlineData("llama/rope-llama3")]
    [InlineData("llama/sharded")]
    [InlineData("llama/tied")]
    [InlineData("llama/bf16")]
    [InlineData("llama/f16")]
    [InlineData("mistral/sliding")]
    [InlineData("mistral/v0.2")]
    [InlineData("qwen2/default")]
    [InlineData("qwen3/default")]
    [InlineData("gemma/default")]
    [InlineData("phi3/default")]
    [InlineData("phi3/longrope")]
    [InlineData("phi3/partial-rotary")]
    public void ALanguageModelAnswersTheSameFromGgufAndBack(string name)
    {
        using var folder = new TempFolder();
        string input = Input(folder, Case("text/" + name));
        var single = new ConvertOptions { Type = WeightType.F32 };
        string gguf = folder.File("gguf/checkpoint/model.gguf");
        ConvertReport report = CheckpointConverter.Convert(input, gguf, single);
        Assert.Equal([gguf], report.Files);
        Assert.Empty(report.UnreadKeys);
        Check(Case("text/" + name), folder.File("gguf"));
        CheckpointConverter.Convert(gguf, folder.File("back/checkpoint"), single);
        Check(Case("text/" + name), folder.File("back"));

        // What went there and back is written again as it was.
        CheckpointConverter.Convert(folder.File("back/checkpoint"), folder.File("again.gguf"), single with { Name = Path.GetFileName(input) });
        SameTensors(gguf, folder.File("again.gguf"));
    }

    [Theory]
    [InlineData("llava-1.5/clip-llama")]
    [InlineData("llava-1.5/old-repo")]
    [InlineData("llava-1.5/siglip-qwen2")]
    [InlineData("llava-next/vicuna")]
    public void AnImageTextModelAnswersTheSameFromGgufWithItsTower(string name)
    {
        using var folder = new TempFolder();
        string golden = Case("llava/" + name);
        string gguf = folder.File("gguf/checkpoint/model.gguf"), tower = folder.File("gguf/checkpoint/mmproj-model.gguf");
        ConvertReport report = CheckpointConverter.Convert(Input(folder, golden), gguf, new ConvertOptions { Type = WeightType.F32 });
        Assert.Equal([gguf, tower], report.Files);
        Assert.Empty(report.UnreadKeys);
        Check(golden, folder.File("gguf"));
    }

    [Theory]
    [InlineData("text/llama/rope-dynamic", "dynamic")]
    [InlineData("text/qwen2/sliding", "use_sliding_window")]
    [InlineData("text/gemma3_text/default", "query_pre_attn_scalar")]
    [InlineData("text/mixtral/default", "mixtral")]
    [InlineData("text/gpt2/default", "gpt2")]
    [InlineData("llava/llava-1.5/layer-list-full", "vision_feature_select_strategy")]
    [InlineData("llava/llava-next/mistral-v5", "vision_feature_layer")]
    [InlineData("llava/vipllava/forward", "vipllava")]
    public void WhatGgufCannotSayIsRefusedByName(string name, string said)
    {
        using var folder = new TempFolder();
        string input = Input(folder, Case(name));
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => CheckpointConverter.Convert(input, folder.File("x.gguf")));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("x.gguf")));
    }

    [Theory]
    [InlineData("llama/default", WeightType.F32)]
    [InlineData("llama/default", WeightType.F16)]
    [InlineData("llama/default", WeightType.BF16)]
    [InlineData("llama/tied", WeightType.BF16)]
    [InlineData("mistral/sliding", WeightType.F16)]
    [InlineData("qwen2/default", WeightType.BF16)]
    [InlineData("qwen3/default", WeightType.F16)]
    [InlineData("phi3/longrope", WeightType.BF16)]
    public void EveryBitComesBackFromGguf(string name, WeightType type)
    {
        using var folder = new TempFolder();
        var same = new ConvertOptions { Type = type };
        string hub = folder.File("hub"), gguf = folder.File("a.gguf"), back = folder.File("back");
        CheckpointConverter.Convert(Input(folder, Case("text/" + name)), hub, same);
        CheckpointConverter.Convert(hub, gguf, same);
        CheckpointConverter.Convert(gguf, back, same);
        using Percept.Tensors.TensorScope scope = Percept.Tensors.TensorScope.Open();
        using TensorSource one = TensorSource.Open(hub), two = TensorSource.Open(back);
        string[] names = [.. one.Tensors.Keys.Where(key => !key.EndsWith("inv_freq", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(names, two.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.All(names, key =>
        {
            Assert.Equal(one.Tensors[key].Type, two.Tensors[key].Type);
            Assert.Equal(one.Tensors[key].Shape, two.Tensors[key].Shape);
            Assert.True(one.Read(key).Bytes().SequenceEqual(two.Read(key).Bytes()), key);
        });
    }

    private static void SameTensors(string left, string right)
    {
        using TensorSource one = TensorSource.Open(left), two = TensorSource.Open(right);
        Assert.Equal(one.Tensors.Keys.Order(), two.Tensors.Keys.Order());
        foreach (string name in one.Tensors.Keys)
        {
            using Percept.Tensors.Tensor a = one.Read(name), b = two.Read(name);
            Assert.Equal(a.Shape, b.Shape);
            float[] before = a.ToArray<float>(), after = b.ToArray<float>();
            Assert.All(Enumerable.Range(0, before.Length), i => Assert.Equal(before[i], after[i], 1e-6));
        }

        Assert.Equal(one.Metadata.OrderBy(pair => pair.Key), two.Metadata.OrderBy(pair => pair.Key));
    }

    internal static string Input(TempFolder folder, string golden)
    {
        string input = folder.File("in");
        Directory.CreateDirectory(input);
        foreach (string file in Directory.GetFiles(Path.Combine(golden, "checkpoint")))
        {
            File.Copy(file, Path.Combine(input, Path.GetFileName(file)));
        }

        if (!File.Exists(Path.Combine(input, "tokenizer.json")))
        {
            File.WriteAllText(Path.Combine(input, "tokenizer.json"), Tokenizer);
        }

        return input;
    }

    /// <summary>Runs the forward runs of a case on the checkpoint of another folder.</summary>
    private static void Check(string golden, string folder)
    {
        JsonNode description = JsonNode.Parse(File.ReadAllBytes(Path.Combine(golden, "case.json")))!;
        description["runs"] = new JsonArray(
        [
            .. description["runs"]!.AsArray().Where(run => (string?)run!["op"] is "forward" or "forward_cached"
                && run!["args"]?["vision_feature_layer"] is null).Select(run => run!.DeepClone()),
        ]);
        File.WriteAllText(Path.Combine(folder, "case.json"), description.ToJsonString());
        foreach (string file in new[] { "inputs.safetensors", "outputs.safetensors" })
        {
            File.Copy(Path.Combine(golden, file), Path.Combine(folder, file), overwrite: true);
        }

        CaseResult result = CaseRunner.Run(folder);
        Assert.Null(result.Problem);
        string[] problems =
        [
            .. result.Runs.Where(run => run.Status != RunStatus.Matched).Select(run =>
                $"{run.Name}: {run.Status} {run.Problem} " +
                string.Join("; ", run.Outputs.Where(output => !output.Matches).Select(output => $"{output.Name} {output.Problem}"))),
        ];
        Assert.True(problems.Length == 0, string.Join('\n', problems));
        Assert.NotEmpty(result.Runs);
    }

    private static string Case(string name)
    {
        string? copy = CaseFinder.FindCopies() is { } copies && Directory.Exists(Path.Combine(copies, name)) ? Path.Combine(copies, name) : null;
        string? found = copy ?? (CaseFinder.FindPack() is { } pack ? Path.Combine(pack, name) : null);
        Assert.SkipUnless(found is not null && Directory.Exists(found), "The golden pack is not here.");
        return found!;
    }
}
