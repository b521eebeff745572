using System.Globalization;
using System.Runtime.CompilerServices;

namespace Percept.Text;

/// <summary>
/// A set of code points, asked one at a time. The answers for the basic plane are kept page by page once computed.
/// </summary>
internal sealed class CodePointSet
{
    private const int PageSize = 256;

    private readonly List<(int First, int Last)> _ranges = [];
    private readonly List<Func<int, bool>> _kinds = [];
    private readonly List<CodePointSet> _intersected = [];
    private readonly ulong[]?[] _pages = new ulong[]?[(char.MaxValue + 1) / PageSize];
    private uint _categories;

    /// <summary>Whether the set is everything else.</summary>
    internal bool Negated { get; set; }

    /// <summary>Whether a code point counts when one of another case does.</summary>
    internal bool IgnoreCase { get; set; }

    internal void AddRange(int first, int last) => _ranges.Add((first, last));

    internal void AddCategory(UnicodeCategory category) => _categories |= 1u << (int)category;

    internal void AddKind(Func<int, bool> kind) => _kinds.Add(kind);

    /// <summary>Only what is also in another set counts.</summary>
    internal void Intersect(CodePointSet other) => _intersected.Add(other);

    internal static CodePointSet Of(int codePoint, bool ignoreCase)
    {
        var set = new CodePointSet { IgnoreCase = ignoreCase };
        set.AddRange(codePoint, codePoint);
        return set;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Contains(int codePoint)
    {
        if (codePoint > char.MaxValue)
        {
            return Compute(codePoint);
        }

        ulong[] page = _pages[codePoint / PageSize] ?? MakePage(codePoint / PageSize);
        return (page[codePoint % PageSize / 64] >> (codePoint % 64) & 1) != 0;
    }

    /// <summary>The set as ranges in any order; surrogates may be among them.</summary>
    internal IEnumerable<(int First, int Last)> ToRanges()
    {
        const int Greatest = 0x10FFFF;
        if (_kinds.Count == 0 && _categories == 0 && _intersected.Count == 0 && !IgnoreCase)
        {
            int next = 0;
            foreach ((int first, int last) in _ranges.OrderBy(range => range.First))
            {
                if (!Negated)
                {
                    yield return (first, last);
                }
                else if (first > next)
                {
                    yield return (next, first - 1);
                }

                next = Math.Max(next, last + 1);
            }

            if (Negated && next <= Greatest)
            {
                yield return (next, Greatest);
            }

            yield break;
        }

        int start = -1;
        for (int codePoint = 0; codePoint <= Greatest; codePoint++)
        {
            bool contains = Contains(codePoint);
            if (contains && start < 0)
            {
                start = codePoint;
            }
            else if (!contains && start >= 0)
            {
                yield return (start, codePoint - 1);
                start = -1;
            }
        }

        if (start >= 0)
        {
            yield return (start, Greatest);
        }
    }

    private ulong[] MakePage(int number)
    {
        var page = new ulong[PageSize / 64];
        for (int i = 0; i < PageSize; i++)
        {
            if (Compute((number * PageSize) + i))
            {
                page[i / 64] |= 1UL << (i % 64);
            }
        }

        // Two threads may make the same page; both are right.
        _pages[number] = page;
        return page;
    }

    private bool Compute(int codePoint)
    {
        bool found = Has(codePoint);
        if (!found && IgnoreCase)
        {
            found = HasOtherCase(codePoint);
        }

        foreach (CodePointSet other in _intersected)
        {
            found = found && other.Contains(codePoint);
        }

        return found != Negated;
    }

    private bool HasOtherCase(int codePoint)
    {
        int lower = codePoint == 0x17F ? 's' : CodePoints.ToLower(codePoint);
        return Has(lower) || Has(CodePoints.ToUpper(lower)) || lower switch
        {
            's' => Has(0x17F),
            'k' => Has(0x212A),
            0xE5 => Has(0x212B),
            _ => false,
        };
    }

    private bool Has(int codePoint)
    {
        foreach ((int first, int last) in _ranges)
        {
            if (codePoint >= first && codePoint <= last)
            {
                return true;
            }
        }

        if (_categories != 0 && (_categories >> (int)CharUnicodeInfo.GetUnicodeCategory(codePoint) & 1) != 0)
        {
            return true;
        }

        foreach (Func<int, bool> kind in _kinds)
        {
            if (kind(codePoint))
            {
                return true;
            }
        }

        return false;
    }
}
