using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Percept.Training.Tests;

/// <summary>Runs of the command in a process of their own, which is killed.</summary>
public sealed class KilledRunTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    private readonly RunFixture _runs = new();

    public void Dispose() => _runs.Dispose();

    [Fact]
    public async Task AKilledRunGoesOnToTheLastBit()
    {
        string recipe = _runs.Folder("recipe.yaml");
        await File.WriteAllTextAsync(recipe, _runs.Yaml().Replace("steps: 12", "steps: 60", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Equal(0, await Run(recipe, "--out", _runs.Folder("whole")));
        double[] whole = _runs.Losses("whole");
        Assert.Equal(60, whole.Length);

        // Killed twice, at whatever moment it is in after some steps.
        using (Process first = Begin(recipe, "--out", _runs.Folder("killed")))
        {
            await Kill(first, steps: 8);
        }

        int after = Steps("killed");
        Assert.InRange(after, 8, 50);
        using (Process second = Begin("--resume", _runs.Folder("killed")))
        {
            await Kill(second, steps: after + 6);
        }

        Assert.Equal(0, await Run("--resume", _runs.Folder("killed")));
        Assert.Equal(whole, _runs.Losses("killed"));
        Assert.Equal(
            await File.ReadAllBytesAsync(_runs.Folder("whole/model/model.safetensors"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(_runs.Folder("killed/model/model.safetensors"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AnInterruptedRunWritesACheckpointFirst()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signal to send to one process.");
        Assert.SkipWhen(IgnoresInterrupts(), "This process was started with SIGINT ignored (as a shell starts background jobs), and so would be its children.");
        string recipe = _runs.Folder("recipe.yaml");
        string yaml = _runs.Yaml().Replace("steps: 12", "steps: 5000", StringComparison.Ordinal).Replace("every: 5", "every: 0", StringComparison.Ordinal);
        await File.WriteAllTextAsync(recipe, yaml, TestContext.Current.CancellationToken);
        using Process process = Begin(recipe, "--out", _runs.Folder("killed"));
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await Reach(process, 3);
        using (Process signal = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            await signal.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var limit = new CancellationTokenSource(s_limit);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("--resume", await error, StringComparison.Ordinal);
        Assert.Contains("steps", await output, StringComparison.Ordinal);
        Assert.Equal($"step-{Steps("killed")}", Path.GetFileName(new RunFolder(_runs.Folder("killed")).Latest()));
    }

    /// <summary>Whether the system ignores SIGINT for this process, which those that it starts inherit.</summary>
    private static bool IgnoresInterrupts()
    {
        const string Status = "/proc/self/status", Ignored = "SigIgn:";
        const ulong Interrupt = 1UL << 1;
        string? line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(at => at.StartsWith(Ignored, StringComparison.Ordinal)) : null;
        return line is not null
            && (ulong.Parse(line.AsSpan(Ignored.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Interrupt) != 0;
    }

    private static Process Begin(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "percept.dll"), "train", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static async Task<int> Run(params string[] arguments)
    {
        using Process process = Begin(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(s_limit);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"{await output}\n{await error}");
        return process.ExitCode;
    }

    private async Task Kill(Process process, int steps)
    {
        await Reach(process, steps);
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private async Task Reach(Process process, int steps)
    {
        var watch = Stopwatch.StartNew();
        while (!process.HasExited && Steps("killed") < steps && watch.Elapsed < s_limit)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.False(process.HasExited, "The run ended before it could be killed.");
    }

    private int Steps(string folder)
    {
        string log = new RunFolder(_runs.Folder(folder)).Log;
        if (!File.Exists(log))
        {
            return 0;
        }

        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Count(letter => letter == '\n');
    }
}
