using System.Text.Json;
using Percept.Cli;
using Percept.Conformance;
using Percept.Media;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary><c>percept inspect</c> and <c>percept tokens</c>.</summary>
public sealed class InputCommandTests : IDisposable
{
    private static readonly string s_tokenizer = Path.Combine(
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("tests/goldens"),
        "tokenizers", "synthetic", "llama3-ignore-merges", "tokenizer.json");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void APictureIsToldWithWhatEveryFamilyMakesOfIt()
    {
        string file = Picture(60, 40);
        (int code, string output, string error) = Run("inspect", file);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("picture", output, StringComparison.Ordinal);
        Assert.Contains("width", output, StringComparison.Ordinal);
        Assert.Contains("qwen2_vl", output, StringComparison.Ordinal);
        Assert.Contains("clip", output, StringComparison.Ordinal);

        (code, output, _) = Run("inspect", file, "--family", "clip", "--json");
        Assert.Equal(0, code);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement picture = json.RootElement[0];
        Assert.Equal((60, 40), (picture.GetProperty("width").GetInt32(), picture.GetProperty("height").GetInt32()));
        JsonElement plan = Assert.Single(picture.GetProperty("processors").EnumerateArray());
        Assert.Equal("clip", plan.GetProperty("family").GetString());
        Assert.Equal([224, 336], plan.GetProperty("resized").EnumerateArray().Select(side => side.GetInt32()));
        Assert.Equal([224, 224], plan.GetProperty("tile").EnumerateArray().Select(side => side.GetInt32()));
    }

    [Fact]
    public void AFamilyThatRefusesAPictureSaysWhy()
    {
        (int code, string output, _) = Run("inspect", Picture(1000, 2), "--family", "qwen2_vl");
        Assert.Equal(0, code);
        Assert.Contains("qwen2_vl refuses it", output, StringComparison.Ordinal);
    }

    [Fact]
    public void ASoundIsTold()
    {
        string file = _folder.File("a.wav");
        File.WriteAllBytes(file, WavWriter.Write(new Sound(2, 8000, 16000)));
        (int code, string output, _) = Run("inspect", file, "--json");
        Assert.Equal(0, code);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal("sound", json.RootElement[0].GetProperty("kind").GetString());
        Assert.Equal(2, json.RootElement[0].GetProperty("channels").GetInt32());
        Assert.Equal(0.5, json.RootElement[0].GetProperty("seconds").GetDouble());
    }

    [Fact]
    public void WhatIsNoMediumIsOneLineAndExitCodeTwo()
    {
        string text = _folder.File("a.txt");
        File.WriteAllText(text, "no picture");
        string broken = _folder.File("b.png");
        File.WriteAllBytes(broken, File.ReadAllBytes(Picture(9, 9))[..40]);
        string empty = _folder.File("c.png");
        File.WriteAllBytes(empty, []);
        foreach (string[] arguments in (string[][])
        [
            ["inspect", _folder.File("absent.png")], ["inspect", text], ["inspect", broken], ["inspect", empty],
            ["inspect", ""], ["inspect", Picture(9, 9), "--family", "nobody"],
            ["tokens", "-t", _folder.File("absent"), "a"], ["tokens", "-t", text, "a"], ["tokens", "-t", broken, "a"], ["tokens", "a"],
        ])
        {
            (int code, string output, string error) = Run(arguments);
            Assert.Equal(2, code);
            Assert.Empty(output);
            Assert.Single(error.Trim().Split('\n'));
        }
    }

    [Fact]
    public void ABadFileDoesNotHideTheOthers()
    {
        (int code, string output, string error) = Run("inspect", _folder.File("absent.png"), Picture(9, 8), "--json");
        Assert.Equal(2, code);
        Assert.Contains("absent.png", error, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal(9, Assert.Single(json.RootElement.EnumerateArray()).GetProperty("width").GetInt32());
    }

    [Fact]
    public void TokensAreShownWithIdsAndOffsets()
    {
        (int code, string output, string error) = Run("tokens", "-t", s_tokenizer, "a\U0001F600b", "--no-special", "--json");
        Assert.Equal((0, ""), (code, error));
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement[] tokens = [.. json.RootElement.GetProperty("tokens").EnumerateArray()];
        Assert.Equal(json.RootElement.GetProperty("count").GetInt32(), tokens.Length);
        Assert.Equal(0, tokens[0].GetProperty("start").GetInt32());
        Assert.Equal(3, tokens[^1].GetProperty("end").GetInt32());

        (code, output, _) = Run("tokens", "-t", s_tokenizer, "a\U0001F600b\n");
        Assert.Equal(0, code);
        Assert.Contains("\\n", output, StringComparison.Ordinal);
        Assert.Contains("4 characters", output, StringComparison.Ordinal);
    }

    private string Picture(int width, int height)
    {
        string file = _folder.File(FormattableString.Invariant($"{width}x{height}.png"));
        File.WriteAllBytes(file, PngEncoder.Encode(new Image(width, height, PixelFormat.Rgb)));
        return file;
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = PerceptCommand.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
