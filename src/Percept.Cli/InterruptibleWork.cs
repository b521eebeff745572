using System.CommandLine;

namespace Percept.Cli;

/// <summary>Commands whose work runs in one piece.</summary>
internal static class InterruptibleWork
{
    /// <summary>Lets a command do work on a thread of its own: an interruption is only looked for once the work has been handed over.</summary>
    /// <param name="command">The command.</param>
    /// <param name="work">The work, which gives the exit code.</param>
    internal static void SetWork(this Command command, Func<ParseResult, CancellationToken, int> work) =>
        command.SetAction((parsed, cancellation) => Task.Run(() => work(parsed, cancellation)));
}
