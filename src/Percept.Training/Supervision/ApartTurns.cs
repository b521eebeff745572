using Percept.Models;

namespace Percept.Training;

/// <summary>
/// Several questions about the same media, each learned as if it were asked alone behind them: no answer is seen by the questions that
/// follow, so that none can be copied from another.
/// </summary>
/// <remarks>
/// The media and what stands before them, or messages that all turns follow on, are computed once. What the template writes again before a later question, which no first question
/// has, is seen by nobody, and positions go on behind the media for each question.
/// </remarks>
internal sealed class ApartTurns
{
    // What a template writes between an answer's end and the next question.
    private const int LongestHeader = 32;
    private const int LongestGap = 2;

    internal ApartTurns(int prefix, IReadOnlyList<Turn> turns) => (Prefix, Turns) = (prefix, turns);

    /// <summary>The first token behind the media, or behind the messages that all turns follow on; all see what is before it.</summary>
    internal int Prefix { get; }

    /// <summary>The turns in order; together they are all tokens behind the prefix.</summary>
    internal IReadOnlyList<Turn> Turns { get; }

    /// <summary>Finds the turns of a conversation.</summary>
    /// <param name="prompt">Its ids and media.</param>
    /// <param name="ends">Behind each answer; no medium stands behind the first.</param>
    /// <param name="common">How many answers at the beginning all turns follow on.</param>
    /// <returns>The turns; null where there is one answer alone.</returns>
    internal static ApartTurns? Of(PreparedPrompt prompt, IReadOnlyList<int> ends, int common = 0)
    {
        if (ends.Count < common + 2)
        {
            return null;
        }

        if (common > 0)
        {
            return new ApartTurns(
                ends[common - 1],
                [.. Enumerable.Range(common, ends.Count - common).Select(i => new Turn(ends[i - 1], ends[i - 1], i == ends.Count - 1 ? prompt.Ids.Count : ends[i]))]);
        }

        if (prompt.Spans.Count == 0)
        {
            return OfText(prompt.Ids, ends);
        }

        int first = prompt.Spans[0].Start, prefix = prompt.Spans[^1].Start + prompt.Spans[^1].Count;
        var turns = new Turn[ends.Count];
        for (int i = 0; i < turns.Length; i++)
        {
            int start = i == 0 ? prefix : ends[i - 1], end = i == turns.Length - 1 ? prompt.Ids.Count : ends[i];
            turns[i] = new Turn(start, i == 0 ? start : start + Header(prompt.Ids, first, start, end), end);
        }

        return new ApartTurns(prefix, turns);
    }

    /// <summary>
    /// The turns of texts: all see what stands before the first question, such as the system's message. Where that ends shows in what later
    /// questions begin with.
    /// </summary>
    private static ApartTurns OfText(IReadOnlyList<int> ids, IReadOnlyList<int> ends)
    {
        int prefix = 0, longest = -1;
        for (int place = 0; place < ends[0]; place++)
        {
            int same = Enumerable.Range(0, LongestGap + 1).Max(gap => Same(ids, place, ends[0] + gap, ends[1]));
            (prefix, longest) = same > longest ? (place, same) : (prefix, longest);
        }

        var turns = new Turn[ends.Count];
        for (int i = 0; i < turns.Length; i++)
        {
            int start = i == 0 ? prefix : ends[i - 1], end = i == turns.Length - 1 ? ids.Count : ends[i];
            int gap = i == 0 ? 0 : Enumerable.Range(0, Math.Min(LongestGap, end - start - 1) + 1).MaxBy(gap => Same(ids, prefix, start + gap, end));
            turns[i] = new Turn(start, start + gap, end);
        }

        return new ApartTurns(prefix, turns);
    }

    /// <summary>How many tokens are the same at two places, up to the end of the later turn.</summary>
    private static int Same(IReadOnlyList<int> ids, int place, int later, int end)
    {
        int same = 0;
        while (later + same < end && place + same < later && ids[place + same] == ids[later + same])
        {
            same++;
        }

        return same;
    }

    /// <summary>Writes what each row sees: bytes of [rows, rows], 1 where it sees.</summary>
    internal void FillMask(Span<byte> seen, int rows)
    {
        seen.Clear();
        for (int row = 0; row < Prefix; row++)
        {
            seen.Slice(row * rows, row + 1).Fill(1);
        }

        foreach (Turn turn in Turns)
        {
            for (int row = turn.Start; row < turn.End; row++)
            {
                if (row < turn.First)
                {
                    // Seen by nobody, but a row that sees nothing has no softmax.
                    seen[(row * rows) + row] = 1;
                    continue;
                }

                seen.Slice(row * rows, Prefix).Fill(1);
                seen.Slice((row * rows) + turn.First, row - turn.First + 1).Fill(1);
            }
        }
    }

    /// <summary>Moves the positions of one axis so that each turn begins behind the media.</summary>
    internal void Move(Span<int> positions)
    {
        int begin = Turns[0].First < positions.Length ? positions[Turns[0].First] : 0;
        foreach (Turn turn in Turns)
        {
            int shift = (turn.First < turn.End ? positions[turn.First] : begin) - begin;
            for (int row = turn.Start; row < turn.End; row++)
            {
                positions[row] = row < turn.First ? begin : positions[row] - shift;
            }
        }
    }

    /// <summary>How many tokens at the beginning of a later turn end as those before the first medium do.</summary>
    private static int Header(IReadOnlyList<int> ids, int first, int start, int end)
    {
        int best = 0, longest = 0;
        for (int header = 1; header <= Math.Min(LongestHeader, end - start); header++)
        {
            int same = 0;
            while (same < Math.Min(header, first) && ids[start + header - 1 - same] == ids[first - 1 - same])
            {
                same++;
            }

            if (same > longest)
            {
                (best, longest) = (header, same);
            }
        }

        return best;
    }

    /// <summary>A question with its answer.</summary>
    /// <param name="Start">Its first token.</param>
    /// <param name="First">The first that is seen.</param>
    /// <param name="End">Behind its last.</param>
    internal readonly record struct Turn(int Start, int First, int End);
}
