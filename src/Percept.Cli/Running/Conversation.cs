using System.Text;
using Percept.Inference;
using Percept.Models;

namespace Percept.Cli;

/// <summary>A conversation on the terminal: what was said, and the answers as they come.</summary>
/// <param name="chat">The model.</param>
/// <param name="options">How to answer.</param>
/// <param name="media">Reads the files.</param>
/// <param name="verbose">Where the prompt of each answer is shown; null for nowhere.</param>
internal sealed class Conversation(MultimodalChat chat, AnswerOptions options, MediaFileReader media, TextWriter? verbose = null)
{
    private readonly List<ChatTurn> _turns = [];
    private readonly List<string> _files = [];
    private AnswerOptions _options = options;

    /// <summary>The files so far, in order.</summary>
    internal IReadOnlyList<string> Files => _files;

    /// <summary>Tells the model something first.</summary>
    internal void System(string text) => _turns.Add(ChatTurn.System(text));

    /// <summary>Lets another adapter answer from now on.</summary>
    /// <exception cref="CommandException">The model has none.</exception>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    internal void Use(string adapter)
    {
        if (chat.Model.Adapters is not { } adapters)
        {
            throw new CommandException("the model was loaded without adapters; name them with --adapter FOLDER");
        }

        adapters.Find(adapter);
        _options = _options with { Adapter = adapter };
    }

    /// <summary>Forgets everything but what the model was told first.</summary>
    internal void Forget()
    {
        _turns.RemoveAll(turn => turn.Role != "system");
        _files.Clear();
    }

    /// <summary>Asks, and hands the answer out piece by piece.</summary>
    /// <param name="question">The question.</param>
    /// <param name="files">Files that it is about.</param>
    /// <param name="write">Takes the pieces.</param>
    /// <param name="loading">The time that the model took to load, for the report.</param>
    /// <param name="cancellation">Stops the answer.</param>
    internal async Task<AnswerReport> Ask(
        string question, IReadOnlyList<string> files, Action<string> write, TimeSpan loading, CancellationToken cancellation)
    {
        MediaContent[] contents = [.. files.Select(file => media.Read(file, cancellation))];
        int before = _turns.Count;
        _turns.Add(ChatTurn.User(question, contents));
        _files.AddRange(files);
        try
        {
            ChatStream stream = chat.Start(_turns, _options, cancellation);
            if (verbose is not null)
            {
                PromptView.Write(verbose, stream.Prompt, stream.Ids);
            }

            var text = new StringBuilder();
            await foreach (string piece in stream.Pieces(cancellation).ConfigureAwait(false))
            {
                text.Append(piece);
                write(piece);
            }

            EngineResult result = await stream.Completion.ConfigureAwait(false);
            _turns.Add(ChatTurn.Assistant(text.ToString()));
            return new AnswerReport(
                text.ToString(), result.Best.Finish, result.Usage, [.. _files.Zip(stream.MediaTokens)], loading,
                stream.FollowsFormat(text.ToString(), result.Best.Finish));
        }
        catch
        {
            // A question that was not answered did not happen.
            _turns.RemoveRange(before, _turns.Count - before);
            _files.RemoveRange(_files.Count - files.Count, files.Count);
            throw;
        }
    }
}
