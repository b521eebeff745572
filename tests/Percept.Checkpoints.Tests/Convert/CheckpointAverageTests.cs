using Percept.Tensors;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

public sealed class CheckpointAverageTests : IDisposable
{
    private const string Config = """{"model_type": "llama", "hidden_size": 2, "rope_scaling": {"factor": 2}, "torch_dtype": "float32"}""";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EachTensorIsTheSumOfTheShares()
    {
        string a = Model("a", [1, 2, 3, 4], DType.F32), b = Model("b", [5, -2, 3, 0], DType.F32), c = Model("c", [0, 8, 3, -4], DType.BF16);
        var seen = new List<string>();
        Assert.Equal(2, CheckpointAverage.Write([a, b, c], [1, 2, 1], _folder.File("out"), new Seen(seen)));
        Assert.Equal([2.75f, 1.5f, 3, 0], Floats("out", "w.weight"));
        Assert.Equal([2.75f, 1.5f, 3, 0], Floats("out", "b.weight"));
        Assert.Equal(["b.weight", "ids", "w.weight"], seen.Order(StringComparer.Ordinal));

        CheckpointAverage.Write([a, b], null, _folder.File("half"));
        Assert.Equal([3, 0, 3, 2], Floats("half", "w.weight"));
        Assert.Equal(File.ReadAllText(Path.Combine(a, "config.json")), File.ReadAllText(Path.Combine(_folder.File("half"), "config.json")));
        using TensorSource source = TensorSource.Open(_folder.File("half"));
        using Tensor ids = source.Read("ids");
        Assert.Equal([0, 1], ids.ToArray<int>());
    }

    [Fact]
    public void TheTypeIsThatOfTheFirst()
    {
        string a = Model("a", [1, 2, 3, 4], DType.BF16), b = Model("b", [5, -2, 3, 0], DType.F32);
        CheckpointAverage.Write([a, b], [3, 1], _folder.File("out"));
        using TensorSource source = TensorSource.Open(_folder.File("out"));
        Assert.Equal(DType.BF16, source.Tensors["w.weight"].Type);
        Assert.Equal([2, 1, 3, 3], Floats("out", "w.weight"));
    }

    [Fact]
    public void OtherModelsAreRefused()
    {
        string a = Model("a", [1, 2, 3, 4], DType.F32);
        Refused<InvalidDataException>("rope_scaling.factor", a, Model("b", [1, 2, 3, 4], DType.F32, config: Config.Replace("\"factor\": 2", "\"factor\": 4", StringComparison.Ordinal)));
        Refused<InvalidDataException>("'tie'", a, Model("c", [1, 2, 3, 4], DType.F32, config: Config.Replace("\"hidden_size\"", "\"tie\": true, \"hidden_size\"", StringComparison.Ordinal)));
        Refused<InvalidDataException>("tokenizer.json", a, Model("d", [1, 2, 3, 4], DType.F32, word: "z"));
        Refused<InvalidDataException>("[3]", a, Model("e", [1, 2, 3], DType.F32));
        Refused<InvalidDataException>("'ids'", a, Model("f", [1, 2, 3, 4], DType.F32, first: 7));
        Refused<InvalidDataException>("'w.weight' is only in the first", a, Model("g", [1, 2, 3, 4], DType.F32, weight: "v.weight"));
        Refused<InvalidDataException>("no JSON", a, Model("h", [1, 2, 3, 4], DType.F32, config: "{"));
        Refused<NotSupportedException>("config.json", a, _folder.File("nothing"));

        // A remark on files is no difference.
        CheckpointAverage.Write(
            [a, Model("i", [1, 2, 3, 4], DType.F32, config: Config.Replace("float32", "bfloat16", StringComparison.Ordinal))], null, _folder.File("same"));
    }

    [Fact]
    public void SharesMustBePositiveAndOneForEach()
    {
        string a = Model("a", [1, 2, 3, 4], DType.F32), b = Model("b", [1, 2, 3, 4], DType.F32);
        foreach (double[] shares in (double[][])[[1], [1, 1, 1], [1, 0], [1, -1], [double.NaN, 1], [double.PositiveInfinity, 1]])
        {
            Assert.Throws<ArgumentException>(() => CheckpointAverage.Write([a, b], shares, _folder.File("out")));
        }

        Assert.Throws<ArgumentException>(() => CheckpointAverage.Write([a], null, _folder.File("out")));
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public void AModelThatIsThereIsKept()
    {
        string a = Model("a", [1, 2, 3, 4], DType.F32), b = Model("b", [5, 2, 3, 4], DType.F32);
        byte[] before = File.ReadAllBytes(Path.Combine(b, "model.safetensors"));
        Assert.Throws<IOException>(() => CheckpointAverage.Write([a, b], null, b));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(b, "model.safetensors")));

        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => CheckpointAverage.Write([a, b], null, _folder.File("stopped"), null, stop.Token));
        Assert.False(File.Exists(Path.Combine(_folder.File("stopped"), "model.safetensors")));
    }

    private void Refused<T>(string part, params string[] models)
        where T : Exception
    {
        string output = _folder.File("refused");
        T error = Assert.Throws<T>(() => CheckpointAverage.Write(models, null, output));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(output, "model.safetensors")));
    }

    private float[] Floats(string folder, string name)
    {
        using TensorSource source = TensorSource.Open(_folder.File(folder));
        using TensorScope scope = TensorScope.Open();
        return Ops.Cast(source.Read(name), DType.F32).ToArray<float>();
    }

    private string Model(
        string name, float[] values, DType type, string config = Config, string word = "a", string weight = "w.weight", int first = 0)
    {
        string path = _folder.File(name);
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "config.json"), config);
        File.WriteAllText(
            Path.Combine(path, "tokenizer.json"), $$"""{"model": {"type": "BPE", "vocab": {"{{word}}": 0}, "merges": []}, "added_tokens": []}""");
        Tensor Values()
        {
            using TensorScope scope = TensorScope.Open();
            return scope.Keep(Ops.Cast(Tensor.From(values, [values.Length]), type));
        }

        SafetensorsWriter.Write(
            Path.Combine(path, "model.safetensors"),
            [
                new TensorToWrite(weight, type, [values.Length], Values),
                new TensorToWrite("b.weight", type, [values.Length], Values),
                new TensorToWrite("ids", DType.I32, [2], () => Tensor.From(new[] { first, 1 }, [2])),
            ],
            new Dictionary<string, string> { ["format"] = "pt" });
        return path;
    }

    private sealed class Seen(List<string> names) : IProgress<string>
    {
        public void Report(string value) => names.Add(value);
    }
}
