using System.Diagnostics;
using System.Globalization;
using Percept.TestSupport;
using Xunit;

namespace Percept.Training.Tests.Distributed;

/// <summary>Several processes, started by <c>mpirun</c>; skipped where it is not installed.</summary>
public sealed class MpiTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("percept-mpi-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task EveryExchangeIsRight(int ranks)
    {
        string[] said = await Work("exchange", ranks);
        Assert.Equal(Enumerable.Range(0, ranks).Select(rank => $"{rank} of {ranks}"), said);
    }

    [Fact]
    public async Task TwoProcessesLearnAsOneDoesAndAlwaysTheSame()
    {
        string[] first = await Work("train", 2), again = await Work("train", 2);
        Assert.Equal(first[0], first[1]);
        Assert.Equal(first, again);
        string[] lines = first[0].Split('\n');
        double[] losses = [.. lines[..^1].Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        Curves.Alike(TinyTraining.Run(SingleProcess.Instance).Losses, losses);
    }

    [Fact]
    public async Task ARankThatFailsEndsTheOthers()
    {
        (int code, string text) = await Start("fail", 2);
        Assert.NotEqual(0, code);
        Assert.Contains("This rank is broken.", text, StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void ALauncherIsKnownByItsVariables()
    {
        Assert.Equal(new MpiLaunch(true, 4), Of(("OMPI_COMM_WORLD_SIZE", "4"), ("PMI_SIZE", "2")));
        Assert.Equal(new MpiLaunch(false, 2), Of(("PMI_SIZE", "2")));
        Assert.Equal(new MpiLaunch(null, null), Of(("PMIX_RANK", "0")));
        Assert.Null(Of());
        Assert.Null(Of(("OMPI_COMM_WORLD_SIZE", "many")));
        Assert.Same(SingleProcess.Instance, Communicators.Open());

        static MpiLaunch? Of(params (string Name, string Value)[] variables) =>
            MpiLaunch.Read(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
    }

    /// <summary>What each rank wrote.</summary>
    private async Task<string[]> Work(string work, int ranks)
    {
        (int code, string text) = await Start(work, ranks);
        Assert.True(code == 0, $"mpirun ended with {code}.\n{text}");
        return [.. Enumerable.Range(0, ranks).Select(rank =>
            File.ReadAllText(Path.Combine(_folder.FullName, FormattableString.Invariant($"{rank}.txt"))))];
    }

    private async Task<(int Code, string Text)> Start(string work, int ranks)
    {
        ProcessStartInfo start = MpiLauncher.Start(ranks, ChildProcess.Program(AppContext.BaseDirectory, "Percept.Training.Tests"));
        start.Environment[MpiWorker.Variable] = $"{work}:{_folder.FullName}";
        return await ChildProcess.Run(start, $"{work} in {ranks} processes", s_limit);
    }
}
