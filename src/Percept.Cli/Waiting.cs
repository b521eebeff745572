using Spectre.Console;

namespace Percept.Cli;

/// <summary>Shows on a terminal that long work goes on; says nothing where nobody looks.</summary>
internal static class Waiting
{
    /// <summary>Does work of unknown length, with a line that moves meanwhile.</summary>
    /// <param name="error">Where it shows: standard error, so that results stay alone.</param>
    /// <param name="what">What is done.</param>
    /// <param name="work">The work.</param>
    internal static T While<T>(TextWriter error, string what, Func<T> work) => IsTerminal(error)
        ? ConsoleOf(error).Status().Start(Markup.Escape(what), _ => work())
        : work();

    /// <summary>Does work of a known number of steps, with a bar.</summary>
    /// <param name="error">Where it shows.</param>
    /// <param name="what">What is done.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="work">The work; it calls its argument behind each step.</param>
    internal static void Steps(TextWriter error, string what, int steps, Action<Action> work) =>
        StepsAsync(error, what, steps, done =>
        {
            work(done);
            return Task.CompletedTask;
        }).GetAwaiter().GetResult();

    /// <summary>Does work of a known number of steps, with a bar.</summary>
    /// <param name="error">Where it shows.</param>
    /// <param name="what">What is done.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="work">The work; it calls its argument behind each step.</param>
    internal static async Task StepsAsync(TextWriter error, string what, int steps, Func<Action, Task> work)
    {
        if (!IsTerminal(error) || steps < 2)
        {
            await work(() => { }).ConfigureAwait(false);
            return;
        }

        await ConsoleOf(error).Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(what), maxValue: steps);
                await work(() => task.Increment(1)).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static bool IsTerminal(TextWriter error) => ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;

    private static IAnsiConsole ConsoleOf(TextWriter error) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
}
