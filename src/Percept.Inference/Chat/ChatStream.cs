using System.Runtime.CompilerServices;
using System.Text;
using Percept.Models;
using Percept.Text;

namespace Percept.Inference;

/// <summary>An answer as it comes.</summary>
public sealed class ChatStream
{
    private readonly EngineRun _run;
    private readonly TextPieces _pieces;
    private readonly TokenConstraint? _constraint;

    internal ChatStream(EngineRun run, PreparedPrompt prepared, string prompt, TextPieces pieces, TokenConstraint? constraint)
    {
        _constraint = constraint;
        _run = run;
        _pieces = pieces;
        Prompt = Tokenizer.Unquote(prompt);
        Ids = prepared.Ids;
        MediaTokens = [.. prepared.Spans.GroupBy(span => span.Media).Select(group => group.Sum(span => span.Count))];
        Completion = Complete(run, prepared);
    }

    /// <summary>The rendered prompt.</summary>
    public string Prompt { get; }

    /// <summary>The prompt's ids.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>How many tokens each medium takes.</summary>
    public IReadOnlyList<int> MediaTokens { get; }

    /// <summary>How the answer ended, or the error that ended it.</summary>
    public Task<EngineResult> Completion { get; }

    /// <summary>The answer's text piece by piece: whole characters, nothing of a stop string. May be read once.</summary>
    /// <remarks>Whoever stops reading before the end cancels the answer.</remarks>
    /// <param name="cancellation">Stops reading.</param>
    public async IAsyncEnumerable<string> Pieces([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        bool whole = false;
        try
        {
            await foreach (int token in _run.Tokens(cancellation).ConfigureAwait(false))
            {
                string piece = _pieces.Put(token);
                if (piece.Length > 0)
                {
                    yield return piece;
                }
            }

            string rest = _pieces.End();
            if (rest.Length > 0)
            {
                yield return rest;
            }

            whole = true;
        }
        finally
        {
            if (!whole)
            {
                _run.Cancel();
            }
        }
    }

    /// <summary>
    /// Whether the answer follows to its end the JSON schema or regular expression that was asked for; false where it was cut before;
    /// null where none was asked for.
    /// </summary>
    /// <param name="text">All pieces together.</param>
    /// <param name="finish">Why the answer ended.</param>
    public bool? FollowsFormat(string text, FinishReason finish)
    {
        ArgumentNullException.ThrowIfNull(text);

        // An end token comes only where the text may end; a cut comes anywhere.
        return _constraint is null ? null : finish == FinishReason.EndOfSequence || _constraint.Accepts(Encoding.UTF8.GetBytes(text));
    }

    private static async Task<EngineResult> Complete(EngineRun run, PreparedPrompt prepared)
    {
        try
        {
            return await run.Completion.ConfigureAwait(false);
        }
        finally
        {
            prepared.Dispose();
        }
    }
}
