using Percept.Models;
using Percept.Text;

namespace Percept.Training;

/// <summary>
/// A prompt whose answers are put together from the tokens of single letters, as BPE dropout of 1 gives them (Provilkov et al., 2020): who reads
/// letter by letter learns nothing from tokens of which each new word has others.
/// </summary>
internal sealed class AnswerLetters
{
    // Of each token, and of the place behind the last, where it is now.
    private readonly int[] _places;

    private AnswerLetters(PreparedPrompt prompt, int[] places) => (Prompt, _places) = (prompt, places);

    /// <summary>The prompt; it has the media of the one that it is made of.</summary>
    internal PreparedPrompt Prompt { get; }

    /// <summary>Takes answers apart.</summary>
    /// <param name="prompt">A prompt.</param>
    /// <param name="answers">Where its answers are, in order and without overlap.</param>
    /// <param name="processor">The processor that it is of.</param>
    /// <exception cref="NotSupportedException">Tokens of this kind cannot be taken apart.</exception>
    internal static AnswerLetters Of(PreparedPrompt prompt, IReadOnlyList<(int Start, int End)> answers, IProcessor processor)
    {
        Tokenizer tokenizer = processor.Tokenizer.Tokenizer;
        int count = prompt.Ids.Count, axes = (prompt.Positions?.Count ?? 0) / Math.Max(1, count);
        var inAnswer = new bool[count];
        foreach ((int start, int end) in answers)
        {
            inAnswer.AsSpan(start, end - start).Fill(true);
        }

        foreach (MediaSpan media in prompt.Spans)
        {
            inAnswer.AsSpan(media.Start, media.Count).Clear();
        }

        List<int> ids = new(count);
        var places = new int[count + 1];
        var positions = Enumerable.Range(0, axes).Select(_ => new List<int>(count)).ToArray();
        for (int i = 0; i < count; i++)
        {
            places[i] = ids.Count;
            IReadOnlyList<int> letters = inAnswer[i] && !processor.StopIds.Contains(prompt.Ids[i]) ? tokenizer.CharactersOf(prompt.Ids[i]) : [prompt.Ids[i]];
            for (int axis = 0; axis < axes; axis++)
            {
                // All that follows on a letter more is one further on, on each axis.
                int position = prompt.Positions![(axis * count) + i] + places[i] - i;
                positions[axis].AddRange(Enumerable.Range(position, letters.Count));
            }

            ids.AddRange(letters);
        }

        places[count] = ids.Count;
        return new AnswerLetters(
            new PreparedPrompt
            {
                Ids = ids,
                Positions = prompt.Positions is null ? null : [.. positions.SelectMany(axis => axis)],
                Spans = [.. prompt.Spans.Select(span => span with { Start = places[span.Start] })],
            },
            places);
    }

    /// <summary>Where tokens are now.</summary>
    internal (int Start, int End) At((int Start, int End) span) => (_places[span.Start], _places[span.End]);

    /// <summary>Where turns are now.</summary>
    internal ApartTurns At(ApartTurns turns) => new(
        _places[turns.Prefix], [.. turns.Turns.Select(turn => new ApartTurns.Turn(_places[turn.Start], _places[turn.First], _places[turn.End]))]);
}
