namespace Percept.Inference;

/// <summary>The parts of JSON that every schema shares: white space, numbers, words.</summary>
internal sealed class JsonParts
{
    private static readonly ByteSet s_blank = ByteSet.Of(" \t"u8);
    private static readonly ByteSet s_lineBreak = ByteSet.Of((byte)'\n');
    private static readonly ByteSet s_return = ByteSet.Of((byte)'\r');
    private static readonly ByteSet s_digits = ByteSet.Range('0', '9');
    private static readonly ByteSet s_digitsFromOne = ByteSet.Range('1', '9');

    private readonly Grammar _grammar;
    private readonly int _whiteRule;
    private readonly bool _hasWhite;

    internal JsonParts(Grammar grammar, int maxWhitespace)
    {
        _grammar = grammar;
        _hasWhite = maxWhitespace > 0;
        _whiteRule = grammar.AddRule(() =>
        {
            // A space, or a line break and the indent behind it; the indent's states from the last blank back.
            int last = grammar.EndState();
            int indent = last;
            for (int i = 1; i < maxWhitespace; i++)
            {
                int state = grammar.EndState();
                grammar[state].Edges.Add((s_blank, indent));
                indent = state;
            }

            int afterReturn = grammar.AddState();
            grammar[afterReturn].Edges.Add((s_lineBreak, indent));
            int start = grammar.EndState();
            grammar[start].Edges.Add((s_blank, last));
            grammar[start].Edges.Add((s_lineBreak, indent));
            grammar[start].Edges.Add((s_return, afterReturn));
            return start;
        });
    }

    /// <summary>Adds a step over white space, or none.</summary>
    internal void Space(GrammarState from, int to)
    {
        if (_hasWhite)
        {
            from.Calls.Add((_whiteRule, to));
        }
        else
        {
            from.Free.Add(to);
        }
    }

    /// <summary>The first state of a text that stands for itself.</summary>
    internal int Word(ReadOnlySpan<byte> text) => _grammar.Before(text, _grammar.EndState());

    /// <summary>The first state of any number.</summary>
    /// <param name="integer">Whether it has neither a fraction nor an exponent.</param>
    internal int Number(bool integer)
    {
        int start = _grammar.AddState();
        int sign = _grammar.AddState();
        int zero = _grammar.EndState();
        int digits = _grammar.EndState();
        _grammar[start].Edges.Add((ByteSet.Of((byte)'-'), sign));
        foreach (int first in (ReadOnlySpan<int>)[start, sign])
        {
            _grammar[first].Edges.Add((ByteSet.Of((byte)'0'), zero));
            _grammar[first].Edges.Add((s_digitsFromOne, digits));
        }

        _grammar[digits].Edges.Add((s_digits, digits));
        if (!integer)
        {
            int point = _grammar.AddState();
            int fraction = _grammar.EndState();
            _grammar[point].Edges.Add((s_digits, fraction));
            _grammar[fraction].Edges.Add((s_digits, fraction));
            int exponent = Exponent();
            foreach (int whole in (ReadOnlySpan<int>)[zero, digits])
            {
                _grammar[whole].Edges.Add((ByteSet.Of((byte)'.'), point));
                _grammar[whole].Edges.Add((ByteSet.Of("eE"u8), exponent));
            }

            _grammar[fraction].Edges.Add((ByteSet.Of("eE"u8), exponent));
        }

        return start;
    }

    private int Exponent()
    {
        int start = _grammar.AddState();
        int sign = _grammar.AddState();
        int digits = _grammar.EndState();
        _grammar[start].Edges.Add((ByteSet.Of("+-"u8), sign));
        _grammar[start].Edges.Add((s_digits, digits));
        _grammar[sign].Edges.Add((s_digits, digits));
        _grammar[digits].Edges.Add((s_digits, digits));
        return start;
    }
}
