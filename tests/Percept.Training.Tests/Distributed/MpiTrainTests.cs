using System.Diagnostics;
using System.Globalization;
using Percept.Checkpoints;
using Percept.TestSupport;
using Xunit;

namespace Percept.Training.Tests.Distributed;

/// <summary><c>mpirun -n 2 percept train</c>, in processes of its own; skipped where mpirun is not installed.</summary>
public sealed class MpiTrainTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public async Task TwoProcessesTrainAsOneDoesAndAlwaysTheSame()
    {
        // Without Adam, which makes large steps of gradients that are rounding alone, weights can be compared as well.
        string recipe = Recipe("optimizer.kind=sgd", "optimizer.momentum=0.9", "optimizer.learning_rate=2e-2", "batch.samples=2", "steps=20");
        string printed = await Succeeds(MpiLauncher.Start(2, Train(recipe, "--out", _runs.Folder("two"))));
        Assert.Single(Occurrences(printed, "run: "));
        Assert.Contains("up to 8 samples each in 2 ranks", printed, StringComparison.Ordinal);
        await Succeeds(MpiLauncher.Start(2, Train(recipe, "--out", _runs.Folder("again"))));
        await Succeeds(Alone(Train(recipe, "--out", _runs.Folder("one"), "--set", "batch.samples=4")));

        double[] one = _runs.Losses("one"), two = _runs.Losses("two");
        Assert.Equal(20, two.Length);
        Assert.True(two[^1] < 0.5 * two[0], string.Join(' ', two));
        Curves.Alike(one, two);
        Assert.Equal(two, _runs.Losses("again"));
        Assert.Equal(Weights("two"), Weights("again"));
        float[] wanted = Numbers("one"), got = Numbers("two"), start = Numbers(RunFixture.Llava);
        Assert.True(wanted.Zip(start).Max(pair => Math.Abs(pair.First - pair.Second)) > 1e-2);
        Assert.All(wanted.Zip(got), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public async Task KilledRanksGoOnToTheLastBit()
    {
        string recipe = Recipe("steps=40", "batch.samples=2", "average=0.9");
        await Succeeds(MpiLauncher.Start(2, Train(recipe, "--out", _runs.Folder("whole"))));
        using (var killed = Process.Start(MpiLauncher.Start(2, Train(recipe, "--out", _runs.Folder("killed"))))!)
        {
            string log = new RunFolder(_runs.Folder("killed")).Log;
            var watch = Stopwatch.StartNew();
            while (!killed.HasExited && watch.Elapsed < s_limit && Lines(log) < 8)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            Assert.False(killed.HasExited, "The run ended before it could be killed.");
            killed.Kill(entireProcessTree: true);
            await killed.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        (int code, string text) = await Run(Alone(Train("--resume", _runs.Folder("killed"))));
        Assert.Equal(2, code);
        Assert.Contains("Resume it with mpirun -n 2", text, StringComparison.Ordinal);
        await Succeeds(MpiLauncher.Start(2, Train("--resume", _runs.Folder("killed"))));
        Assert.Equal(_runs.Losses("whole"), _runs.Losses("killed"));
        Assert.Equal(Weights("whole"), Weights("killed"));
    }

    [Fact]
    public async Task AnErrorOfOneRankIsToldOnceAndEndsAll()
    {
        string recipe = Recipe();
        ProcessStartInfo start = MpiLauncher.Start(1, Train(recipe, "--out", _runs.Folder("run")));
        foreach (string word in (string[])[":", "-n", "1", .. Train(recipe, "--out", _runs.Folder("run"), "--set", "model.path=" + _runs.Folder("nowhere"))])
        {
            start.ArgumentList.Add(word);
        }

        (int code, string text) = await Run(start);
        Assert.Equal(2, code);
        string line = Assert.Single(Occurrences(text, "percept: "));
        Assert.StartsWith("percept: rank 1 of 2: ", line, StringComparison.Ordinal);
        Assert.Contains("nowhere", line, StringComparison.Ordinal);
    }

    private string Recipe(params string[] changes)
    {
        string path = _runs.Folder("recipe.yaml");
        File.WriteAllText(path, _runs.Recipe(changes).Yaml);
        return path;
    }

    private static string[] Train(params string[] words) => ["dotnet", Path.Combine(AppContext.BaseDirectory, "percept.dll"), "train", .. words];

    /// <summary>One process, with as many threads as each of several.</summary>
    private static ProcessStartInfo Alone(string[] words)
    {
        var start = new ProcessStartInfo(words[0], words[1..]);
        start.Environment["PERCEPT_THREADS"] = "1";
        return start;
    }

    private static Task<(int Code, string Text)> Run(ProcessStartInfo start) => ChildProcess.Run(start, "percept train", s_limit);

    private static async Task<string> Succeeds(ProcessStartInfo start)
    {
        (int code, string text) = await Run(start);
        Assert.True(code == 0, $"It ended with {code}.\n{text}");
        return text;
    }

    private static string[] Occurrences(string text, string words) =>
        [.. text.Split('\n').Select(line => line.IndexOf(words, StringComparison.Ordinal) is var at and >= 0 ? line[at..] : "").Where(line => line.Length > 0)];

    private static int Lines(string path)
    {
        if (!File.Exists(path))
        {
            return 0;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Count(letter => letter == '\n');
    }

    private byte[] Weights(string folder) => File.ReadAllBytes(_runs.Folder($"{folder}/model/model.safetensors"));

    private float[] Numbers(string folder)
    {
        using TensorSource source = TensorSource.Open(Path.IsPathRooted(folder) ? folder : _runs.Folder($"{folder}/model"));
        return [.. source.Tensors.Keys.Order(StringComparer.Ordinal).SelectMany(name => Tensors.Ops.Cast(source.Read(name), Tensors.DType.F32).ToArray<float>())];
    }
}
