namespace Percept.Inference;

/// <summary>
/// Makes grammar states of a pattern and of limits on the number of characters: pairs of both, made when they are
/// reached.
/// </summary>
internal sealed class TextStates
{
    private const long MaxPairs = 20_000_000;

    private readonly Grammar _grammar;
    private readonly CharacterEncoder _encoder;
    private readonly RegexNfa _pattern;
    private readonly int _least;
    private readonly int? _most;
    private readonly Action<GrammarState> _close;
    private readonly Dictionary<(int Node, RegexNfa.Layer Layer, int Count), int> _states = [];
    private readonly bool[]? _ends;

    /// <summary>Makes the states.</summary>
    /// <param name="grammar">The grammar.</param>
    /// <param name="encoder">How characters are written.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="least">The least number of characters.</param>
    /// <param name="most">The greatest number of characters; null for any.</param>
    /// <param name="close">Fills in the step behind the last character.</param>
    /// <exception cref="NotSupportedException">
    /// No text follows both pattern and limits, or they are too large together.
    /// </exception>
    internal TextStates(
        Grammar grammar, CharacterEncoder encoder, RegexNfa pattern, int least, int? most, Action<GrammarState> close)
    {
        _grammar = grammar;
        _encoder = encoder;
        _pattern = pattern;
        _least = least;
        _most = most;
        _close = close;
        _ends = pattern.IsAnything || (least == 0 && most is null) ? null : FindEnds();
        if (!CanEnd(pattern.First, RegexNfa.Layer.Start, 0))
        {
            throw new NotSupportedException("No text follows both the pattern and the limits of its length.");
        }
    }

    private int Cap => _most ?? _least;

    /// <summary>The state before the first character.</summary>
    internal int Start() => State(_pattern.First, RegexNfa.Layer.Start, 0);

    private int State(int node, RegexNfa.Layer layer, int count)
    {
        if (!_states.TryGetValue((node, layer, count), out int state))
        {
            state = _grammar.AddState(filled => Fill(filled, node, layer, count));
            _states.Add((node, layer, count), state);
        }

        return state;
    }

    private void Fill(GrammarState state, int node, RegexNfa.Layer layer, int count)
    {
        _pattern.Follow(
            node, layer,
            (target, at) =>
            {
                if (CanEnd(target, at, count))
                {
                    state.Free.Add(State(target, at, count));
                }
            },
            (characters, target, at) =>
            {
                // Beyond the least number, characters are counted only where there is a greatest.
                int next = _most is null ? Math.Min(count + 1, _least) : count + 1;
                if (next <= Cap && CanEnd(target, at, next))
                {
                    _encoder.Add(state, characters, State(target, at, next));
                }
            });
        if (node == _pattern.Last && count >= _least)
        {
            _close(state);
        }
    }

    private bool CanEnd(int node, RegexNfa.Layer layer, int count) =>
        _ends is null || _ends[(RegexNfa.Place(node, layer) * (Cap + 1)) + count];

    // All pairs of place and count from which the text can still end, backwards from where it ends.
    private bool[] FindEnds()
    {
        int width = Cap + 1;
        long pairs = (long)_pattern.Places * width;
        if (pairs > MaxPairs)
        {
            throw new NotSupportedException(
                $"A pattern and a length limit have {pairs} states together, more than {MaxPairs}; make the limit smaller.");
        }

        var ends = new bool[pairs];
        var open = new Stack<(int Place, int Count)>();
        for (int layer = 0; layer < 3; layer++)
        {
            for (int count = _least; count < width; count++)
            {
                Mark(RegexNfa.Place(_pattern.Last, (RegexNfa.Layer)layer), count);
            }
        }

        List<(int From, int Cost)>[] into = _pattern.Reversed();
        while (open.TryPop(out (int Place, int Count) pair))
        {
            foreach ((int from, int cost) in into[pair.Place])
            {
                if (cost == 0)
                {
                    Mark(from, pair.Count);
                    continue;
                }

                Mark(from, pair.Count - 1);
                if (_most is null && pair.Count == _least)
                {
                    Mark(from, pair.Count);
                }
            }
        }

        return ends;

        void Mark(int place, int count)
        {
            if (count >= 0 && !ends[(place * width) + count])
            {
                ends[(place * width) + count] = true;
                open.Push((place, count));
            }
        }
    }
}
