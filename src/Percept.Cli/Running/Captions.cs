using System.Runtime.CompilerServices;
using System.Text;
using Percept.Inference;

namespace Percept.Cli;

/// <summary>Asks the same of many files, several at a time; the engine computes them together.</summary>
/// <param name="chat">The model.</param>
/// <param name="options">How it answers.</param>
/// <param name="media">Reads the files.</param>
/// <param name="prompt">What is asked of each.</param>
/// <param name="loading">The time to load the model, told with the first caption.</param>
internal sealed class Captions(MultimodalChat chat, AnswerOptions options, MediaFileReader media, string prompt, TimeSpan loading)
{
    /// <summary>The captions in the order of the files.</summary>
    /// <param name="files">The files.</param>
    /// <param name="width">How many are worked on at a time.</param>
    /// <param name="cancellation">Stops everything.</param>
    internal async IAsyncEnumerable<Caption> Of(
        IReadOnlyList<string> files, int width, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var begun = new Queue<Task<Caption>>();
        TimeSpan load = loading;
        foreach (string file in files)
        {
            if (begun.Count == width)
            {
                yield return await begun.Dequeue().ConfigureAwait(false);
            }

            begun.Enqueue(Describe(file, load, cancellation));
            load = TimeSpan.Zero;
        }

        while (begun.Count > 0)
        {
            yield return await begun.Dequeue().ConfigureAwait(false);
        }
    }

    private async Task<Caption> Describe(string file, TimeSpan load, CancellationToken cancellation)
    {
        try
        {
            ChatStream stream = chat.Start([ChatTurn.User(prompt, media.Read(file, cancellation))], options, cancellation);
            var text = new StringBuilder();
            await foreach (string piece in stream.Pieces(cancellation).ConfigureAwait(false))
            {
                text.Append(piece);
            }

            EngineResult result = await stream.Completion.ConfigureAwait(false);
            return new Caption(
                file,
                new AnswerReport(
                    text.ToString(), result.Best.Finish, result.Usage, [(file, result.Usage.MediaTokens)], load,
                    stream.FollowsFormat(text.ToString(), result.Best.Finish)),
                null);
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException("stopped");
        }
        catch (Exception problem) when (Failures.IsForTheUser(problem))
        {
            // One bad file of many does not cost the others.
            string message = Failures.MessageOf(problem);
            return new Caption(file, null, message.Contains(file, StringComparison.Ordinal) ? message : $"'{file}': {message}");
        }
    }
}
