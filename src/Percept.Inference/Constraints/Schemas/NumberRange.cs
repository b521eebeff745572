using System.Globalization;

namespace Percept.Inference;

/// <summary>
/// The states of all numbers between two bounds, written plainly: digits, and a fraction unless whole numbers are
/// wanted; no exponent.
/// </summary>
internal sealed class NumberRange
{
    private readonly Grammar _grammar;
    private readonly bool _integer;

    private NumberRange(Grammar grammar, bool integer)
    {
        _grammar = grammar;
        _integer = integer;
    }

    /// <summary>A bound: its value and whether the value itself is out.</summary>
    internal readonly record struct Bound(decimal Value, bool Exclusive)
    {
        internal Bound Negated => new(-Value, Exclusive);
    }

    /// <summary>Adds the states.</summary>
    /// <returns>The first state; null when there is no number between the bounds.</returns>
    internal static int? Build(Grammar grammar, Bound? low, Bound? high, bool integer)
    {
        if (integer)
        {
            low = low is { } l ? new Bound(l.Exclusive ? decimal.Floor(l.Value) + 1 : decimal.Ceiling(l.Value), false) : null;
            high = high is { } h ? new Bound(h.Exclusive ? decimal.Ceiling(h.Value) - 1 : decimal.Floor(h.Value), false) : null;
        }

        var range = new NumberRange(grammar, integer);
        int start = grammar.AddState();
        bool any = range.AddMagnitudes(start, low, high);
        int minus = grammar.AddState();
        if (low is not { Value: >= 0 } && range.AddMagnitudes(minus, high?.Negated, low?.Negated))
        {
            grammar[start].Edges.Add((ByteSet.Of((byte)'-'), minus));
            any = true;
        }

        return any ? start : null;
    }

    // Numbers without a sign: those below zero are left out. False when there are none.
    private bool AddMagnitudes(int from, Bound? low, Bound? high)
    {
        Bound least = low is { Value: >= 0 } bound ? bound : new Bound(0, false);
        if (high is { } most
            && (most.Value < least.Value || (most.Value == least.Value && (most.Exclusive || least.Exclusive))))
        {
            return false;
        }

        var digits = new Magnitudes(least, high, _integer);
        return digits.Emit(_grammar, from);
    }

    /// <summary>
    /// A small automaton over digits: how far the digits so far equal those of the bounds decides what may follow. Made
    /// whole, then emitted without what leads nowhere.
    /// </summary>
    private sealed class Magnitudes
    {
        private readonly string _lowWhole;
        private readonly string _lowFraction;
        private readonly string? _highWhole;
        private readonly string _highFraction = "";
        private readonly bool _lowExclusive;
        private readonly bool _highExclusive;
        private readonly bool _integer;
        private readonly List<Node> _nodes = [];
        private readonly Dictionary<(int Kind, int At, int Length, bool Low, bool High), int> _known = [];

        internal Magnitudes(Bound low, Bound? high, bool integer)
        {
            (_lowWhole, _lowFraction) = Digits(low.Value);
            _lowExclusive = low.Exclusive;
            if (high is { } bound)
            {
                (_highWhole, _highFraction) = Digits(bound.Value);
                _highExclusive = bound.Exclusive;
            }

            _integer = integer;
        }

        internal bool Emit(Grammar grammar, int from)
        {
            int first = Make((0, 0, 0, false, false));
            int longest = _highWhole?.Length ?? _lowWhole.Length + 1;
            for (int length = _lowWhole.Length; length <= longest; length++)
            {
                // Without an upper bound, the last length stands for all longer ones.
                AddWhole(first, 0, length, length == _lowWhole.Length, _highWhole?.Length == length);
            }

            bool[] leads = Leads();
            if (!leads[first])
            {
                return false;
            }

            var states = new int[_nodes.Count];
            for (int i = 0; i < states.Length; i++)
            {
                states[i] = i == first ? from : grammar.AddState();
                grammar[states[i]].Ends |= _nodes[i].Ends;
            }

            for (int i = 0; i < states.Length; i++)
            {
                foreach ((ByteSet bytes, int target) in _nodes[i].Edges)
                {
                    if (leads[target])
                    {
                        grammar[states[i]].Edges.Add((bytes, states[target]));
                    }
                }
            }

            return true;
        }

        private static (string Whole, string Fraction) Digits(decimal value)
        {
            string text = decimal.Abs(value).ToString(CultureInfo.InvariantCulture);
            int point = text.IndexOf('.');
            return point < 0 ? (text, "") : (text[..point], text[(point + 1)..]);
        }

        // The digits before the point, of a number with so many of them.
        private void AddWhole(int node, int at, int length, bool low, bool high)
        {
            bool endless = _highWhole is null && length > _lowWhole.Length;
            for (int digit = at == 0 && length > 1 ? 1 : 0; digit <= 9; digit++)
            {
                if (!Within(digit, low ? _lowWhole[at] : null, high ? _highWhole![at] : null))
                {
                    continue;
                }

                bool nextLow = low && digit == _lowWhole[at] - '0';
                bool nextHigh = high && digit == _highWhole![at] - '0';
                int next = at + 1 == length
                    ? WholeEnd(nextLow, nextHigh, endless)
                    : WholePart(at + 1, length, nextLow, nextHigh);
                _nodes[node].Edges.Add((ByteSet.Of((byte)('0' + digit)), next));
            }
        }

        private int WholePart(int at, int length, bool low, bool high)
        {
            if (!_known.TryGetValue((1, at, length, low, high), out int node))
            {
                node = Make((1, at, length, low, high));
                AddWhole(node, at, length, low, high);
            }

            return node;
        }

        // Behind the last digit before the point.
        private int WholeEnd(bool low, bool high, bool endless)
        {
            if (_known.TryGetValue((2, endless ? 1 : 0, 0, low, high), out int node))
            {
                return node;
            }

            node = Make((2, endless ? 1 : 0, 0, low, high));
            _nodes[node].Ends = MayEnd(0, low, high);
            if (endless)
            {
                _nodes[node].Edges.Add((ByteSet.Range('0', '9'), node));
            }

            if (!_integer)
            {
                int point = Make((3, 0, 0, low, high));
                _nodes[node].Edges.Add((ByteSet.Of((byte)'.'), point));
                AddFraction(point, 0, low, high);
            }

            return node;
        }

        private void AddFraction(int node, int at, bool low, bool high)
        {
            for (int digit = 0; digit <= 9; digit++)
            {
                char least = At(_lowFraction, at);
                char most = At(_highFraction, at);
                if (Within(digit, low ? least : null, high ? most : null))
                {
                    int next = Fraction(at + 1, low && digit == least - '0', high && digit == most - '0');
                    _nodes[node].Edges.Add((ByteSet.Of((byte)('0' + digit)), next));
                }
            }
        }

        private int Fraction(int at, bool low, bool high)
        {
            // Behind the digits of both bounds, or away from them, places are alike.
            at = low || high ? Math.Min(at, Math.Max(_lowFraction.Length, _highFraction.Length)) : 0;
            if (!_known.TryGetValue((4, at, 0, low, high), out int node))
            {
                node = Make((4, at, 0, low, high));
                _nodes[node].Ends = MayEnd(at, low, high);
                AddFraction(node, at, low, high);
            }

            return node;
        }

        private static bool Within(int digit, char? low, char? high) =>
            (low is null || digit >= low - '0') && (high is null || digit <= high - '0');

        private static char At(string digits, int at) => at < digits.Length ? digits[at] : '0';

        // What is not written counts as zeros.
        private bool MayEnd(int at, bool low, bool high)
        {
            bool lowIsZero = _lowFraction.AsSpan(Math.Min(at, _lowFraction.Length)).TrimStart('0').IsEmpty;
            bool highIsZero = _highFraction.AsSpan(Math.Min(at, _highFraction.Length)).TrimStart('0').IsEmpty;
            return (!low || (lowIsZero && !_lowExclusive)) && (!high || !highIsZero || !_highExclusive);
        }

        private int Make((int, int, int, bool, bool) key)
        {
            _nodes.Add(new Node());
            _known[key] = _nodes.Count - 1;
            return _nodes.Count - 1;
        }

        private bool[] Leads()
        {
            var leads = new bool[_nodes.Count];
            bool grows = true;
            while (grows)
            {
                grows = false;
                for (int i = 0; i < leads.Length; i++)
                {
                    if (!leads[i] && (_nodes[i].Ends || _nodes[i].Edges.Any(edge => leads[edge.Target])))
                    {
                        leads[i] = true;
                        grows = true;
                    }
                }
            }

            return leads;
        }

        private sealed class Node
        {
            internal bool Ends { get; set; }

            internal List<(ByteSet Bytes, int Target)> Edges { get; } = [];
        }
    }
}
