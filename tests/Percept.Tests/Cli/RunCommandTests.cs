using System.Buffers.Binary;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary><c>percept run</c> on a tiny model, as people use it and with everything broken that breaks.</summary>
public sealed class RunCommandTests : IDisposable
{
    private static readonly string[] s_short = ["-n", "6", "--temperature", "0", "--cache", "f32"];

    private readonly TempFolder _folder = new();
    private readonly string _picture;

    public RunCommandTests() => _picture = CommandRun.Picture(_folder.File("my photo.png"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AQuestionAboutAPictureIsAnswered()
    {
        CommandRun run = CommandRun.Of(["run", CommandRun.TinyLlava, "What is it?", _picture, .. s_short]);
        Assert.Equal(0, run.Code);
        Assert.Contains("my photo.png: 16 tokens", run.Error, StringComparison.Ordinal);
        Assert.Contains("tok/s", run.Error, StringComparison.Ordinal);

        CommandRun json = CommandRun.Of(["run", CommandRun.TinyLlava, "What is it?", _picture, "--json", .. s_short]);
        Assert.Equal(run.Output.TrimEnd('\n'), json.Json.GetProperty("answer").GetString());
        Assert.Equal(16, json.Json.GetProperty("media")[0].GetProperty("tokens").GetInt32());
        Assert.Equal(16, json.Json.GetProperty("usage").GetProperty("media_tokens").GetInt32());
        Assert.Contains(json.Json.GetProperty("finish").GetString(), (string[])["end", "length"]);
        Assert.Empty(json.Error);

        // The picture counts: another one gives other numbers.
        string other = CommandRun.Picture(_folder.File("b.png"), seed: 2);
        Assert.NotEqual(run.Output, CommandRun.Of(["run", CommandRun.TinyLlava, "What is it?", other, .. s_short]).Output);
    }

    [Fact]
    public void ConvertedFilesAnswerAsTheFolderDoes()
    {
        string[] exact = ["-n", "12", "--temperature", "0", "--cache", "f32", "--precision", "exact", "--json"];
        string file = _folder.File("gguf/model.gguf");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Assert.Equal(0, CommandRun.Of(["convert", CommandRun.TinyLlava, file, "--type", "f32"]).Code);
        JsonElement wanted = CommandRun.Of(["run", CommandRun.TinyLlava, "What is it?", _picture, .. exact]).Json;

        // The tower beside the file is found by itself.
        JsonElement got = CommandRun.Of(["run", file, "What is it?", _picture, .. exact]).Json;
        Assert.Equal(wanted.GetProperty("answer").GetString(), got.GetProperty("answer").GetString());
        Assert.Equal(wanted.GetProperty("usage").GetRawText(), got.GetProperty("usage").GetRawText());
    }

    [Fact]
    public void TheSameComesByPipeInALineAndTyped()
    {
        string model = CommandRun.TinyLlava;
        string wanted = CommandRun.Of(["run", model, "What is it?", _picture, .. s_short]).Output;
        Assert.Equal(wanted, CommandRun.Piping("What is it?\n"u8.ToArray(), ["run", model, _picture, .. s_short]).Output);
        Assert.Equal(wanted, CommandRun.Piping(File.ReadAllBytes(_picture), ["run", model, "What is it?", "-", .. s_short]).Output);
        Assert.Equal(wanted, CommandRun.Of(["run", model, $"'{_picture}'", "What is it?", .. s_short]).Output);
        Assert.Contains(wanted, CommandRun.Typing("What is it?\n", ["run", model, _picture, .. s_short]).Output, StringComparison.Ordinal);
        CommandRun typed = CommandRun.Typing($"/image {_picture}\nWhat is it?\n/quit\n", ["run", model, .. s_short]);
        Assert.Contains(wanted, typed.Output, StringComparison.Ordinal);
        Assert.Contains($"added '{_picture}'", typed.Error, StringComparison.Ordinal);
        Assert.Contains(wanted, CommandRun.Typing($"'{_picture}'\nWhat is it?\n", ["run", model, .. s_short]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void TheConversationHasHelpAndSurvivesMistakes()
    {
        CommandRun talk = CommandRun.Typing(
            "/help\n/nonsense\n/image absent.png\nwhat is in /absent/too.png?\nbare.png\nhello\nand again?\n/new\n/quit\n", ["run", CommandRun.TinyLlava, .. s_short]);
        Assert.Equal(0, talk.Code);
        foreach (string command in (string[])["/image", "/new", "/help", "/quit"])
        {
            Assert.Contains(command, talk.Output, StringComparison.Ordinal);
        }

        string[] errors = [.. talk.Error.Split('\n').Where(line => line.StartsWith("percept: ", StringComparison.Ordinal))];
        Assert.Equal(4, errors.Length);
        Assert.Contains("/nonsense", errors[0], StringComparison.Ordinal);
        Assert.Contains("absent.png", errors[1], StringComparison.Ordinal);
        Assert.Contains("/absent/too.png", errors[2], StringComparison.Ordinal);
        Assert.Contains("bare.png", errors[3], StringComparison.Ordinal);
        Assert.Equal(2, talk.Error.Split('\n').Count(line => line.Contains("prefill", StringComparison.Ordinal)));
        Assert.Contains("tokens reused", talk.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AdaptersAreChosenByName()
    {
        string folder = Directory.CreateTempSubdirectory("percept-adapters").FullName;
        try
        {
            string first = Path.Combine(folder, "colours"), second = Path.Combine(folder, "shapes");
            SaveAdapters(first, second);
            string Answer(params string[] more) =>
                CommandRun.Of(["run", CommandRun.TinyLlava, "What is it?", _picture, .. s_short, .. more]).Output;
            string plain = Answer(), one = Answer("--adapter", first), two = Answer("--adapter", $"b={second}", "--adapter", first);
            Assert.Equal(3, new[] { plain, one, two }.Distinct().Count());
            CommandRun talk = CommandRun.Typing(
                $"/image {_picture}\nWhat is it?\n/new\n/adapter b\n/image {_picture}\nWhat is it?\n/new\n/adapter none\n/image {_picture}\nWhat is it?\n/adapter c\n",
                ["run", CommandRun.TinyLlava, "--adapter", first, "--adapter", $"b={second}", .. s_short]);
            int[] places = [.. new[] { one, two, plain }.Select(text => talk.Output.IndexOf(text, StringComparison.Ordinal))];
            Assert.True(places[0] >= 0 && places[0] < places[1] && places[1] < places[2], talk.Output);
            Assert.Contains("no adapter 'c'; there are colours, b", talk.Error, StringComparison.Ordinal);
            CommandRun wrong = CommandRun.Of(["run", CommandRun.TinyLlava, "x", "--adapter", folder]);
            Assert.NotEqual(0, wrong.Code);
            Assert.Contains("adapter_config.json", wrong.Error, StringComparison.Ordinal);
            Assert.Contains("without adapters", CommandRun.Typing("/adapter x\n", ["run", CommandRun.TinyLlava]).Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static void SaveAdapters(params string[] folders)
    {
        var random = new RandomStream(17);
        Adapter[] adapters = [.. folders.Select(folder => Adapter.Create(
            Path.GetFileName(folder), new AdapterConfig { Method = AdapterMethod.Lora, Rank = 4, Alpha = 8, Targets = ["q_proj", "down_proj"] }, random))];
        ModelLoader.Load(CommandRun.TinyLlava, new ModelLoadOptions { Adapters = new AdapterSet(adapters) });
        using GradientSwitch off = Gradients.Off();
        foreach ((Adapter adapter, string folder) in adapters.Zip(folders))
        {
            foreach (Parameter parameter in adapter.Parameters)
            {
                Ops.AddInPlace(parameter.Value, Ops.Scale(Ops.RandomNormal(parameter.Value.Shape, random), 0.5f));
            }

            adapter.Save(folder);
        }
    }

    [Fact]
    public void VerboseShowsThePromptAndItsIds()
    {
        CommandRun run = CommandRun.Of(["run", CommandRun.TinyLlava, "What is it?", _picture, "--verbose", .. s_short]);
        Assert.Contains("│<|im_start|>user <image>", run.Error, StringComparison.Ordinal);
        Assert.Contains("│What is it?<|im_end|>", run.Error, StringComparison.Ordinal);
        Assert.Contains(" 323×16 ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("im_start", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("im_start", CommandRun.Of(["run", CommandRun.TinyLlava, "x", .. s_short]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatTheModelCannotTakeIsRefused()
    {
        string clip = Directory.CreateDirectory(_folder.File("clip")).FullName;
        CommandRun.Picture(Path.Combine(clip, "1.png"));
        CommandRun.Picture(Path.Combine(clip, "2.png"));
        Refused(["run", CommandRun.TinyLlava, "what?", clip], "is a clip", "this model takes pictures");
        string film = _folder.File("film.mp4");
        File.WriteAllBytes(film, [0, 0, 0, 24, .. "ftypisom\0\0\x02\0isommp42"u8]);
        Refused(["run", CommandRun.TinyLlava, "what?", film], "a clip or a sound (MP4)", "this model takes pictures");
        Refused(["run", Goldens("encoders/dinov2/mlp"), "what?"], "answers no questions", "percept embed");
        Refused(["run", _folder.File("nowhere"), "what?"], "nowhere", "no file or folder");
        Refused(["run", CommandRun.TinyLlava, "what?", _folder.File("absent.png")], "absent.png");
        Refused(["run", CommandRun.TinyLlava, "what?", "--context", "0"], "--context");
        Refused(["run", CommandRun.TinyLlava, new string('x', 3000)], "512");
        CommandRun empty = CommandRun.Piping([], "run", CommandRun.TinyLlava, "what?", "-");
        Assert.Contains("standard input is empty", empty.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenPicturesAreNamed()
    {
        string broken = _folder.File("broken.png");
        byte[] whole = File.ReadAllBytes(_picture);
        File.WriteAllBytes(broken, whole[..(whole.Length / 2)]);
        Refused(["run", CommandRun.TinyLlava, "what?", broken], "broken.png");
        string text = _folder.File("text.png");
        File.WriteAllText(text, "no picture");
        Refused(["run", CommandRun.TinyLlava, "what?", text], "text.png");
        string nothing = _folder.File("nothing.png");
        File.WriteAllBytes(nothing, []);
        Refused(["run", CommandRun.TinyLlava, "what?", nothing], "nothing.png", "empty");
        string huge = _folder.File("huge.png");
        File.WriteAllBytes(huge, WithSize(whole, 10_000, 10_000));
        Refused(["run", CommandRun.TinyLlava, "what?", huge], "huge.png", "raise --max-pixels or make it smaller");
    }

    [Fact]
    public void GreatPicturesAreTakenWhereTheLimitIsRaised()
    {
        string picture = CommandRun.Picture(_folder.File("great.png"), 60, 40);
        foreach (string[] words in (string[][])[["run", CommandRun.TinyLlava, "what?"], ["caption", CommandRun.TinyLlava]])
        {
            CommandRun refused = CommandRun.Of([.. words, picture, "--max-pixels", "2399", .. s_short]);
            Assert.Equal(2, refused.Code);
            Assert.Contains("great.png", refused.Error, StringComparison.Ordinal);
            Assert.Contains("raise --max-pixels", refused.Error, StringComparison.Ordinal);
            Assert.Equal(0, CommandRun.Of([.. words, picture, "--max-pixels", "2400", .. s_short]).Code);
        }

        Refused(["run", CommandRun.TinyLlava, "what?", picture, "--max-pixels", "0"], "--max-pixels is 0");
    }

    [Fact]
    public void ASchemaMayStandOnTheCommandLine()
    {
        const string schema = """{"type": "array", "items": {"enum": ["dog", "cat"]}, "minItems": 2, "maxItems": 2}""";
        CommandRun run = CommandRun.Of("run", CommandRun.TinyLlava, "Who is it?", _picture, "--temperature", "0", "-q", "--json-schema", schema, "-n", "400");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(2, JsonDocument.Parse(run.Output).RootElement.GetArrayLength());
        Refused(["run", CommandRun.TinyLlava, "Who is it?", _picture, "--json-schema", "{\"type\":"], "schema");
        Refused(["run", CommandRun.TinyLlava, "Who is it?", _picture, "-n", "0"], "--max-tokens is 0");
    }

    [Fact]
    public void AFileThatIsNoPictureIsNotCalledOneForAnotherProgram()
    {
        string text = _folder.File("notes.png");
        File.WriteAllText(text, "not a picture");
        Refused(["run", CommandRun.TinyLlava, "what?", text], FfmpegProgram.TryFind() is null ? "no picture or clip of a known format" : "notes.png");
    }

    [Fact]
    public void AnAnswerCutBeforeItFollowedItsFormatIsExitCodeOne()
    {
        string schema = _folder.File("schema.json");
        File.WriteAllText(schema, """{"type": "array", "items": {"enum": ["dog", "cat"]}, "minItems": 3, "maxItems": 3}""");
        foreach (string[] format in (string[][])[["--json-schema", schema], ["--regex", "a (cat|dog) (sleeps|runs)"]])
        {
            string[] arguments = ["run", CommandRun.TinyLlava, "Who is it?", _picture, "--temperature", "0", "-q", .. format];
            CommandRun cut = CommandRun.Of([.. arguments, "-n", "2"]);
            Assert.Equal(1, cut.Code);
            Assert.NotEmpty(cut.Output.Trim());
            string line = Assert.Single(cut.Error.TrimEnd().Split('\n'));
            Assert.Contains("after 2 tokens", line, StringComparison.Ordinal);
            Assert.Contains("--max-tokens", line, StringComparison.Ordinal);

            CommandRun json = CommandRun.Of([.. arguments, "-n", "2", "--json"]);
            Assert.Equal(1, json.Code);
            Assert.False(json.Json.GetProperty("follows_format").GetBoolean());
            Assert.Equal("length", json.Json.GetProperty("finish").GetString());
            Assert.Equal(cut.Error, json.Error);

            // The longest array that the schema allows, with all indents and escapes, has about 300 characters.
            CommandRun whole = CommandRun.Of([.. arguments, "-n", "400", "--json"]);
            Assert.Equal((0, ""), (whole.Code, whole.Error));
            Assert.True(whole.Json.GetProperty("follows_format").GetBoolean());

            CommandRun caption = CommandRun.Of(
                ["caption", CommandRun.TinyLlava, _picture, "--temperature", "0", "--json", "-n", "2", .. format]);
            Assert.Equal(1, caption.Code);
            Assert.False(caption.Json.GetProperty("follows_format").GetBoolean());
            Assert.Contains("--max-tokens", caption.Error, StringComparison.Ordinal);
        }

        // A text that was cut where it could have ended is whole.
        CommandRun open = CommandRun.Of(
            ["run", CommandRun.TinyLlava, "Who?", "--temperature", "0", "-q", "--regex", "[a-z]+", "-n", "2", "--json"]);
        Assert.Equal(0, open.Code);
        Assert.True(open.Json.GetProperty("follows_format").GetBoolean());
        Assert.False(CommandRun.Of(["run", CommandRun.TinyLlava, "Who?", "--json", .. s_short]).Json.TryGetProperty("follows_format", out _));
    }

    /// <summary>What ends turns in a style ends answers too, as a text where the tokenizer has no such token.</summary>
    [Theory]
    [InlineData("vicuna_v0", "ok")]
    [InlineData("vicuna_v1", "ok###Human: more")]
    public void AStyleEndsTheAnswer(string style, string answer) => Assert.Equal(answer, CommandRun.Of(
        ["run", CommandRun.TinyLlava, "Who?", "--temperature", "0", "-q", "--style", style, "--regex", "ok###Human: more", "-n", "60"]).Output.Trim());

    [Fact]
    public void ASeedWithoutDrawsIsSaid()
    {
        string[] plain = ["run", CommandRun.TinyLlava, "what?", "-q", "-n", "4"];
        string line = Assert.Single(CommandRun.Of([.. plain, "--temperature", "0", "--seed", "3"]).Error.TrimEnd().Split('\n'));
        Assert.Contains("--seed changes nothing", line, StringComparison.Ordinal);
        Assert.Contains("--temperature", line, StringComparison.Ordinal);
        Assert.Empty(CommandRun.Of([.. plain, "--temperature", "1", "--seed", "3"]).Error);
        Assert.Empty(CommandRun.Of([.. plain, "--temperature", "0"]).Error);
        CommandRun talk = CommandRun.Typing("a\nb\n", ["run", CommandRun.TinyLlava, "-q", "-n", "4", "--temperature", "0", "--seed", "3"]);
        Assert.Single(talk.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void APictureWhereTheModelBelongsIsSaid()
    {
        Refused(["run", _picture, "hi"], "my photo.png", "where the model belongs", "percept run MODEL");
        Refused(["run", _folder.File("absent.jpg"), "hi"], "absent.jpg", "where the model belongs");
        Refused(["caption", _picture, _picture], "percept caption MODEL");
    }

    [Fact]
    public void MissingSettingsOfPicturesAreToldWithTheNextStep()
    {
        string model = Copy();
        File.Delete(Path.Combine(model, "preprocessor_config.json"));
        Refused(["run", model, "what?", _picture], "preprocessor_config.json", "published checkpoint");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    [InlineData("preprocessor_config.json")]
    public void AMissingFileIsNamed(string file)
    {
        string model = Copy();
        File.Delete(Path.Combine(model, file));
        Refused(["run", model, "what?", _picture], file == "model.safetensors" ? model : file);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    [InlineData("preprocessor_config.json")]
    public void AFileThatWasCutIsNamed(string file)
    {
        string model = Copy();
        string path = Path.Combine(model, file);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length * 2 / 3)]);
        Refused(["run", model, "what?", _picture], file);
    }

    [Fact]
    public void AMissingShardIsNamed()
    {
        string model = Copy();
        const string First = "model-00001-of-00002.safetensors", Second = "model-00002-of-00002.safetensors";
        File.Move(Path.Combine(model, "model.safetensors"), Path.Combine(model, First));
        var map = new Dictionary<string, string>();
        using (var file = Percept.Checkpoints.SafetensorsFile.Open(Path.Combine(model, First)))
        {
            foreach (string name in file.Entries.Keys)
            {
                map[name] = name.Contains("layers.1.", StringComparison.Ordinal) ? Second : First;
            }
        }

        File.WriteAllText(
            Path.Combine(model, "model.safetensors.index.json"),
            JsonSerializer.Serialize(new Dictionary<string, object> { ["metadata"] = new Dictionary<string, int>(), ["weight_map"] = map }));
        Refused(["run", model, "what?", _picture], Second);
    }

    [Fact]
    public void WeightsThatDoNotFitAreNamed()
    {
        string model = Copy();
        string config = Path.Combine(model, "config.json");
        string text = File.ReadAllText(config);
        File.WriteAllText(config, text.Replace("\"intermediate_size\": 44", "\"intermediate_size\": 48", StringComparison.Ordinal));
        Refused(["run", model, "what?"], "mlp", "config.json");
        File.WriteAllText(config, text.Replace("\"num_hidden_layers\": 2,\n  \"num_attention_heads\": 4", "\"num_hidden_layers\": 3,\n  \"num_attention_heads\": 4", StringComparison.Ordinal));
        Refused(["run", model, "what?"], "layers.2");
        File.WriteAllText(config, text.Replace("\"llava\"", "\"llama_of_the_andes\"", StringComparison.Ordinal));
        Refused(["run", model, "what?"], "llama_of_the_andes", "llava");
    }

    [Theory]
    [InlineData("--temperature", "-1", "--temperature is -1, expected 0 or more")]
    [InlineData("--temperature", "nan", "--temperature is NaN")]
    [InlineData("--top-p", "2", "--top-p is 2, expected 0 to 1")]
    [InlineData("--frames", "0", "--frames is 0, expected 1 or more")]
    [InlineData("--threads", "9999", "--threads is 9999, expected 1 to 1024")]
    [InlineData("--seed", "-3", "--seed is '-3'")]
    [InlineData("--max-tokens", "-3", "--max-tokens is -3")]
    [InlineData("--cache", "q4", "--cache is 'q4', expected 'f32' or 'f16' or 'q8'")]
    public void AValueOutOfRangeIsRefusedByName(string option, string value, string said)
    {
        Refused(["run", CommandRun.TinyLlava, "what?", option, value], said);
        Assert.DoesNotContain("Parameter", CommandRun.Of("run", CommandRun.TinyLlava, "what?", option, value).Error, StringComparison.Ordinal);
    }

    /// <summary>One line on standard error, nothing on standard output, exit code 2.</summary>
    private static void Refused(string[] arguments, params string[] said)
    {
        CommandRun run = CommandRun.Of(arguments);
        Assert.Equal(2, run.Code);
        Assert.Empty(run.Output);
        Assert.StartsWith("percept: ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.All(said, part => Assert.Contains(part, run.Error, StringComparison.Ordinal));
    }

    private static string Goldens(string name) =>
        Path.Combine(Percept.Conformance.CaseFinder.FindCopies()!, name, "checkpoint");

    /// <summary>A PNG whose header tells another size.</summary>
    private static byte[] WithSize(byte[] png, int width, int height)
    {
        const int Header = 12, Length = 17;
        byte[] changed = [.. png];
        BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(20), height);
        uint crc = uint.MaxValue;
        foreach (byte one in changed.AsSpan(Header, Length))
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(Header + Length), ~crc);
        return changed;
    }

    private string Copy() => CommandRun.Copy(CommandRun.TinyLlava, _folder.File(Guid.NewGuid().ToString("n")));
}
