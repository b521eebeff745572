namespace Percept.Inference;

/// <summary>
/// Rules over bytes that may call each other: an automaton with a stack. States may be filled in when they are first
/// reached, so that a grammar may have more of them than anyone will ever see. Not thread-safe.
/// </summary>
internal sealed class Grammar
{
    /// <summary>Stands for the end of the rule as the place to return to.</summary>
    internal const int Tail = -1;

    /// <summary>The most states that there may be.</summary>
    internal const int MaxStates = 1_000_000;

    private readonly List<GrammarState> _states = [];
    private readonly List<Func<int>?> _makers = [];
    private readonly List<int> _starts = [];

    /// <summary>The number of states so far.</summary>
    internal int StateCount => _states.Count;

    /// <summary>Adds a state.</summary>
    /// <param name="expand">Fills it in when it is first reached; null when it is filled in at once.</param>
    internal int AddState(Action<GrammarState>? expand = null)
    {
        if (_states.Count == MaxStates)
        {
            throw new NotSupportedException(
                $"The grammar has more than {MaxStates} states; make its counts (maxLength, repetitions) smaller.");
        }

        _states.Add(new GrammarState(expand));
        return _states.Count - 1;
    }

    /// <summary>Adds a rule.</summary>
    /// <param name="start">Makes its first state when the rule is first called.</param>
    internal int AddRule(Func<int> start)
    {
        _makers.Add(start);
        _starts.Add(-1);
        return _starts.Count - 1;
    }

    /// <summary>Changes how the first state of a rule is made, before the rule is called.</summary>
    internal void Replace(int rule, Func<int> start) => _makers[rule] = start;

    /// <summary>The first state of a rule.</summary>
    internal int Start(int rule)
    {
        if (_makers[rule] is { } make)
        {
            _makers[rule] = null;
            try
            {
                _starts[rule] = make();
            }
            catch
            {
                _makers[rule] = make;
                throw;
            }
        }

        return _starts[rule];
    }

    /// <summary>A state as it stands, for filling it in.</summary>
    internal GrammarState this[int state] => _states[state];

    /// <summary>A state with all its steps.</summary>
    internal GrammarState Expanded(int state)
    {
        GrammarState found = _states[state];
        found.Expand();
        return found;
    }

    /// <summary>A state that ends its rule.</summary>
    internal int EndState()
    {
        int state = AddState();
        _states[state].Ends = true;
        return state;
    }

    /// <summary>The states before a text that leads to a state.</summary>
    /// <param name="text">The bytes of the text.</param>
    /// <param name="target">The state behind it.</param>
    internal int Before(ReadOnlySpan<byte> text, int target)
    {
        for (int i = text.Length - 1; i >= 0; i--)
        {
            int state = AddState();
            _states[state].Edges.Add((ByteSet.Of(text[i]), target));
            target = state;
        }

        return target;
    }
}
