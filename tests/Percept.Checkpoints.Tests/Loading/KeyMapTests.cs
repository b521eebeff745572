using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Maps of names are read both ways.</summary>
public class KeyMapTests
{
    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("gemma")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("phi3")]
    public void NamesOfGgufFilesComeBack(string architecture)
    {
        KeyMap map = GgufNames.For(architecture);
        string[] parts = architecture == "phi3"
            ? ["attn_norm", "attn_output", "ffn_down", "attn_qkv", "ffn_up", "ffn_norm"]
            : architecture is "gemma2" or "gemma3"
                ? ["attn_norm", "attn_output", "ffn_down", "attn_q", "attn_k", "attn_v", "attn_q_norm", "attn_k_norm", "ffn_gate", "ffn_up",
                    "post_attention_norm", "ffn_norm", "post_ffw_norm"]
                : ["attn_norm", "attn_output", "ffn_down", "attn_q", "attn_k", "attn_v", "attn_q_norm", "attn_k_norm", "ffn_gate", "ffn_up", "ffn_norm"];
        string[] files =
        [
            "token_embd.weight", "output_norm.weight", "output.weight",
            .. parts.SelectMany(part => new[] { 0, 1, 9, 10, 127 }.SelectMany(n => new[] { $"blk.{n}.{part}.weight", $"blk.{n}.{part}.bias" })),
        ];
        string[] models = [.. files.Select(map.ToModel)];
        Assert.All(files.Zip(models), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(models.Length, models.Distinct().Count());
        Assert.Equal(files, models.Select(map.ToFile));
        Assert.Equal(models, models.Select(name => map.ToModel(map.ToFile(name))));
    }

    [Fact]
    public void NamesOfTowersComeBack()
    {
        string[] files =
        [
            "v.class_embd", "v.patch_embd.weight", "v.position_embd.weight", "v.pre_ln.bias", "v.post_ln.weight", "mm.0.weight", "mm.2.bias",
            "model.image_newline",
            .. new[] { "attn_q", "attn_k", "attn_v", "attn_out", "ln1", "ln2", "ffn_up", "ffn_down" }.Select(part => $"v.blk.11.{part}.weight"),
        ];
        Assert.Equal(files, files.Select(GgufNames.SwappedTower.ToModel).Select(GgufNames.SwappedTower.ToFile));
        Assert.Equal(files, files.Select(GgufNames.StraightTower.ToModel).Select(GgufNames.StraightTower.ToFile));
    }

    [Fact]
    public void TwoNamesThatBecomeOneAreRefused()
    {
        KeyMap map = KeyMap.Identity.Rename("old.{*}", "new.{*}");
        using var folder = new Percept.Tests.TempFolder();
        using Percept.Tensors.TensorScope scope = Percept.Tensors.TensorScope.Open();
        SafetensorsWriter.Write(
            folder.File("a.safetensors"),
            new Dictionary<string, Percept.Tensors.Tensor> { ["old.a"] = Percept.Tensors.Ops.Zeros([1]), ["new.a"] = Percept.Tensors.Ops.Zeros([1]) });
        using TensorSource source = TensorSource.Open(folder.File("a.safetensors"));
        Refusal.Of<InvalidDataException>(() => new WeightStore().Add(source, map), "'old.a'", "'new.a'", "two layouts");
    }
}
