using System.Globalization;

namespace Percept.Inference;

/// <summary>A set of code points without surrogates, as ranges in order that do not touch. Immutable.</summary>
internal sealed class CodePointRanges
{
    internal const int Greatest = 0x10FFFF;

    private readonly (int First, int Last)[] _ranges;

    private CodePointRanges((int First, int Last)[] ranges) => _ranges = ranges;

    /// <summary>All code points.</summary>
    internal static CodePointRanges All { get; } = Of([(0, Greatest)]);

    internal ReadOnlySpan<(int First, int Last)> Ranges => _ranges;

    internal bool IsEmpty => _ranges.Length == 0;

    /// <summary>A text that is the same for equal sets.</summary>
    internal string Key => string.Join(
        ',', _ranges.Select(range => string.Create(CultureInfo.InvariantCulture, $"{range.First:x}-{range.Last:x}")));

    /// <summary>A set of ranges in any order; surrogates are left out.</summary>
    internal static CodePointRanges Of(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach ((int first, int last) in ranges.SelectMany(WithoutSurrogates).OrderBy(range => range.First))
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return new CodePointRanges([.. merged]);
    }

    internal static CodePointRanges Of(int codePoint) => Of([(codePoint, codePoint)]);

    internal bool Contains(int codePoint)
    {
        foreach ((int first, int last) in _ranges)
        {
            if (codePoint >= first && codePoint <= last)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>All other code points.</summary>
    internal CodePointRanges Complement()
    {
        var rest = new List<(int, int)>();
        int next = 0;
        foreach ((int first, int last) in _ranges)
        {
            if (first > next)
            {
                rest.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Greatest)
        {
            rest.Add((next, Greatest));
        }

        return Of(rest);
    }

    /// <summary>What is in both sets.</summary>
    internal CodePointRanges Intersect(CodePointRanges other)
    {
        var both = new List<(int, int)>();
        foreach ((int first, int last) in _ranges)
        {
            foreach ((int otherFirst, int otherLast) in other._ranges)
            {
                if (Math.Max(first, otherFirst) <= Math.Min(last, otherLast))
                {
                    both.Add((Math.Max(first, otherFirst), Math.Min(last, otherLast)));
                }
            }
        }

        return Of(both);
    }

    private static IEnumerable<(int First, int Last)> WithoutSurrogates((int First, int Last) range)
    {
        if (range.First < 0xD800)
        {
            yield return (range.First, Math.Min(range.Last, 0xD7FF));
        }

        if (range.Last > 0xDFFF)
        {
            yield return (Math.Max(range.First, 0xE000), range.Last);
        }
    }
}
