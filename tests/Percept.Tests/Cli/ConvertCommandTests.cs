using System.Globalization;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Cli;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Cli;

public class ConvertCommandTests
{
    [Fact]
    public void AGgufFileIsRequantized()
    {
        using var folder = new TempFolder();
        Save(folder.File("in.gguf"));
        (int code, string output, string error) = Run("convert", folder.File("in.gguf"), folder.File("out/q8.gguf"), "--type", "q8_0");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("q8.gguf", output, StringComparison.Ordinal);
        Assert.Contains("1 Q8_0", output, StringComparison.Ordinal);
        using TensorSource source = TensorSource.Open(folder.File("out/q8.gguf"));
        Assert.Equal(DType.Q8_0, source.Tensors["blk.0.ffn_up.weight"].Type);

        (code, output, _) = Run("convert", folder.File("in.gguf"), folder.File("f16.gguf"), "--json");
        Assert.Equal(0, code);
        JsonElement report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(1, report.GetProperty("tensors").GetProperty("F16").GetInt32());
        Assert.Equal([folder.File("f16.gguf")], report.GetProperty("files").EnumerateArray().Select(file => file.GetString()));
    }

    [Fact]
    public void WhatGoesWrongIsOneLine()
    {
        using var folder = new TempFolder();
        Save(folder.File("in.gguf"));
        Refused("no type 'q9'", "convert", folder.File("in.gguf"), folder.File("x.gguf"), "--type", "q9");
        Refused("There is no file or folder", "convert", folder.File("absent.gguf"), folder.File("x.gguf"));
        Refused("is the input", "convert", folder.File("in.gguf"), folder.File("in.gguf"));
        Refused("<out> is missing", "convert", folder.File("in.gguf"));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    private static void Refused(string said, params string[] args)
    {
        (int code, _, string error) = Run(args);
        Assert.Equal(2, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    private static void Save(string path)
    {
        using TensorScope scope = TensorScope.Open();
        GgufWriter.Write(
            path, [new("general.architecture", GgufValue.Of("llama"))],
            [
                TensorToWrite.Of("blk.0.ffn_up.weight", Tensor.From(new float[128], [2, 64])),
                TensorToWrite.Of("output_norm.weight", Tensor.From(new float[64], [64])),
            ]);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        int code = PerceptCommand.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
