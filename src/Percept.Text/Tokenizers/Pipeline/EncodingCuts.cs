namespace Percept.Text;

/// <summary>Cuts encodings into windows and fills them up.</summary>
internal static class EncodingCuts
{
    /// <summary>Cuts one text or a pair in place.</summary>
    /// <param name="first">The first text.</param>
    /// <param name="second">The second text; null for none.</param>
    /// <param name="options">How.</param>
    /// <param name="added">The tokens that the post-processor will add.</param>
    internal static void Truncate(EncodingPart first, EncodingPart? second, TruncationOptions options, int added)
    {
        int max = options.MaxLength - added;
        if (options.MaxLength < 0 || max < 0 || options.Stride < 0)
        {
            throw new ArgumentException(
                $"Texts cannot be cut to {options.MaxLength} tokens with a stride of {options.Stride}: the post-processor " +
                $"alone adds {added} tokens.", nameof(options));
        }

        if (max == 0)
        {
            Cut(first, 0, options);
            if (second is not null)
            {
                Cut(second, 0, options);
            }

            return;
        }

        int total = first.Count + (second?.Count ?? 0);
        if (total <= max)
        {
            return;
        }

        if (options.Strategy == TruncationStrategy.LongestFirst)
        {
            if (second is null)
            {
                Cut(first, max, options);
                return;
            }

            (int one, int two) = Share(first.Count, second.Count, max);
            Cut(first, one, options);
            Cut(second, two, options);
            return;
        }

        EncodingPart target = options.Strategy == TruncationStrategy.OnlyFirst
            ? first
            : second ?? throw new ArgumentException(
                "The truncation cuts the second text, but there is none; use only_first or longest_first.", nameof(options));
        int left = target.Count - (total - max);
        if (left <= 0)
        {
            throw new ArgumentException(
                $"The text has {target.Count} tokens, too few to take {total - max} away; raise the greatest length or cut " +
                "the other text.", nameof(options));
        }

        Cut(target, left, options);
    }

    /// <summary>Fills texts up in place.</summary>
    internal static void Pad(IReadOnlyList<EncodingPart> parts, PaddingOptions options)
    {
        if (parts.Count == 0)
        {
            return;
        }

        long length = options.Length ?? parts.Max(static part => part.Count);
        if (options.MultipleOf is > 0 and int multiple && length % multiple != 0)
        {
            length += multiple - (length % multiple);
        }

        if (length > Array.MaxLength / sizeof(long))
        {
            throw new TextLimitException($"Padding to {length} tokens is more than can be held; lower the length.");
        }

        foreach (EncodingPart part in parts)
        {
            Pad(part, (int)length, options);
        }
    }

    // The shorter text keeps its length as long as the longer one can give enough away.
    private static (int First, int Second) Share(int first, int second, int max)
    {
        int shorter = Math.Min(first, second);
        int longer = shorter > max ? shorter : Math.Max(shorter, max - shorter);
        if (shorter + longer > max)
        {
            shorter = max / 2;
            longer = shorter + (max % 2);
        }

        return first > second ? (longer, shorter) : (shorter, longer);
    }

    private static void Cut(EncodingPart part, int max, TruncationOptions options)
    {
        int count = part.Count;
        if (max >= count)
        {
            return;
        }

        if (max == 0)
        {
            EncodingPart whole = part.Clone();
            part.Keep(0, 0);
            part.Overflowing = [.. part.Overflowing, whole];
            return;
        }

        if (options.Stride >= max)
        {
            throw new ArgumentException(
                $"The stride is {options.Stride}, expected less than the {max} tokens that are left for the text.",
                nameof(options));
        }

        int step = max - options.Stride;
        var windows = new List<(int Start, int End)>();
        if (options.Side == TextSide.Right)
        {
            for (int start = 0; windows.Count == 0 || windows[^1].End < count; start += step)
            {
                windows.Add((start, (int)Math.Min((long)start + max, count)));
            }
        }
        else
        {
            for (int end = count; windows.Count == 0 || windows[^1].Start > 0; end -= step)
            {
                windows.Add((Math.Max(0, end - max), end));
            }
        }

        part.Overflowing = [.. windows.Skip(1).Select(window => part.Slice(window.Start, window.End - window.Start))];
        part.Keep(windows[0].Start, windows[0].End - windows[0].Start);
    }

    private static void Pad(EncodingPart part, int length, PaddingOptions options)
    {
        foreach (EncodingPart further in part.Overflowing)
        {
            Pad(further, length, options);
        }

        part.Pad(length - part.Count, options);
    }
}
