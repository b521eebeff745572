using System.Diagnostics;
using Xunit;

namespace Percept.TestSupport;

/// <summary>Runs another program, and gives back what it printed.</summary>
internal static class ChildProcess
{
    /// <summary>Runs a program to its end; one that takes too long is ended with all that it started, and fails the test.</summary>
    /// <param name="start">The program with its arguments and variables.</param>
    /// <param name="name">What it is called where it takes too long.</param>
    /// <param name="limit">How long it may take.</param>
    /// <returns>The exit code, and both outputs one behind the other.</returns>
    internal static async Task<(int Code, string Text)> Run(ProcessStartInfo start, string name, TimeSpan limit)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;
        CancellationToken stop = TestContext.Current.CancellationToken;
        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(stop), error = child.StandardError.ReadToEndAsync(stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        ending.CancelAfter(limit);
        try
        {
            await child.WaitForExitAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            Assert.Fail($"{name} did not end within {limit}.\n{await output}{await error}");
        }

        return (child.ExitCode, await output + await error);
    }

    /// <summary>A test program that is built, as the start of a process.</summary>
    /// <param name="folder">The folder of its files.</param>
    /// <param name="project">Its name.</param>
    internal static string[] Program(string folder, string project)
    {
        string program = Path.Combine(folder, OperatingSystem.IsWindows() ? project + ".exe" : project);
        if (File.Exists(program))
        {
            return [program];
        }

        string library = Path.Combine(folder, project + ".dll");
        Assert.True(File.Exists(library), $"'{library}' is not built; build the solution first.");
        return ["dotnet", library];
    }
}
