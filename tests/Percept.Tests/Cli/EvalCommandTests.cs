using System.IO.Compression;
using System.Text.Json;
using Percept.Media;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary><c>percept eval</c> and <c>percept compare</c> on a tiny model and a tiny NLVR.</summary>
public sealed class EvalCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public EvalCommandTests()
    {
        File.WriteAllText(
            _folder.File("dev.jsonl"), """{"sentence":"There is a black square.","label":"true","identifier":"1-0","directory":"0"}""" + "\n");
        using ZipArchive archive = ZipFile.Open(_folder.File("dev.zip"), ZipArchiveMode.Create);
        for (int order = 0; order < 6; order++)
        {
            using Stream entry = archive.CreateEntry($"dev/0/dev-1-0-{order}.png", CompressionLevel.NoCompression).Open();
            entry.Write(PngEncoder.Encode(new Image(40, 10, PixelFormat.Rgb)));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EvalPrintsScoresAndKeepsRowsAndReports()
    {
        string[] words = ["eval", CommandRun.TinyLlava, "--task", "nlvr", "--data", _folder.Path, "--out", _folder.File("out")];
        CommandRun run = CommandRun.Of(words);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("checkpoint on NLVR dev", run.Output, StringComparison.Ordinal);
        Assert.Contains("precision", run.Output, StringComparison.Ordinal);
        Assert.Contains("consistency", run.Output, StringComparison.Ordinal);
        Assert.Equal(6, File.ReadAllLines(Path.Combine(_folder.File("out"), "rows.jsonl")).Length);
        Assert.True(File.Exists(Path.Combine(_folder.File("out"), "report.html")));
        Assert.Contains("(6 answers were there already)", CommandRun.Of(words).Output, StringComparison.Ordinal);
        CommandRun json = CommandRun.Of([.. words, "--json"]);
        Assert.Equal(6, json.Json.GetProperty("counts").GetProperty("asked").GetInt32());
        CommandRun other = CommandRun.Of([.. words, "--precision", "exact"]);
        Assert.Equal(2, other.Code);
        Assert.Contains("precision was 'fast' and is 'exact'", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void CompareShowsModelsSideBySide()
    {
        string copy = CommandRun.Copy(CommandRun.TinyLlava, _folder.File("copy"));
        CommandRun run = CommandRun.Of(
            "compare", CommandRun.TinyLlava, copy, "--task", "nlvr", "--data", _folder.Path, "--json", "--out", _folder.File("both"));
        Assert.Equal((0, ""), (run.Code, run.Error));
        JsonElement pair = run.Json.GetProperty("pairs")[0];
        Assert.Equal((0, 0, 6), (pair.GetProperty("first_better").GetInt32(), pair.GetProperty("second_better").GetInt32(), pair.GetProperty("count").GetInt32()));
        Assert.Equal(["checkpoint", "copy"], run.Json.GetProperty("runs").EnumerateArray().Select(one => one.GetProperty("model").GetString()));
        Assert.True(File.Exists(Path.Combine(_folder.File("both"), "model-2", "rows.jsonl")));
        Assert.True(File.Exists(Path.Combine(_folder.File("both"), "report.html")));

        File.WriteAllBytes(_folder.File("p.png"), PngEncoder.Encode(new Image(20, 20, PixelFormat.Rgb)));
        CommandRun asked = CommandRun.Of("compare", CommandRun.TinyLlava, copy, "What is this?", _folder.File("p.png"), "-n", "4");
        Assert.Equal((0, ""), (asked.Code, asked.Error));
        Assert.Contains("all answers are the same", asked.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAdaptersFolderIsAModel()
    {
        Directory.CreateDirectory(_folder.File("adapter"));
        string config = Path.Combine(_folder.File("adapter"), "adapter_config.json");
        File.WriteAllText(config, """{"peft_type": "LORA", "base_model_name_or_path": "../gone", "r": 4, "target_modules": ["q_proj"]}""");
        CommandRun run = CommandRun.Of("compare", _folder.File("adapter"), CommandRun.TinyLlava, "What is this?");
        Assert.Equal(2, run.Code);
        Assert.Contains("stands beside the model '../gone'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AModelWithoutAChatTemplateIsAskedInAStyle()
    {
        string old = Path.GetFullPath(Path.Combine(CommandRun.TinyLlava, "..", "..", "old-repo", "checkpoint"));
        string[] words = ["eval", old, "--task", "nlvr", "--data", _folder.Path];
        Assert.Equal(2, CommandRun.Of(words).Code);
        CommandRun run = CommandRun.Of([.. words, "--style", "vicuna_v1"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
    }

    [Theory]
    [InlineData("--data is missing; the task nlvr takes a folder with SPLIT.jsonl", "eval", "MODEL", "--task", "nlvr")]
    [InlineData("--task is missing; the tasks are nlvr", "eval", "MODEL")]
    [InlineData("There is no task 'nvlr'", "eval", "MODEL", "--task", "nvlr", "--data", "DATA")]
    [InlineData("test.jsonl", "eval", "MODEL", "--task", "nlvr", "--data", "DATA", "--split", "test")]
    [InlineData("--limit is 0", "eval", "MODEL", "--task", "nlvr", "--data", "DATA", "--limit", "0")]
    [InlineData("one model is named", "compare", "MODEL")]
    [InlineData("'What?' is no model", "compare", "MODEL", "What?")]
    [InlineData("there is no question", "compare", "MODEL", "MODEL")]
    [InlineData("cannot be reached", "compare", "openai:http://localhost:9/v1#none", "MODEL", "Hello?")]
    [InlineData("names no remote model", "compare", "openai:nowhere", "MODEL", "Hello?")]
    public void WhatIsMissingIsNamed(string message, params string[] words)
    {
        CommandRun run = CommandRun.Of([.. words.Select(word => word switch { "MODEL" => CommandRun.TinyLlava, "DATA" => _folder.Path, _ => word })]);
        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }
}
