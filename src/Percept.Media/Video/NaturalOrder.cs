namespace Percept.Media;

/// <summary>Compares names as people count: runs of digits by their number, all else character by character.</summary>
internal static class NaturalOrder
{
    internal static int Compare(string? a, string? b)
    {
        ReadOnlySpan<char> x = a;
        ReadOnlySpan<char> y = b;
        while (x.Length > 0 && y.Length > 0)
        {
            if (char.IsAsciiDigit(x[0]) && char.IsAsciiDigit(y[0]))
            {
                int order = CompareNumbers(ref x, ref y);
                if (order != 0)
                {
                    return order;
                }
            }
            else if (x[0] != y[0])
            {
                return x[0].CompareTo(y[0]);
            }
            else
            {
                x = x[1..];
                y = y[1..];
            }
        }

        // Names that count the same are told apart all the same: 1 before 01.
        int rest = x.Length.CompareTo(y.Length);
        rest = rest != 0 ? rest : (a?.Length ?? 0).CompareTo(b?.Length ?? 0);
        return rest != 0 ? rest : string.CompareOrdinal(a, b);
    }

    private static int CompareNumbers(ref ReadOnlySpan<char> x, ref ReadOnlySpan<char> y)
    {
        ReadOnlySpan<char> first = Digits(ref x);
        ReadOnlySpan<char> second = Digits(ref y);
        return first.Length != second.Length ? first.Length.CompareTo(second.Length) : first.SequenceCompareTo(second);
    }

    /// <summary>Takes the digits in front, without leading zeros.</summary>
    private static ReadOnlySpan<char> Digits(ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits.TrimStart('0');
    }
}
