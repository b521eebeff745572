using System.Text.Json;
using Percept.Cli;
using Percept.Conformance;
using Percept.Media;
using Percept.Models;
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
        Assert.Equal((224, 336), Size(plan, "resized"));
        Assert.Equal((224, 224), Size(plan, "tile"));
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
        JsonElement whisper = Plan(json, "whisper");
        Assert.Equal([80, 3000], whisper.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()));
        Assert.Equal(50, whisper.GetProperty("valid_frames").GetInt32());
        Assert.Equal(188, Plan(json, "gemma3n").GetProperty("tokens").GetInt32());
        Assert.Equal(9, json.RootElement[0].GetProperty("processors").GetArrayLength());

        (code, output, _) = Run("inspect", file);
        Assert.Equal(0, code);
        Assert.Contains("80×3000", output, StringComparison.Ordinal);
    }

    [Fact]
    public void AClipIsToldWithTheTokensOfTheWhole()
    {
        string file = Clip(6, 40, 30);
        (int code, string output, _) = Run("inspect", file, "--json");
        Assert.Equal(0, code);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal("clip", json.RootElement[0].GetProperty("kind").GetString());
        Assert.Equal(6, json.RootElement[0].GetProperty("frames").GetInt32());
        Assert.Equal((6 * 14 * 14) + 1, Plan(json, "llava_onevision").GetProperty("tokens").GetInt32());
        Assert.Equal(3, Plan(json, "qwen2_vl").GetProperty("grid").GetProperty("time").GetInt32());
        Assert.Equal(ImageFamilies.All.Count, json.RootElement[0].GetProperty("frame_processors").GetArrayLength());

        // Six frames of a tenth of a second, shown at five a second.
        (_, output, _) = Run("inspect", file, "--json", "--fps", "5", "--family", "VIDEO-LLAVA");
        using JsonDocument sampled = JsonDocument.Parse(output);
        Assert.Equal(3, Plan(sampled, "video_llava").GetProperty("frames").GetInt32());
    }

    [Fact]
    public void ClipsOfAllSourcesHaveTheSameNames()
    {
        string folder = Directory.CreateDirectory(_folder.File("frames")).FullName;
        foreach (int i in (int[])[1, 2, 3])
        {
            File.Copy(Picture(40, 30), Path.Combine(folder, $"{i}.png"));
        }

        using JsonDocument json = JsonDocument.Parse(Run("inspect", Clip(3, 40, 30), folder, "--json").Output);
        string[][] names = [.. json.RootElement.EnumerateArray().Select(clip => clip.EnumerateObject().Select(p => p.Name).ToArray())];
        Assert.Equal(names[0], names[1]);
        Assert.Equal(JsonValueKind.Null, json.RootElement[1].GetProperty("seconds").ValueKind);
        Assert.Contains("24 frames a second", json.RootElement[1].GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void OfAPictureOverTheLimitTheHeaderIsTold()
    {
        string file = Picture(60, 40);
        (int code, string output, _) = Run("inspect", file, "--max-pixels", "2399", "--json", "--family", "clip");
        Assert.Equal(0, code);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.False(json.RootElement[0].GetProperty("decoded").GetBoolean());
        Assert.Contains("--max-pixels", json.RootElement[0].GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal((224, 336), Size(Plan(json, "clip"), "resized"));
        Assert.Contains("\"decoded\": true", Run("inspect", file, "--max-pixels", "2400", "--json").Output, StringComparison.Ordinal);
        Assert.Equal(2, Run("inspect", file, "--max-pixels", "0").Code);
    }

    [Fact]
    public void AFolderOfSettingsIsShownOrRefusedByName()
    {
        File.WriteAllText(
            _folder.File("preprocessor_config.json"), """{"feature_extractor_type":"WhisperFeatureExtractor","feature_size":128}""");
        string sound = _folder.File("a.wav");
        File.WriteAllBytes(sound, WavWriter.Write(new Sound(1, 8000, 16000)));
        (int code, string output, _) = Run("inspect", sound, Picture(9, 9), "--processor", _folder.Path);
        Assert.Equal(0, code);
        Assert.Contains("128×3000", output, StringComparison.Ordinal);
        Assert.Contains("refuses it", output, StringComparison.Ordinal);
        foreach ((string wrong, string said) in ((string, string)[])[(sound, "is a file"), (_folder.File("absent"), "no folder")])
        {
            (code, _, string error) = Run("inspect", sound, "--processor", wrong);
            Assert.Equal(2, code);
            Assert.Contains(said, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void PathsAreTakenAsPeopleWriteThem()
    {
        (_, _, string error) = Run("inspect", $"'{Picture(9, 9)}'");
        Assert.Contains("quotation marks", error, StringComparison.Ordinal);
        (_, _, error) = Run("inspect", "~/no such picture.png");
        Assert.DoesNotContain("~", error, StringComparison.Ordinal);
        (_, _, error) = Run("tokens", "-t", "~/no such tokenizer", "a");
        Assert.DoesNotContain("~", error, StringComparison.Ordinal);
    }

    [Fact]
    public void APipeIsRefusedBeforeItIsOpened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no named pipes among its files.");
        string pipe = _folder.File("pipe.png");
        using (var make = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            make.WaitForExit();
        }

        string model = Directory.CreateDirectory(_folder.File("model")).FullName;
        File.Move(pipe, Path.Combine(model, "tokenizer.json"));
        string tokenizer = Path.Combine(model, "tokenizer.json");
        foreach (string[] arguments in (string[][])
            [["inspect", tokenizer], ["tokens", "-t", tokenizer, "a"], ["tokens", "-t", model, "a"]])
        {
            Assert.Equal(2, Run(arguments).Code);
        }

        Assert.Contains("no regular file", Run("inspect", tokenizer).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void APhonesPictureIsCalledByItsName()
    {
        string file = _folder.File("IMG_1.HEIC");
        File.WriteAllBytes(file, [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8]);
        (int code, _, string error) = Run("inspect", file);
        Assert.Equal(2, code);
        Assert.Contains("IMG_1.HEIC", error, StringComparison.Ordinal);
        Assert.Contains("HEIC pictures are not decoded", error, StringComparison.Ordinal);
    }

    [Fact]
    public void ARankFileIsCutByThePatternBesideIt()
    {
        string file = _folder.File("ranks.bin");
        File.WriteAllText(file, string.Concat(
            Enumerable.Range(0, 256).Select(i => $"{Convert.ToBase64String([(byte)i])} {i}\n")) + "YWI= 256\n");
        (int code, _, string error) = Run("tokens", "-t", file, "ab ab");
        Assert.Equal(2, code);
        Assert.Contains("257 tokens", error, StringComparison.Ordinal);
        Assert.Contains("pat_str", error, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("tokenizer_config.json"), """{"pat_str": "\\S+|\\s+"}""");
        (code, string output, error) = Run("tokens", "-t", file, "ab ab", "--ids");
        Assert.Equal((0, "", "256 32 256"), (code, error, output.Trim()));
        Assert.Equal("3", Run("tokens", "-t", file, "ab ab", "--count").Output.Trim());
    }

    [Fact]
    public void ASentencePieceModelStandsAlone()
    {
        string source = Path.Combine(
            CaseFinder.FindCopies()!, "tokenizers", "sentencepiece-trained", "bpe-plain", "tokenizer.model");
        Assert.SkipUnless(File.Exists(source), "The model is not among the copies.");
        string file = _folder.File("my.model");
        File.Copy(source, file);
        (int code, string output, string error) = Run("tokens", "-t", file, "Hello", "--json");
        Assert.Equal((0, ""), (code, error));
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("count").GetInt32() > 0);
    }

    [Fact]
    public void IdsAloneAreThoseOfTheTable()
    {
        using JsonDocument json = JsonDocument.Parse(Run("tokens", "-t", s_tokenizer, "Hello there", "--json").Output);
        string ids = string.Join(' ', json.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("id")));
        Assert.Equal(ids, Run("tokens", "-t", s_tokenizer, "Hello there", "--ids").Output.Trim());
        using JsonDocument counted = JsonDocument.Parse(Run("tokens", "-t", s_tokenizer, "Hello there", "--ids", "--json").Output);
        Assert.Equal(counted.RootElement.GetProperty("count").GetInt32(), counted.RootElement.GetProperty("ids").GetArrayLength());
    }

    [Fact]
    public void AMegabyteOfTextIsShownAtOnce()
    {
        // Ten times the text takes about ten times the memory; a way that goes back to the beginning would take a hundred.
        long few = Allocated(10_000), many = Allocated(100_000);
        Assert.True(many < 20 * few, $"{few} bytes for a tenth, {many} for all.");

        long Allocated(int lines)
        {
            string text = string.Concat(Enumerable.Repeat("abc déf 123\n", lines));
            long before = GC.GetTotalAllocatedBytes();
            Assert.Equal(0, Run("tokens", "-t", s_tokenizer, text).Code);
            return GC.GetTotalAllocatedBytes() - before;
        }
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

    private static JsonElement Plan(JsonDocument json, string family) => json.RootElement[0].GetProperty("processors")
        .EnumerateArray().Single(plan => plan.GetProperty("family").GetString() == family);

    private static (int Height, int Width) Size(JsonElement plan, string name) =>
        (plan.GetProperty(name).GetProperty("height").GetInt32(), plan.GetProperty(name).GetProperty("width").GetInt32());

    private string Clip(int frames, int width, int height)
    {
        string file = _folder.File(FormattableString.Invariant($"{frames}.gif"));
        using FileStream stream = File.Create(file);
        GifEncoder.Encode(
            [.. Enumerable.Range(0, frames).Select(i => new ImageFrame(Gray(width, height, (byte)(i * 20)), 100))], stream);
        return file;
    }

    private static Image Gray(int width, int height, byte level)
    {
        var image = new Image(width, height, PixelFormat.Rgb);
        image.Pixels.Fill(level);
        return image;
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
