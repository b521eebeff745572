using System.Numerics;
using System.Text;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Python's slices.</summary>
internal static class Slicing
{
    internal static bool CanApply(Value sequence) => sequence.TryText(out _) || sequence.IsUndefined
        || sequence.Kind is ValueKind.List or ValueKind.Tuple or ValueKind.Range;

    internal static Value Apply(RenderContext c, Value sequence, Value from, Value to, Value step)
    {
        if (sequence.TryText(out string text))
        {
            string part = Text(c, text, from, to, step);
            return sequence.Kind == ValueKind.Markup ? Value.Markup(part) : new Value(part);
        }

        switch (sequence.Ref)
        {
            case PyList list:
                (int start, int by, int count, _) = Bounds(c, list.Count, from, to, step);
                c.CheckList(count);
                var items = new Value[count];
                if (by == 1)
                {
                    list.Span.Slice(start, count).CopyTo(items);
                }
                else
                {
                    for (int i = 0; i < count; i++)
                    {
                        items[i] = list.Items[start + (i * by)];
                    }
                }

                return new Value(new PyList(list.Kind, items, count));
            case PyRange range:
                (int first, int stride, int numbers, int end) = Bounds(c, range.Count, from, to, step);
                return new Value(new PyRange(
                    range.Start + (first * range.Step), range.Start + (end * range.Step), range.Step * stride, numbers));
            default:
                throw Operators.Undefined(c, sequence) ?? c.Fail(
                    TemplateErrorKind.Type, $"A value of type {PyText.TypeName(sequence)} has no slices.");
        }
    }

    private static string Text(RenderContext c, string text, Value from, Value to, Value step)
    {
        bool areUnits = TextUnits.AreUnits(text);
        (int start, int by, int count, _) = Bounds(c, areUnits ? text.Length : TextUnits.Count(text), from, to, step);
        c.CheckText(count);
        if (count == 0)
        {
            return string.Empty;
        }

        if (by == 1)
        {
            return areUnits
                ? text.Substring(start, count)
                : text[TextUnits.UnitOf(text, start)..TextUnits.UnitOf(text, start + count)];
        }

        if (areUnits)
        {
            return string.Create(count, (text, start, by), static (span, source) =>
            {
                for (int i = 0; i < span.Length; i++)
                {
                    span[i] = source.text[source.start + (i * source.by)];
                }
            });
        }

        int[] points = TextUnits.ToArray(text);
        var part = new StringBuilder(count);
        for (int i = 0; i < count; i++)
        {
            TextUnits.Append(part, points[start + (i * by)]);
        }

        return part.ToString();
    }

    private static (int Start, int Step, int Count, int End) Bounds(RenderContext c, int length, Value from, Value to, Value step)
    {
        long by = Index(c, step) ?? 1;
        if (by == 0)
        {
            throw c.Fail(TemplateErrorKind.Value, "The step of a slice cannot be zero.");
        }

        by = Math.Clamp(by, -int.MaxValue, int.MaxValue);
        long lowest = by > 0 ? 0 : -1;
        long highest = by > 0 ? length : length - 1;
        long start = Limit(Index(c, from), length, lowest, highest) ?? (by > 0 ? lowest : highest);
        long end = Limit(Index(c, to), length, lowest, highest) ?? (by > 0 ? highest : lowest);
        long count = by > 0 ? (end - start + by - 1) / by : (start - end - by - 1) / -by;
        return ((int)start, (int)by, (int)Math.Max(0, count), (int)end);
    }

    private static long? Limit(long? index, int length, long lowest, long highest) =>
        index is null ? null : Math.Clamp(index.Value < 0 ? index.Value + length : index.Value, lowest, highest);

    private static long? Index(RenderContext c, Value value)
    {
        if (value.IsNone)
        {
            return null;
        }

        if (!Numbers.IsWhole(value))
        {
            throw Operators.Undefined(c, value) ?? c.Fail(
                TemplateErrorKind.Type, $"The bounds of a slice must be whole numbers, found {PyText.TypeName(value)}.");
        }

        return (long)BigInteger.Clamp(Numbers.Big(value), int.MinValue * 2L, int.MaxValue * 2L);
    }
}
