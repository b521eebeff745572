namespace Percept.Inference;

/// <summary>Makes the states of an array as they are reached: its items are counted as far as that matters.</summary>
/// <param name="grammar">The grammar.</param>
/// <param name="parts">The parts of JSON.</param>
/// <param name="prefix">The rules of the first items.</param>
/// <param name="items">The rule of all others; null for none.</param>
/// <param name="least">The least number of items.</param>
/// <param name="most">The greatest number of items; null for any.</param>
internal sealed class ArrayStates(Grammar grammar, JsonParts parts, int[] prefix, int? items, int least, int? most)
{
    private readonly Dictionary<int, int> _behind = [];
    private readonly int _end = grammar.EndState();

    /// <summary>The state before the bracket.</summary>
    internal int Start() => grammar.Before("["u8, Behind(0, first: true));

    // Behind the bracket, or behind an item.
    private int Behind(int count, bool first)
    {
        if (!first && _behind.TryGetValue(count, out int known))
        {
            return known;
        }

        int state = grammar.AddState(filled =>
        {
            int next = grammar.AddState(inner => Fill(inner, count, first));
            parts.Space(filled, next);
        });
        if (!first)
        {
            _behind.Add(count, state);
        }

        return state;
    }

    private void Fill(GrammarState state, int count, bool first)
    {
        if (count >= least)
        {
            state.Edges.Add((ByteSet.Of((byte)']'), _end));
        }

        if (count >= most)
        {
            return;
        }

        int rule = count < prefix.Length ? prefix[count] : items!.Value;
        int cap = Math.Max(least, prefix.Length);
        int next = most is null ? Math.Min(count + 1, cap) : count + 1;
        if (first)
        {
            state.Calls.Add((rule, Behind(next, first: false)));
            return;
        }

        int value = grammar.AddState(filled => filled.Calls.Add((rule, Behind(next, first: false))));
        int comma = grammar.AddState();
        parts.Space(grammar[comma], value);
        state.Edges.Add((ByteSet.Of((byte)','), comma));
    }
}
