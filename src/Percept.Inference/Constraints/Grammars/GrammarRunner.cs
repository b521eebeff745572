using System.Diagnostics.CodeAnalysis;

namespace Percept.Inference;

/// <summary>
/// Follows a grammar byte by byte: all readings of the text at once, each set of them computed once and kept. Not
/// thread-safe.
/// </summary>
internal sealed class GrammarRunner
{
    private const int MaxReadings = 20_000;

    private readonly Grammar _grammar;
    private readonly int _rule;
    private readonly Dictionary<(int, StackNode?), StackNode> _nodes = [];
    private readonly Dictionary<(int State, StackNode? Stack)[], Configuration> _known = new(new ItemsComparer());
    private readonly Dictionary<(int State, StackNode? Stack)[], Configuration> _accepting = new(new ItemsComparer());
    private readonly HashSet<(int, StackNode?)> _seen = [];
    private readonly Stack<(int State, StackNode? Stack)> _open = new();
    private readonly List<(int State, StackNode? Stack)> _items = [];
    private Configuration? _start;
    private int _lastNode;

    internal GrammarRunner(Grammar grammar, int rule)
    {
        _grammar = grammar;
        _rule = rule;
    }

    /// <summary>What an empty text may mean.</summary>
    internal Configuration Start
    {
        get
        {
            if (_start is null)
            {
                Begin();
                Reach(_grammar.Start(_rule), null);
                _start = End();
            }

            return _start;
        }
    }

    /// <summary>The number of sets of readings that are kept.</summary>
    internal int Count => _known.Count + _accepting.Count;

    /// <summary>The number of states that the grammar has grown.</summary>
    internal int StateCount => _grammar.StateCount;

    /// <summary>Lets go of all that is kept; configurations in use stay valid.</summary>
    internal void Forget()
    {
        _known.Clear();
        _accepting.Clear();
        _nodes.Clear();
        _start = null;
    }

    /// <summary>What a text may mean with one more byte; <see cref="Configuration.s_dead"/> for nothing.</summary>
    internal Configuration Next(Configuration from, byte value)
    {
        Configuration?[] next = from.Next ??= new Configuration?[256];
        return next[value] ??= Compute(from, value);
    }

    /// <summary>What a text may mean with more bytes.</summary>
    internal Configuration Next(Configuration from, ReadOnlySpan<byte> text)
    {
        foreach (byte value in text)
        {
            from = Next(from, value);
            if (from == Configuration.s_dead)
            {
                break;
            }
        }

        return from;
    }

    private Configuration Compute(Configuration from, byte value)
    {
        Begin();
        foreach ((int state, StackNode? stack) in from.Items)
        {
            foreach ((ByteSet bytes, int target) in _grammar[state].Edges)
            {
                if (bytes.Contains(value))
                {
                    Reach(target, stack);
                }
            }
        }

        return End();
    }

    private void Begin()
    {
        _seen.Clear();
        _open.Clear();
        _items.Clear();
    }

    private void Reach(int state, StackNode? stack)
    {
        if (_seen.Add((state, stack)))
        {
            _open.Push((state, stack));
        }
    }

    // Follows all steps that take nothing, calls and returns among them.
    private Configuration End()
    {
        bool accepts = false;
        while (_open.TryPop(out (int State, StackNode? Stack) item))
        {
            if (_seen.Count > MaxReadings)
            {
                throw new NotSupportedException(
                    $"The grammar has more than {MaxReadings} readings of one text; make it less ambiguous.");
            }

            GrammarState state = _grammar.Expanded(item.State);
            if (state.Edges.Count > 0)
            {
                _items.Add(item);
            }

            foreach (int target in state.Free)
            {
                Reach(target, item.Stack);
            }

            foreach ((int rule, int back) in state.Calls)
            {
                Reach(_grammar.Start(rule), back == Grammar.Tail ? item.Stack : Push(back, item.Stack));
            }

            if (state.Ends && item.Stack is { } node)
            {
                Reach(node.Return, node.Parent);
            }
            else if (state.Ends)
            {
                accepts = true;
            }
        }

        return Keep(accepts);
    }

    private Configuration Keep(bool accepts)
    {
        if (_items.Count == 0 && !accepts)
        {
            return Configuration.s_dead;
        }

        _items.Sort(static (a, b) => a.State != b.State
            ? a.State.CompareTo(b.State)
            : (a.Stack?.Id ?? 0).CompareTo(b.Stack?.Id ?? 0));
        (int, StackNode?)[] items = [.. _items];
        Dictionary<(int, StackNode?)[], Configuration> known = accepts ? _accepting : _known;
        if (!known.TryGetValue(items, out Configuration? found))
        {
            found = new Configuration(items, accepts, this);
            known.Add(items, found);
        }

        return found;
    }

    private StackNode Push(int back, StackNode? parent)
    {
        if (!_nodes.TryGetValue((back, parent), out StackNode? node))
        {
            node = new StackNode(back, parent, ++_lastNode);
            _nodes.Add((back, parent), node);
        }

        return node;
    }

    private sealed class ItemsComparer : IEqualityComparer<(int State, StackNode? Stack)[]>
    {
        public bool Equals((int State, StackNode? Stack)[]? x, (int State, StackNode? Stack)[]? y)
        {
            if (x!.Length != y!.Length)
            {
                return false;
            }

            for (int i = 0; i < x.Length; i++)
            {
                if (x[i].State != y[i].State || x[i].Stack != y[i].Stack)
                {
                    return false;
                }
            }

            return true;
        }

        public int GetHashCode([DisallowNull] (int State, StackNode? Stack)[] items)
        {
            var hash = default(HashCode);
            foreach ((int state, StackNode? stack) in items)
            {
                hash.Add(state);
                hash.Add(stack?.Id ?? 0);
            }

            return hash.ToHashCode();
        }
    }
}
