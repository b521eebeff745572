namespace Percept.Text;

/// <summary>Unicode normalization with origins: a text is taken apart, ordered, and composed again where the form asks.</summary>
/// <remarks>
/// Every character carries the change of the reference's library: 0 for the first part of a character, 1 for the further
/// ones; what is composed has the sum of both minus one.
/// </remarks>
internal ref struct UnicodeComposer(NormalizedText text, UnicodeForm form)
{
    private readonly bool _compatible = form is UnicodeForm.Nfkc or UnicodeForm.Nfkd;
    private readonly bool _compose = form is UnicodeForm.Nfc or UnicodeForm.Nfkc;
    private readonly List<(int CodePoint, int Change, byte Class)> _pending = [];

    internal static void Normalize(NormalizedText text, UnicodeForm form)
    {
        if (NormalizationData.StableLength(text.Chars, form) < text.Length)
        {
            new UnicodeComposer(text, form).Run();
        }
    }

    private readonly void Run()
    {
        text.Begin();
        ReadOnlySpan<char> source = text.Chars;
        Span<int> room = stackalloc int[3];
        for (int i = 0; i < source.Length;)
        {
            // Characters that stay as they are end whatever came before; only the last one may be part of what follows.
            int stable = NormalizationData.StableLength(source[i..], form);
            int kept = i + stable == source.Length ? stable : stable - 1;
            if (kept > 0)
            {
                Flush();
                text.Keep(kept);
                i += kept;
                continue;
            }

            int codePoint = CodePoints.At(source, i, out int units);
            i += units;
            ReadOnlySpan<int> parts = NormalizationData.Decompose(codePoint, _compatible, room);
            if (parts.IsEmpty)
            {
                Add(codePoint, 0);
                continue;
            }

            for (int k = 0; k < parts.Length; k++)
            {
                Add(parts[k], k == 0 ? 0 : 1);
            }
        }

        Flush();
        text.Commit();
    }

    // Characters are collected up to the next one that starts anew: nothing moves or composes over it, except where it
    // composes with a starter directly before it.
    private readonly void Add(int codePoint, int change)
    {
        byte combining = NormalizationData.ClassOf(codePoint);
        if (combining == 0 && _pending.Count > 0)
        {
            if (!_compose)
            {
                Flush();
            }
            else
            {
                Order();
                ComposePending();
                if (_pending.Count == 1 && _pending[0].Class == 0
                    && NormalizationData.Compose(_pending[0].CodePoint, codePoint) is >= 0 and int both)
                {
                    _pending[0] = (both, _pending[0].Change + change - 1, 0);
                    return;
                }

                Write();
            }
        }

        _pending.Add((codePoint, change, combining));
    }

    private readonly void Flush()
    {
        Order();
        if (_compose)
        {
            ComposePending();
        }

        Write();
    }

    private readonly void Write()
    {
        foreach ((int codePoint, int change, byte _) in _pending)
        {
            text.Write(codePoint, change);
        }

        _pending.Clear();
    }

    private readonly void Order()
    {
        // A starter is never after the first place, so that the marks behind it may be sorted; the sort must be stable.
        int first = _pending.Count > 0 && _pending[0].Class == 0 ? 1 : 0;
        if (_pending.Count - first > 32)
        {
            var sorted = _pending.Skip(first).OrderBy(static item => item.Class).ToList();
            _pending.RemoveRange(first, sorted.Count);
            _pending.AddRange(sorted);
            return;
        }

        for (int i = first + 1; i < _pending.Count; i++)
        {
            (int CodePoint, int Change, byte Class) item = _pending[i];
            int at = i;
            while (at > first && _pending[at - 1].Class > item.Class)
            {
                _pending[at] = _pending[at - 1];
                at--;
            }

            _pending[at] = item;
        }
    }

    private readonly void ComposePending()
    {
        if (_pending.Count < 2 || _pending[0].Class != 0)
        {
            return;
        }

        (int CodePoint, int Change, byte Class) starter = _pending[0];
        int kept = 1;
        int lastClass = 0;
        for (int i = 1; i < _pending.Count; i++)
        {
            (int CodePoint, int Change, byte Class) item = _pending[i];
            bool blocked = lastClass >= item.Class && lastClass != 0;
            int both = blocked ? -1 : NormalizationData.Compose(starter.CodePoint, item.CodePoint);
            if (both >= 0)
            {
                starter = (both, starter.Change + item.Change - 1, 0);
                continue;
            }

            lastClass = item.Class;
            _pending[kept++] = item;
        }

        _pending[0] = starter;
        _pending.RemoveRange(kept, _pending.Count - kept);
    }
}
