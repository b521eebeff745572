using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Splitting, joining, finding and replacing.</summary>
internal static partial class TextMethods
{
    private static Value Split(RenderContext c, Value self, Args args)
    {
        args.Check(c, "split", 0, "sep", "maxsplit");
        (string? separator, int most) = SplitArguments(c, args);
        string text = Own(self);
        var parts = new List<Value>();
        if (separator is null)
        {
            SplitWords(c, self, text, most, parts);
            return ToList(c, parts);
        }

        c.ChargeSearch(text.Length, separator.Length);
        int start = 0;
        while (parts.Count < most)
        {
            int found = text.IndexOf(separator, start, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            parts.Add(Like(self, text[start..found]));
            c.CheckList(parts.Count, (found - start) >> 2);
            start = found + separator.Length;
        }

        c.CheckText(text.Length - start);
        parts.Add(Like(self, start == 0 ? text : text[start..]));
        return ToList(c, parts);
    }

    private static Value SplitRight(RenderContext c, Value self, Args args)
    {
        args.Check(c, "rsplit", 0, "sep", "maxsplit");
        (string? separator, int most) = SplitArguments(c, args);
        string text = Own(self);
        var parts = new List<Value>();
        int end = text.Length;
        if (separator is null)
        {
            SplitWordsRight(c, self, text, most, parts);
        }
        else
        {
            c.ChargeSearch(text.Length, separator.Length);
            while (parts.Count < most)
            {
                int found = text.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal);
                if (found < 0)
                {
                    break;
                }

                parts.Add(Like(self, text[(found + separator.Length)..end]));
                c.CheckList(parts.Count, (end - found) >> 2);
                end = found;
            }

            c.CheckText(end);
            parts.Add(Like(self, text[..end]));
        }

        parts.Reverse();
        return ToList(c, parts);
    }

    private static (string? Separator, int Most) SplitArguments(RenderContext c, Args args)
    {
        Value separator = args.Get(0, "sep");
        Value most = args.Get(1, "maxsplit");
        string? text = separator.IsMissing || separator.IsNone ? null : Require.Text(c, separator, "The separator");
        if (text is { Length: 0 })
        {
            throw c.Fail(TemplateErrorKind.Value, "The separator is empty.");
        }

        int limit = most.IsMissing ? -1 : Require.Int(c, most, "The number of splits");
        return (text, limit < 0 ? int.MaxValue : limit);
    }

    private static void SplitWords(RenderContext c, Value self, string text, int most, List<Value> parts)
    {
        ReadOnlySpan<char> rest = TextUnits.TrimStart(text);
        while (rest.Length > 0)
        {
            int end = 0;
            while (end < rest.Length && !TextUnits.IsSpace(rest[end]))
            {
                end++;
            }

            if (parts.Count >= most)
            {
                c.CheckText(rest.Length);
                parts.Add(Like(self, TextUnits.TrimEnd(rest).ToString()));
                return;
            }

            parts.Add(Like(self, rest[..end].ToString()));
            c.CheckList(parts.Count, end >> 2);
            rest = TextUnits.TrimStart(rest[end..]);
        }
    }

    private static void SplitWordsRight(RenderContext c, Value self, string text, int most, List<Value> parts)
    {
        ReadOnlySpan<char> rest = TextUnits.TrimEnd(text);
        while (rest.Length > 0)
        {
            int start = rest.Length;
            while (start > 0 && !TextUnits.IsSpace(rest[start - 1]))
            {
                start--;
            }

            if (parts.Count >= most)
            {
                c.CheckText(rest.Length);
                parts.Add(Like(self, TextUnits.TrimStart(rest).ToString()));
                return;
            }

            parts.Add(Like(self, rest[start..].ToString()));
            c.CheckList(parts.Count, (rest.Length - start) >> 2);
            rest = TextUnits.TrimEnd(rest[..start]);
        }
    }

    private static Value SplitLines(RenderContext c, Value self, Args args)
    {
        args.Check(c, "splitlines", 0, "keepends");
        bool keep = Operators.Truth(args.Get(0, "keepends"));
        var parts = new List<Value>();
        foreach ((int start, int end, int next) in Lines(Own(self)))
        {
            parts.Add(Like(self, Own(self)[start..(keep ? next : end)]));
            c.CheckList(parts.Count, (end - start) >> 2);
        }

        return ToList(c, parts);
    }

    /// <summary>The lines of a text: where each starts, ends, and where the next begins.</summary>
    internal static IEnumerable<(int Start, int End, int Next)> Lines(string text)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char unit = text[i];
            if (unit is not ((>= '\n' and <= '\r') or (>= '\x1c' and <= '\x1e') or '\x85' or '\u2028' or '\u2029'))
            {
                continue;
            }

            int end = i;
            if (unit == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
            {
                i++;
            }

            yield return (start, end, i + 1);
            start = i + 1;
        }

        if (start < text.Length)
        {
            yield return (start, text.Length, text.Length);
        }
    }

    private static Value Partition(RenderContext c, Value self, Args args, string name, bool fromRight)
    {
        args.Check(c, name, 1, "/sep");
        string text = Own(self);
        string separator = Require.Text(c, args[0], "The separator");
        if (separator.Length == 0)
        {
            throw c.Fail(TemplateErrorKind.Value, "The separator is empty.");
        }

        c.Charge(text.Length >> 2);
        c.ChargeSearch(text.Length, separator.Length);
        int found = fromRight
            ? text.AsSpan().LastIndexOf(separator, StringComparison.Ordinal)
            : text.IndexOf(separator, StringComparison.Ordinal);
        if (found < 0)
        {
            return fromRight
                ? Value.Tuple(Like(self, ""), Like(self, ""), self)
                : Value.Tuple(self, Like(self, ""), Like(self, ""));
        }

        return Value.Tuple(
            Like(self, text[..found]), Like(self, separator), Like(self, text[(found + separator.Length)..]));
    }

    private static Value Join(RenderContext c, Value self, Args args)
    {
        args.Check(c, "join", 1, "/iterable");
        string separator = Own(self);
        using var buffer = new TextBuffer(c, c.Limits.MaxTextLength);
        using IEnumerator<Value> items = Iteration.Over(c, args[0]);
        int index = 0;
        while (items.MoveNext())
        {
            if (index > 0)
            {
                buffer.Append(separator);
            }

            string item = Require.Text(c, items.Current, $"Item {index} of 'join'");
            buffer.Append(self.Kind == ValueKind.Markup && items.Current.Kind != ValueKind.Markup ? HtmlMarkup.Escape(c, item) : item);
            index++;
            c.Charge(1);
        }

        return Like(self, buffer.Cut(0));
    }

    private static Value Replace(RenderContext c, Value self, Args args)
    {
        args.Check(c, "replace", 2, "/old", "/new", "count");
        Value count = args.Get(2, "count");
        string from = Require.Text(c, args[0], "The first argument of 'replace'");
        string to = Require.Text(c, args[1], "The second argument of 'replace'");
        int most = count.IsMissing ? -1 : Require.Int(c, count, "The count");
        return Like(self, Replace(c, Own(self), from, to, most));
    }

    /// <summary>Replaces a part by another, at most so many times; all of them when negative.</summary>
    internal static string Replace(RenderContext c, string text, string from, string to, int most)
    {
        c.ChargeSearch(text.Length, from.Length);
        if (most == 0 || (from.Length > 0 && !text.Contains(from, StringComparison.Ordinal)))
        {
            return text;
        }

        using var buffer = new TextBuffer(c, c.Limits.MaxTextLength);
        int at = 0;
        long left = most < 0 ? long.MaxValue : most;
        if (from.Length == 0)
        {
            // An empty part lies before every character and at the end.
            for (; left > 0; left--)
            {
                buffer.Append(to);
                if (at == text.Length)
                {
                    break;
                }

                int width = TextUnits.Width(text, at);
                buffer.Append(text.AsSpan(at, width));
                at += width;
            }

            buffer.Append(text.AsSpan(at));
            return buffer.Cut(0);
        }

        for (; left > 0; left--)
        {
            int found = text.IndexOf(from, at, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            buffer.Append(text.AsSpan(at, found - at));
            buffer.Append(to);
            at = found + from.Length;
        }

        buffer.Append(text.AsSpan(at));
        return buffer.Cut(0);
    }

    private static Value Affix(RenderContext c, Value self, Args args, string name, bool atStart)
    {
        args.Check(c, name, 1, "/affix", "/start", "/end");
        ReadOnlySpan<char> text = Part(c, Own(self), args, out bool isValid);
        ReadOnlySpan<Value> affixes = args.Positional[..1];
        if (args[0].Kind == ValueKind.Tuple)
        {
            affixes = ((PyList)args[0].Ref!).Span;
        }

        foreach (Value affix in affixes)
        {
            string wanted = Require.Text(c, affix, $"The argument of '{name}'");
            if (isValid && (atStart
                ? text.StartsWith(wanted, StringComparison.Ordinal)
                : text.EndsWith(wanted, StringComparison.Ordinal)))
            {
                return Value.True;
            }
        }

        return Value.False;
    }

    /// <summary>The part of a text between the second and third argument.</summary>
    private static ReadOnlySpan<char> Part(RenderContext c, string text, Args args, out bool isValid)
    {
        (int start, int end) = Bounds(c, text, args);
        isValid = start <= end;
        if (!isValid)
        {
            return default;
        }

        return args.Count < 2 ? text : text.AsSpan()[TextUnits.UnitOf(text, start)..TextUnits.UnitOf(text, end)];
    }

    private static (int Start, int End) Bounds(RenderContext c, string text, Args args)
    {
        if (args.Count < 2)
        {
            return (0, text.Length);
        }

        int length = TextUnits.Count(text);
        int Bound(Value value, int missing)
        {
            if (value.IsMissing || value.IsNone)
            {
                return missing;
            }

            long index = Require.Int(c, value, "A bound");
            return (int)Math.Clamp(index < 0 ? index + length : index, 0, (long)length + 1);
        }

        int start = Bound(args[1], 0);
        return (start, Math.Min(Bound(args[2], length), length));
    }

    private static Value RemovePrefix(RenderContext c, Value self, Args args)
    {
        args.Check(c, "removeprefix", 1, "/prefix");
        string prefix = Require.Text(c, args[0], "The prefix");
        string text = Own(self);
        c.CheckText(text.Length);
        return text.StartsWith(prefix, StringComparison.Ordinal) ? Like(self, text[prefix.Length..]) : self;
    }

    private static Value RemoveSuffix(RenderContext c, Value self, Args args)
    {
        args.Check(c, "removesuffix", 1, "/suffix");
        string suffix = Require.Text(c, args[0], "The suffix");
        string text = Own(self);
        c.CheckText(text.Length);
        return text.EndsWith(suffix, StringComparison.Ordinal) ? Like(self, text[..^suffix.Length]) : self;
    }

    private static Value Find(RenderContext c, Value self, Args args, string name, bool fromRight, bool mustExist)
    {
        args.Check(c, name, 1, "/sub", "/start", "/end");
        string text = Own(self);
        string part = Require.Text(c, args[0], $"The argument of '{name}'");
        ReadOnlySpan<char> searched = Part(c, text, args, out bool isValid);
        c.Charge(text.Length >> 4);
        c.ChargeSearch(searched.Length, part.Length);
        int found = !isValid ? -1
            : fromRight ? searched.LastIndexOf(part, StringComparison.Ordinal)
            : searched.IndexOf(part, StringComparison.Ordinal);
        if (fromRight && part.Length == 0 && isValid)
        {
            found = searched.Length;
        }

        if (found < 0 && mustExist)
        {
            throw c.Fail(TemplateErrorKind.Value, "The part is not in the text.");
        }

        return Value.From(found < 0 ? -1L : TextUnits.Count(searched[..found]) + Bounds(c, text, args).Start);
    }

    private static Value Count(RenderContext c, Value self, Args args)
    {
        args.Check(c, "count", 1, "/sub", "/start", "/end");
        string part = Require.Text(c, args[0], "The argument of 'count'");
        ReadOnlySpan<char> searched = Part(c, Own(self), args, out bool isValid);
        c.Charge(searched.Length >> 4);
        return Value.From(!isValid ? 0L
            : part.Length == 0 ? TextUnits.Count(searched) + 1
            : searched.Count(part));
    }

    private static Value ToList(RenderContext c, List<Value> parts)
    {
        c.CheckList(parts.Count);
        return new Value(new PyList(ValueKind.List, [.. parts], parts.Count));
    }
}
