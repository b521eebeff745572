using Xunit;

namespace Percept.Checkpoints.Tests;

public class PullSelectionTests
{
    [Theory]
    [InlineData("a/b.bin", "*.bin", true)]
    [InlineData("a/b.bin", "*", true)]
    [InlineData("a/b.bin", "a/", true)]
    [InlineData("ab/b.bin", "a/", false)]
    [InlineData("model.bin", "m?del.*", true)]
    [InlineData("model.bin", "*.BIN", false)]
    [InlineData("model.bin", "model", false)]
    [InlineData("aaab", "*a*b", true)]
    [InlineData("", "*", true)]
    [InlineData("a", "", false)]
    public void PatternsFitAsTheHubsToolsSay(string path, string pattern, bool fits) => Assert.Equal(fits, GlobPattern.Fits(path, pattern));

    [Fact]
    public void ManyStarsTakeNoTime()
    {
        string pattern = string.Concat(Enumerable.Repeat("*a", 500)) + "b";
        Assert.False(GlobPattern.Fits(new string('a', 1000), pattern));
    }

    [Fact]
    public void FormatsThatAreOfNoUseAreLeftOut()
    {
        string[] files =
        [
            "config.json", "model-00001-of-00002.safetensors", "pytorch_model.bin", "pytorch_model.bin.index.json", "original/consolidated.00.pth",
            "onnx/model.onnx", "tf_model.h5", "flax_model.msgpack", "tokenizer.model", "mm_projector.bin", "model-q4.gguf",
        ];
        Assert.Equal(["config.json", "model-00001-of-00002.safetensors", "tokenizer.model", "mm_projector.bin"], Chosen(files, new()));
        Assert.Equal(files, Chosen(files, new() { Everything = true }));
        Assert.Equal(["pytorch_model.bin"], Chosen(files, new() { Include = ["*.bin"], Exclude = ["mm_*"] }));
        Assert.Equal(["config.json", "pytorch_model.bin"], Chosen(["config.json", "pytorch_model.bin"], new()));
        (_, KeyValuePair<string, string>[] skipped) = Choose(files, new());
        Assert.Contains(new("onnx/model.onnx", "of a format that Percept does not use"), skipped);
        Refusal.Of<InvalidDataException>(() => Choose(files, new() { Include = ["*.xyz"] }), "None of the 11 files");
    }

    [Fact]
    public void OneOfManyGgufModelsMustBeChosen()
    {
        string[] files = ["m-Q4_K_M.gguf", "m-Q8_0-00001-of-00002.gguf", "m-Q8_0-00002-of-00002.gguf", "mmproj-m-f16.gguf", "mmproj-m-bf16.gguf", "README.md"];
        Refusal.Of<InvalidDataException>(() => Choose(files, new()), "2 GGUF models", "m-Q4_K_M.gguf", "--include '*Q4_K_M*'");
        Assert.Equal(["m-Q4_K_M.gguf", "mmproj-m-f16.gguf"], Chosen(files, new() { Include = ["*Q4_K_M*"] }));
        Assert.Equal(["m-Q4_K_M.gguf", "mmproj-m-bf16.gguf"], Chosen(files, new() { Include = ["*Q4_K_M*", "*bf16*"] }));
        Assert.Equal(["m-Q4_K_M.gguf"], Chosen(files, new() { Include = ["*Q4_K_M*"], Exclude = ["*mmproj*"] }));
        Assert.Equal(["m-Q4_K_M.gguf", "mmproj-m-f16.gguf"], Chosen(["m-Q4_K_M.gguf", "mmproj-m-f16.gguf", "mmproj-m-bf16.gguf"], new()));
        Assert.Equal(files, Chosen(files, new() { Everything = true }));
    }

    private static string[] Chosen(string[] files, PullOptions options) => [.. Choose(files, options).Files.Select(file => file.Path)];

    private static (HubFile[] Files, KeyValuePair<string, string>[] Skipped) Choose(string[] files, PullOptions options) =>
        PullSelection.Choose([.. files.Select((file, i) => new HubFile(file, 1000 + i, null))], options, "org/name");
}
