using System.Globalization;
using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Models;
using Percept.Tensors;
using Percept.TestSupport;
using Xunit;

namespace Percept.Tests.Checkpoints;

/// <summary>Folders and files that do not fit together, or lie, are refused by a conversion in plain words, and nothing stays.</summary>
public class ConversionAttackTests
{
    private static readonly string[] s_values =
    [
        "-1", "0", "1", "1000000000", "2147483647", "1e400", "0.5", "\"x\"", "\"\\ud800\"", "[]", "[[1]]", "[[\"a\",2.5]]", "{}", "true", "null",
    ];

    /// <summary>The repository's checkpoints that GGUF can hold.</summary>
    public static TheoryData<string> Names => ["text/llama/default", "text/mistral/sliding", "text/gemma/default", "text/phi3/longrope", "llava/llava-1.5/old-repo"];

    [Theory]
    [MemberData(nameof(Names))]
    public void NoSettingBringsAConversionDown(string name)
    {
        using var folder = new TempFolder();
        string input = Input(folder, name);
        var problems = new List<string>();
        foreach (string file in Directory.GetFiles(input, "*.json").Where(file => !file.EndsWith("index.json", StringComparison.Ordinal)))
        {
            string json = File.ReadAllText(file);
            foreach (string[] path in Paths(JsonNode.Parse(json)!, []))
            {
                foreach (string value in s_values)
                {
                    File.WriteAllText(file, JsonChange.At(json, path, value));
                    if (Judge(input, folder) is { } problem)
                    {
                        problems.Add($"{Path.GetFileName(file)} {string.Join('.', path)} = {value}: {problem}");
                    }
                }
            }

            File.WriteAllText(file, json);
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(60)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NoShapeOfATensorBringsAConversionDown(string name)
    {
        using var folder = new TempFolder();
        string input = Input(folder, name);
        string file = Path.Combine(input, "model.safetensors");
        var problems = new List<string>();
        using (TensorScope scope = TensorScope.Open())
        {
            Dictionary<string, Tensor> tensors;
            using (TensorSource source = TensorSource.Open(input))
            {
                tensors = source.Tensors.Keys.ToDictionary(key => key, source.Read);
            }

            foreach (string other in Directory.GetFiles(input, "*.safetensors*"))
            {
                File.Delete(other);
            }

            foreach (string key in tensors.Keys)
            {
                foreach (Shape shape in new Shape[] { [], [0], [1], [7], [0, 4], [3, 5], [2, 2, 2] })
                {
                    SafetensorsWriter.Write(file, new Dictionary<string, Tensor>(tensors) { [key] = Ops.Zeros(shape) });
                    if (Judge(input, folder) is { } problem)
                    {
                        problems.Add($"{key} as {shape}: {problem}");
                    }
                }

                var renamed = new Dictionary<string, Tensor>(tensors) { [key.Replace("layers.0.", "layers.99999999999.", StringComparison.Ordinal)] = tensors[key] };
                SafetensorsWriter.Write(file, renamed);
                if (Judge(input, folder) is { } wrong)
                {
                    problems.Add($"{key} far away: {wrong}");
                }

                renamed = new Dictionary<string, Tensor>(tensors) { [key.Replace("layers.0.", "layers.2147483647.", StringComparison.Ordinal)] = tensors[key] };
                SafetensorsWriter.Write(file, renamed);
                if (Judge(input, folder) is { } farther)
                {
                    problems.Add($"{key} last: {farther}");
                }
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(60)));
    }

    [Theory]
    [InlineData("text/llama/default")]
    [InlineData("text/gemma/default")]
    [InlineData("text/phi3/longrope")]
    public void NoBrokenGgufFileBringsLoaderOrConversionDown(string name)
    {
        using var folder = new TempFolder();
        string good = folder.File("good.gguf"), bad = folder.File("bad.gguf");
        CheckpointConverter.Convert(Input(folder, name), good, new ConvertOptions { Type = WeightType.F16 });
        byte[] bytes = File.ReadAllBytes(good);
        int head = Math.Min(bytes.Length, 6000);
        var random = new Random(3);
        var problems = new List<string>();
        for (int i = 0; i < 1500; i++)
        {
            byte[] changed = [.. bytes];
            int at = random.Next(head), count = 1 + random.Next(8);
            for (int j = at; j < at + count && j < changed.Length; j++)
            {
                changed[j] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            }

            File.WriteAllBytes(bad, changed);
            Exception?[] errors =
            [
                Record.Exception(() =>
                {
                    using TensorScope scope = TensorScope.Open();
                    ModelLoader.Load(bad);
                }),
                Record.Exception(() => CheckpointConverter.Convert(bad, folder.File("hub"))),
                Record.Exception(() => CheckpointConverter.Convert(bad, folder.File("again.gguf"), new ConvertOptions { Type = WeightType.Q8_0 })),
            ];
            problems.AddRange(errors.Where(error => error is not null && !IsTyped(error)).Select(error => $"{i} at {at}: {Tell(error!)}"));
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems.Take(40)));
    }

    [Theory]
    [InlineData(70000f, WeightType.F16, false)]
    [InlineData(-70000f, WeightType.F16, false)]
    [InlineData(65504f, WeightType.F16, true)]
    [InlineData(float.NegativeInfinity, WeightType.F16, true)]
    [InlineData(70000f, WeightType.BF16, true)]
    [InlineData(float.NaN, WeightType.Q8_0, false)]
    [InlineData(float.PositiveInfinity, WeightType.Q4_0, false)]
    public void WeightsThatTheTypeCantHoldAreRefused(float value, WeightType type, bool fits)
    {
        using var folder = new TempFolder();
        string input = Input(folder, "text/llama/default");
        Change(input, "model.layers.0.mlp.up_proj.weight", tensor =>
        {
            Tensor copy = Ops.Clone(tensor);
            copy.Writable<float>()[3] = value;
            return copy;
        });
        Exception? error = Record.Exception(() => CheckpointConverter.Convert(input, folder.File("out.gguf"), new ConvertOptions { Type = type }));
        Assert.Equal(fits, error is null);
        if (!fits)
        {
            Assert.Contains("up_proj", Assert.IsType<NotSupportedException>(error).Message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(folder.Path));
        }
    }

    [Fact]
    public void TheInputIsNotOverwrittenThroughALink()
    {
        using var folder = new TempFolder();
        string input = Input(folder, "text/llama/default"), link = folder.File("link"), file = Path.Combine(input, "model.safetensors");
        Directory.CreateSymbolicLink(link, input);
        File.CreateSymbolicLink(folder.File("other.safetensors"), file);
        byte[] before = File.ReadAllBytes(file);
        var half = new ConvertOptions { Type = WeightType.F16 };
        foreach (string output in new[] { link, Path.Combine(link, "model.safetensors"), folder.File("other.safetensors"), Path.Combine(link, ".", "..", "in") })
        {
            Assert.Throws<ArgumentException>(() => CheckpointConverter.Convert(input, output, half));
            Assert.Throws<ArgumentException>(() => CheckpointConverter.Convert(file, output, half));
        }

        Assert.Equal(before, File.ReadAllBytes(file));
    }

    [Fact]
    public void AConversionThatIsStoppedLeavesNoPartOfAModel()
    {
        using var folder = new TempFolder();
        string input = Input(folder, "llava/llava-1.5/old-repo"), output = folder.File("new/out.gguf");
        Assert.ThrowsAny<OperationCanceledException>(() => Stopped(output));
        Assert.False(Directory.Exists(folder.File("new")));

        // Files that stood there before still do.
        CheckpointConverter.Convert(input, output);
        string[] files = Directory.GetFileSystemEntries(folder.File("new"));
        Assert.Equal(2, files.Length);
        byte[][] before = [.. files.Select(File.ReadAllBytes)];
        Assert.ThrowsAny<OperationCanceledException>(() => Stopped(output));
        Assert.Equal(files, Directory.GetFileSystemEntries(folder.File("new")));
        Assert.Equal(before, files.Select(File.ReadAllBytes));

        // The language model is written, the tower has begun.
        void Stopped(string target)
        {
            using var stop = new CancellationTokenSource();
            var progress = new Stopper(report =>
            {
                if (report.Tensor.StartsWith("v.", StringComparison.Ordinal))
                {
                    stop.Cancel();
                }
            });
            CheckpointConverter.Convert(input, target, new ConvertOptions { Type = WeightType.F32 }, progress, stop.Token);
        }
    }

    [Fact]
    public void LayersOfOtherShapesAreRefused()
    {
        using var folder = new TempFolder();
        string input = Input(folder, "text/llama/default");
        Change(input, "model.layers.1.mlp.up_proj.weight", _ => Ops.Zeros([3, 5]));
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => CheckpointConverter.Convert(input, folder.File("out.gguf")));
        Assert.Contains("model.layers.1.mlp.up_proj.weight", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.layers.0.mlp.up_proj.weight", DType.I8)]
    [InlineData("model.layers.0.mlp.up_proj.weight", DType.U8)]
    [InlineData("model.norm.weight", DType.I64)]
    public void WeightsOfWholeNumbersAreRefusedByTheLoader(string name, DType type)
    {
        using var folder = new TempFolder();
        string input = Input(folder, "text/llama/default");
        Change(input, name, tensor => Tensor.FromBytes(new byte[type.ByteCount(tensor.Count)], tensor.Shape, type));
        using TensorScope scope = TensorScope.Open();
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => ModelLoader.Load(input));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("whole numbers", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Writes a folder's checkpoint anew with one tensor changed.</summary>
    private static void Change(string input, string name, Func<Tensor, Tensor> change)
    {
        using TensorScope scope = TensorScope.Open();
        Dictionary<string, Tensor> tensors;
        using (TensorSource source = TensorSource.Open(input))
        {
            tensors = source.Tensors.Keys.ToDictionary(key => key, source.Read);
        }

        tensors[name] = change(tensors[name]);
        SafetensorsWriter.Write(Path.Combine(input, "model.safetensors"), tensors);
    }

    private sealed class Stopper(Action<ConvertProgress> seen) : IProgress<ConvertProgress>
    {
        public void Report(ConvertProgress value) => seen(value);
    }

    internal static bool IsTyped(Exception error) =>
        error is InvalidDataException or NotSupportedException or KeyNotFoundException or FileNotFoundException;

    internal static string Tell(Exception error) => $"{error.GetType().Name}: {error.Message} " +
        error.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Percept.", StringComparison.Ordinal))?.Trim();

    private static string? Judge(string input, TempFolder folder)
    {
        string output = folder.File("out.gguf");
        Exception? error = Record.Exception(() => CheckpointConverter.Convert(input, output));
        string[] left = Directory.GetFiles(folder.Path);
        foreach (string file in left)
        {
            File.Delete(file);
        }

        return error is null ? null
            : !IsTyped(error) ? Tell(error)
            : left.Length > 0 ? $"{Path.GetFileName(left[0])} is left after {error.Message}"
            : null;
    }

    private static string Input(TempFolder folder, string name)
    {
        string golden = Path.Combine(CaseFinder.FindCopies()!, name);
        return ConversionTests.Input(folder, golden);
    }

    private static IEnumerable<string[]> Paths(JsonNode node, string[] above)
    {
        IEnumerable<(string Key, JsonNode? Value)> items = node switch
        {
            JsonObject values => values.Take(60).Select(pair => (pair.Key, pair.Value)),
            JsonArray list => list.Take(2).Select((value, i) => (i.ToString(CultureInfo.InvariantCulture), value)),
            _ => [],
        };
        foreach ((string key, JsonNode? value) in items)
        {
            yield return [.. above, key];
            if (value is JsonObject or JsonArray)
            {
                foreach (string[] deeper in Paths(value, [.. above, key]))
                {
                    yield return deeper;
                }
            }
        }
    }
}
