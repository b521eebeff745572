using Percept.Text;

namespace Percept.Inference;

/// <summary>A regular expression as an automaton over characters, without a stack. Immutable once made.</summary>
internal sealed class RegexNfa
{
    private const int MaxNodes = 200_000;

    private readonly List<Node> _nodes = [];
    private readonly Dictionary<RegexNode, CodePointRanges> _sets = new(ReferenceEqualityComparer.Instance);
    private bool[] _leads = [];

    private RegexNfa()
    {
    }

    /// <summary>How far into the text a reading is: anchors depend on it.</summary>
    internal enum Layer
    {
        /// <summary>Before the first character.</summary>
        Start,

        /// <summary>Behind some character.</summary>
        Middle,

        /// <summary>Behind an anchor of the end: no character may follow.</summary>
        End,
    }

    /// <summary>Whether every text matches, so that limits of its length can always be met.</summary>
    internal bool IsAnything { get; private set; }

    /// <summary>The first node.</summary>
    internal int First { get; private set; }

    /// <summary>The node that accepts.</summary>
    internal int Last { get; private set; }

    /// <summary>Any text at all.</summary>
    internal static RegexNfa Anything()
    {
        var nfa = new RegexNfa { IsAnything = true };
        nfa.First = nfa.Add();
        nfa.Last = nfa.First;
        nfa._nodes[nfa.First].Steps.Add((CodePointRanges.All, nfa.First));
        nfa.Measure();
        return nfa;
    }

    /// <summary>Makes an automaton.</summary>
    /// <param name="pattern">The pattern, in the syntax of ECMA-262.</param>
    /// <param name="anywhere">
    /// Whether it may match any part of the text, as in JSON Schema, or must match the whole.
    /// </param>
    /// <exception cref="InvalidDataException">The pattern is broken.</exception>
    /// <exception cref="NotSupportedException">
    /// The pattern uses something that is not supported, or matches nothing.
    /// </exception>
    internal static RegexNfa Parse(string pattern, bool anywhere)
    {
        var nfa = new RegexNfa();
        RegexNode node = RegexParser.Parse(pattern, RegexSyntax.Ecma);
        nfa.First = nfa.Add();
        nfa.Last = nfa.Add();
        int inner = nfa.Add();
        int behind = nfa.Add();
        nfa._nodes[nfa.First].Free.Add(inner);
        nfa._nodes[behind].Free.Add(nfa.Last);
        if (anywhere)
        {
            nfa._nodes[nfa.First].Steps.Add((CodePointRanges.All, nfa.First));
            nfa._nodes[behind].Steps.Add((CodePointRanges.All, behind));
        }

        nfa.Link(node, inner, behind);
        nfa.Measure();
        return !nfa.Leads(nfa.First, Layer.Start)
            ? throw new NotSupportedException($"The pattern '{pattern}' matches no text.")
            : nfa;
    }

    /// <summary>The number of places: nodes in each layer.</summary>
    internal int Places => _nodes.Count * 3;

    /// <summary>The number of a node in a layer.</summary>
    internal static int Place(int node, Layer layer) => (node * 3) + (int)layer;

    /// <summary>Whether the end can be reached from a node.</summary>
    internal bool Leads(int node, Layer layer) => _leads[Place(node, layer)];

    /// <summary>Calls back for every step from a node that leads to the end.</summary>
    /// <param name="node">The node.</param>
    /// <param name="layer">How far into the text it is.</param>
    /// <param name="free">Takes steps without a character.</param>
    /// <param name="step">Takes steps over a character.</param>
    internal void Follow(int node, Layer layer, Action<int, Layer> free, Action<CodePointRanges, int, Layer> step)
    {
        Node from = _nodes[node];
        foreach (int target in from.Free)
        {
            Free(target, layer);
        }

        foreach (int target in layer == Layer.Start ? from.AtStart : [])
        {
            Free(target, layer);
        }

        foreach (int target in from.AtEnd)
        {
            Free(target, Layer.End);
        }

        foreach ((CodePointRanges set, int target) in layer == Layer.End ? [] : from.Steps)
        {
            if (Leads(target, Layer.Middle))
            {
                step(set, target, Layer.Middle);
            }
        }

        void Free(int target, Layer at)
        {
            if (Leads(target, at))
            {
                free(target, at);
            }
        }
    }

    private int Add()
    {
        if (_nodes.Count == MaxNodes)
        {
            throw new NotSupportedException($"A pattern has more than {MaxNodes} states; make its repetitions smaller.");
        }

        _nodes.Add(new Node());
        return _nodes.Count - 1;
    }

    private void Link(RegexNode node, int from, int to)
    {
        switch (node)
        {
            case RegexSet set:
                if (!_sets.TryGetValue(set, out CodePointRanges? ranges))
                {
                    ranges = CodePointRanges.Of(set.Set.ToRanges());
                    _sets.Add(set, ranges);
                }

                if (!ranges.IsEmpty)
                {
                    _nodes[from].Steps.Add((ranges, to));
                }

                break;
            case RegexSequence sequence:
                foreach (RegexNode part in sequence.Parts)
                {
                    int next = Add();
                    Link(part, from, next);
                    from = next;
                }

                _nodes[from].Free.Add(to);
                break;
            case RegexChoice choice:
                foreach (RegexNode part in choice.Parts)
                {
                    int first = Add();
                    _nodes[from].Free.Add(first);
                    Link(part, first, to);
                }

                break;
            case RegexRepeat repeat:
                LinkRepeat(repeat, from, to);
                break;
            case RegexAnchor { Kind: RegexAnchorKind.TextStart }:
                _nodes[from].AtStart.Add(to);
                break;
            case RegexAnchor { Kind: RegexAnchorKind.TextEnd }:
                _nodes[from].AtEnd.Add(to);
                break;
            default:
                throw new NotSupportedException(
                    $"A pattern uses {Describe(node)}, which is not supported in constraints; write it without.");
        }
    }

    private void LinkRepeat(RegexRepeat repeat, int from, int to)
    {
        for (int i = 0; i < repeat.Min; i++)
        {
            int next = Add();
            Link(repeat.Part, from, next);
            from = next;
        }

        if (repeat.Max < 0)
        {
            int loop = Add();
            _nodes[from].Free.Add(loop);
            _nodes[loop].Free.Add(to);
            int back = Add();
            Link(repeat.Part, loop, back);
            _nodes[back].Free.Add(loop);
            return;
        }

        for (int i = repeat.Min; i < repeat.Max; i++)
        {
            _nodes[from].Free.Add(to);
            int next = Add();
            Link(repeat.Part, from, next);
            from = next;
        }

        _nodes[from].Free.Add(to);
    }

    private static string Describe(RegexNode node) => node switch
    {
        RegexLook { Behind: true } => "a look-behind",
        RegexLook => "a look-ahead",
        RegexAtomic => "an atomic group",
        RegexAnchor { Kind: RegexAnchorKind.WordEdge or RegexAnchorKind.NoWordEdge } => "\\b or \\B",
        RegexAnchor => "an anchor of lines",
        _ => "something",
    };

    // Backwards from the end.
    private void Measure()
    {
        _leads = new bool[Places];
        List<(int From, int Cost)>[] into = Reversed();
        var open = new Stack<int>();
        for (int layer = 0; layer < 3; layer++)
        {
            _leads[(Last * 3) + layer] = true;
            open.Push((Last * 3) + layer);
        }

        while (open.TryPop(out int place))
        {
            foreach ((int from, int _) in into[place])
            {
                if (!_leads[from])
                {
                    _leads[from] = true;
                    open.Push(from);
                }
            }
        }
    }

    /// <summary>For each place those with a step to it, and how many characters the step takes: none or one.</summary>
    internal List<(int From, int Cost)>[] Reversed()
    {
        var into = new List<(int, int)>[_nodes.Count * 3];
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = [];
        }

        for (int node = 0; node < _nodes.Count; node++)
        {
            for (int layer = 0; layer < 3; layer++)
            {
                int from = (node * 3) + layer;
                foreach (int target in _nodes[node].Free)
                {
                    into[(target * 3) + layer].Add((from, 0));
                }

                foreach (int target in layer == (int)Layer.Start ? _nodes[node].AtStart : [])
                {
                    into[(target * 3) + layer].Add((from, 0));
                }

                foreach (int target in _nodes[node].AtEnd)
                {
                    into[(target * 3) + (int)Layer.End].Add((from, 0));
                }

                foreach ((CodePointRanges _, int target) in layer == (int)Layer.End ? [] : _nodes[node].Steps)
                {
                    into[(target * 3) + (int)Layer.Middle].Add((from, 1));
                }
            }
        }

        return into;
    }

    private sealed class Node
    {
        internal List<int> Free { get; } = [];

        internal List<int> AtStart { get; } = [];

        internal List<int> AtEnd { get; } = [];

        internal List<(CodePointRanges Set, int Target)> Steps { get; } = [];
    }
}
