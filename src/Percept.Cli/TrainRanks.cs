using System.Runtime.ExceptionServices;
using Percept.Training;

namespace Percept.Cli;

/// <summary>Runs <c>percept train</c> in each process that <c>mpirun</c> has started: one prints, and an error of any is told once.</summary>
internal static class TrainRanks
{
    /// <summary>What each rank does, with the writers that it prints to.</summary>
    internal delegate void Work(GuardedCommunicator ranks, TextWriter output, TextWriter error);

    /// <summary>Does work in all ranks.</summary>
    /// <param name="output">Where rank 0 writes results.</param>
    /// <param name="error">Where rank 0 shows that it works, and the rank that fails says why.</param>
    /// <param name="work">The work; a process by itself throws what it throws.</param>
    /// <returns>The exit code, the same in all ranks.</returns>
    internal static int Run(TextWriter output, TextWriter error, Work work)
    {
        var ranks = GuardedCommunicator.Of(Communicators.Open());
        int code = 0;
        try
        {
            ranks.Together(() =>
            {
                try
                {
                    work(ranks, ranks.IsFirst ? output : TextWriter.Null, ranks.IsFirst ? error : TextWriter.Null);
                }
                catch (StoppedException stopped) when (ranks.Size > 1)
                {
                    // All ranks have stopped behind the same step.
                    code = PerceptCommand.Stopped;
                    if (ranks.IsFirst)
                    {
                        PerceptCommand.Fail(error, stopped.Message);
                    }
                }

                return 0;
            });
        }
        catch (RankFailedException failure)
        {
            code = PerceptCommand.Failure;
            if (failure.IsOwn && failure.InnerException is { } reason)
            {
                if (!Failures.IsForTheUser(reason) && !TrainCommand.TellsTheUser(reason))
                {
                    // A mistake of the program: it ends this process where it was made, and the launcher ends the others.
                    ExceptionDispatchInfo.Throw(reason);
                }

                PerceptCommand.Fail(error, failure.Message);
                error.Flush();
            }

            if (!failure.IsShared)
            {
                // Without MPI's end, so that the launcher ends the ranks that wait for this one.
                return code;
            }
        }

        ranks.Complete();
        return code;
    }
}
