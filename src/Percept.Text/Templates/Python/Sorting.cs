using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>Python's stable sort.</summary>
internal static class Sorting
{
    /// <summary>The indices of keys in ascending order; equal keys keep their order, also when reversed.</summary>
    internal static int[] Order(RenderContext c, ReadOnlySpan<Value> keys, bool reverse)
    {
        c.CheckList(keys.Length);
        int[] order = new int[keys.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        int[] spare = new int[order.Length];
        for (long width = 1; width < order.Length; width *= 2)
        {
            for (long start = 0; start < order.Length; start += 2 * width)
            {
                int middle = (int)Math.Min(start + width, order.Length);
                int end = (int)Math.Min(start + (2 * width), order.Length);
                Merge(c, keys, order, spare, ((int)start, middle, end), reverse);
            }

            (order, spare) = (spare, order);
        }

        return order;
    }

    private static void Merge(
        RenderContext c, ReadOnlySpan<Value> keys, int[] from, int[] to, (int Start, int Middle, int End) run, bool reverse)
    {
        int left = run.Start;
        int right = run.Middle;
        for (int at = run.Start; at < run.End; at++)
        {
            bool takeRight = left >= run.Middle || (right < run.End && Before(c, keys, from[right], from[left], reverse));
            to[at] = takeRight ? from[right++] : from[left++];
        }
    }

    private static bool Before(RenderContext c, ReadOnlySpan<Value> keys, int a, int b, bool reverse)
    {
        c.Charge(1);
        return reverse ? Comparison.Less(c, keys[b], keys[a]) : Comparison.Less(c, keys[a], keys[b]);
    }
}
