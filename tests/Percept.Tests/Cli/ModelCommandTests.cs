using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Inference;
using Percept.Media;
using Percept.Models;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary><c>percept show</c> and <c>percept caption</c>.</summary>
public sealed class ModelCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AModelIsTold()
    {
        CommandRun run = CommandRun.Of("show", CommandRun.TinyLlava);
        Assert.Equal((0, ""), (run.Code, run.Error));
        foreach (string part in (string[])
            ["image-text model (llava)", "language_model", "multi_modal_projector", "vision_tower", "texts, pictures", "640×480", "512 tokens",
             "1000 tokens in the cache, f16", "│<|im_start|>user <image>", "│What is in this picture?<|im_end|>", "answers end with"])
        {
            Assert.Contains(part, run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheNumbersAreThoseOfTheFile()
    {
        CommandRun run = CommandRun.Of("show", CommandRun.TinyLlava, "--json");
        using TensorSource file = TensorSource.Open(CommandRun.TinyLlava);
        long ignored = run.Json.GetProperty("ignored_tensors").EnumerateObject().Sum(tensor => file.Tensors[tensor.Name].Shape.Count);
        long all = file.Tensors.Values.Sum(tensor => tensor.Shape.Count);
        Assert.Equal(all - ignored, run.Json.GetProperty("parameters").GetInt64());
        JsonElement[] parts = [.. run.Json.GetProperty("parts").EnumerateArray()];
        Assert.Equal(all - ignored, parts.Sum(part => part.GetProperty("parameters").GetInt64()));
        Assert.All(parts, part => Assert.Equal(
            part.GetProperty("parameters").GetInt64(), part.GetProperty("types").GetProperty("F32").GetInt64()));

        // 2 layers, 2 heads of 8 channels, keys and values.
        JsonElement memory = run.Json.GetProperty("memory");
        Assert.Equal((all - ignored) * sizeof(float), memory.GetProperty("mapped").GetInt64() + memory.GetProperty("converted").GetInt64());
        Assert.Equal(2 * 2 * 8 * 2 * 4 * 1000, memory.GetProperty("cache_of_1000_tokens").GetProperty("f32").GetInt64());
        Assert.Equal(2 * 2 * 8 * 2 * 2 * 1000, memory.GetProperty("cache_of_1000_tokens").GetProperty("f16").GetInt64());
        Assert.Equal(JsonValueKind.Null, memory.GetProperty("cache_of_1000_tokens").GetProperty("q8").ValueKind);
        Assert.All(run.Json.GetProperty("picture_tokens").EnumerateArray(), picture => Assert.Equal(16, picture.GetProperty("tokens").GetInt32()));
        Assert.True(run.Json.GetProperty("chat_template").GetBoolean());
    }

    [Theory]
    [InlineData("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}", false)]
    [InlineData("{% for m in messages %}{{ m['role'] }}: {% for p in m['content'] %}{% if p['type'] == 'image' %}<image>{% else %}{{ p['text'] }}{% endif %}{% endfor %}\n{% endfor %}", true)]
    public void ThePromptShownIsThePromptSent(string template, bool parts)
    {
        // A template of GGUF files takes texts, or parts.
        string folder = CommandRun.Copy(CommandRun.TinyLlava, _folder.File("hub")), file = _folder.File("model.gguf");
        File.Delete(Path.Combine(folder, "chat_template.json"));
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), template);
        CommandRun convert = CommandRun.Of("convert", folder, file, "--type", "f32");
        Assert.Equal((0, ""), (convert.Code, convert.Error));
        string shown = CommandRun.Of("show", file, "--json").Json.GetProperty("prompt").GetString()!;
        IProcessor processor = ProcessorLoader.Load(file);
        Assert.Equal(parts, processor.TakesParts);
        Assert.Equal(
            MultimodalChat.PromptOf(processor, [ChatTurn.User("What is in this picture?", MediaContent.Of(new Image(4, 4, PixelFormat.Rgb)))]), shown);
        Assert.StartsWith("user: " + processor.Mark(MediaKind.Image), shown, StringComparison.Ordinal);
        Assert.Contains("What is in this picture?", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("{", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAverageIsAModelOfTheSameLayout()
    {
        // The second stands in the folder of a run.
        CommandRun.Copy(CommandRun.TinyLlava, _folder.File("run/model"));
        string output = _folder.File("average");
        CommandRun run = CommandRun.Of("average", CommandRun.TinyLlava, _folder.File("run"), "--shares", "0.25", "0.75", "--out", output, "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(Path.Combine(_folder.File("run"), "model"), run.Json.GetProperty("models")[1].GetString());
        using TensorSource before = TensorSource.Open(CommandRun.TinyLlava), after = TensorSource.Open(output);
        Assert.Equal(before.Tensors.Count, run.Json.GetProperty("averaged_weights").GetInt32());
        Assert.Equal(before.Tensors.Keys.Order(StringComparer.Ordinal), after.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (string name in before.Tensors.Keys)
        {
            Assert.All(
                before.Read(name).ToArray<float>().Zip(after.Read(name).ToArray<float>()),
                pair => Assert.Equal(pair.First, pair.Second, Math.Abs(pair.First) * 1e-6f));
        }

        Assert.Equal(0, CommandRun.Of("show", output).Code);
        CommandRun again = CommandRun.Of("average", CommandRun.TinyLlava, _folder.File("run"), "--out", output);
        Assert.Equal(2, again.Code);
        Assert.Contains("holds a model already", again.Error, StringComparison.Ordinal);
        CommandRun one = CommandRun.Of("average", CommandRun.TinyLlava, "--out", _folder.File("one"));
        Assert.Equal(2, one.Code);
        Assert.Contains("two models or more", one.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatCannotBeAskedIsToldAllTheSame()
    {
        string model = CommandRun.Copy(CommandRun.TinyLlava, _folder.File("model"));
        File.Delete(Path.Combine(model, "tokenizer.json"));
        File.WriteAllText(
            Path.Combine(model, "config.json"),
            File.ReadAllText(Path.Combine(model, "config.json")).Replace("{\n \"architectures\"", "{\n \"shoe_size\": 42,\n \"architectures\"", StringComparison.Ordinal));
        CommandRun run = CommandRun.Of("show", model);
        Assert.Equal(0, run.Code);
        Assert.Contains("it cannot be asked: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", run.Output, StringComparison.Ordinal);
        Assert.Contains("shoe_size", run.Output, StringComparison.Ordinal);
        Assert.Contains("vision encoder (dinov2)", CommandRun.Of("show", Goldens("encoders/dinov2/mlp")).Output, StringComparison.Ordinal);
        Assert.Equal(2, CommandRun.Of("show", _folder.File("absent")).Code);
    }

    [Fact]
    public void EveryModelAmongTheCopiesCanBeTold()
    {
        string[] folders =
        [
            .. Directory.GetFiles(CaseFinder.FindCopies()!, "config.json", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!)
                .Where(folder => Directory.GetFiles(folder, "*.safetensors").Length > 0
                    && ModelFolder.Read(folder).ModelType is { } type && ModelFamilies.All.Any(family => family.ModelTypes.Contains(type))),
        ];
        Assert.True(folders.Length > 10, $"{folders.Length} folders");
        foreach (string folder in folders)
        {
            CommandRun run = CommandRun.Of("show", folder, "--json");
            Assert.True(run.Code == 0, $"{folder}: {run.Error}");
            Assert.True(run.Json.GetProperty("parameters").GetInt64() > 0);
        }
    }

    [Fact]
    public void PicturesAreDescribedAsEachAlone()
    {
        string[] pictures = [.. Enumerable.Range(0, 5).Select(i => CommandRun.Picture(_folder.File($"p{i}.png"), 20 + i, 30 - i, i))];
        string[] settings = ["-n", "6", "--temperature", "0", "--cache", "f32"];
        CommandRun all = CommandRun.Of(["caption", CommandRun.TinyLlava, .. pictures, "--json", "--prompt", "What is it?", .. settings]);
        Assert.Equal((0, ""), (all.Code, all.Error));
        JsonElement[] lines = [.. all.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(pictures, lines.Select(line => line.GetProperty("file").GetString()));
        for (int i = 0; i < pictures.Length; i++)
        {
            CommandRun alone = CommandRun.Of(["run", CommandRun.TinyLlava, "What is it?", pictures[i], "-q", .. settings]);
            Assert.Equal(alone.Output.Trim(), lines[i].GetProperty("caption").GetString());
        }

        CommandRun narrow = CommandRun.Of(
            ["caption", CommandRun.TinyLlava, .. pictures, "--json", "--prompt", "What is it?", "--together", "1", .. settings]);
        Assert.Equal(lines.Select(Untimed), narrow.Output.TrimEnd().Split('\n').Select(line => Untimed(JsonDocument.Parse(line).RootElement)));
        Assert.True(lines[0].GetProperty("seconds").GetProperty("load").GetDouble() > 0);
        Assert.All(lines[1..], line => Assert.Equal(0, line.GetProperty("seconds").GetProperty("load").GetDouble()));
        Assert.All(lines, line => Assert.True(line.GetProperty("seconds").GetProperty("decode").GetDouble() > 0));
        CommandRun told = CommandRun.Of(["caption", CommandRun.TinyLlava, .. pictures, .. settings]);
        Assert.Equal(5, told.Output.TrimEnd().Split('\n').Length);
        string[] notes = told.Error.TrimEnd().Split('\n');
        Assert.Equal(5, notes.Length);
        Assert.All(pictures, (picture, i) => Assert.Contains($"{Path.GetFileName(picture)}: ", notes[i], StringComparison.Ordinal));
        Assert.All(notes, note => Assert.Contains("tok/s", note, StringComparison.Ordinal));
    }

    /// <summary>A caption without what it took, which differs from run to run.</summary>
    private static string Untimed(JsonElement caption)
    {
        JsonObject members = JsonObject.Create(caption)!;
        foreach (string name in (string[])["seconds", "prefill_tokens_per_second", "decode_tokens_per_second"])
        {
            Assert.True(members.Remove(name), name);
        }

        return members.ToJsonString();
    }

    [Fact]
    public void OneBadFileOfManyIsToldAndTheOthersAreDescribed()
    {
        string broken = _folder.File("broken.png");
        File.WriteAllText(broken, "no picture");
        string good = CommandRun.Picture(_folder.File("good.png"));
        CommandRun run = CommandRun.Of("caption", CommandRun.TinyLlava, broken, good, "-q", "-n", "3");
        Assert.Equal(2, run.Code);
        Assert.Contains("broken.png", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.StartsWith(good, run.Output, StringComparison.Ordinal);
        run = CommandRun.Of("caption", CommandRun.TinyLlava, broken, "--json");
        Assert.Contains("broken.png", run.Json.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, CommandRun.Of("caption", CommandRun.TinyLlava, good, _folder.File("absent.png")).Code);
    }

    private static string Goldens(string name) => Path.Combine(CaseFinder.FindCopies()!, name, "checkpoint");
}
