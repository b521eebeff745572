using System.Numerics;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Elementwise arithmetic over float32 spans; every width gives the same results.</summary>
internal static class VectorSpans
{
    /// <summary>to += from.</summary>
    internal static void Add(Span<float> to, ReadOnlySpan<float> from)
    {
        from = from[..to.Length];
        Span<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(to);
        ReadOnlySpan<Vector<float>> other = MemoryMarshal.Cast<float, Vector<float>>(from);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] += other[i];
        }

        for (int i = wide.Length * Vector<float>.Count; i < to.Length; i++)
        {
            to[i] += from[i];
        }
    }

    /// <summary>to /= by.</summary>
    internal static void Divide(Span<float> to, float by)
    {
        Span<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(to);
        var divisor = new Vector<float>(by);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] /= divisor;
        }

        for (int i = wide.Length * Vector<float>.Count; i < to.Length; i++)
        {
            to[i] /= by;
        }
    }

    /// <summary>to = (from − subtract) · multiply.</summary>
    internal static void Shift(ReadOnlySpan<float> from, float subtract, float multiply, Span<float> to)
    {
        to = to[..from.Length];
        ReadOnlySpan<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(from);
        Span<Vector<float>> result = MemoryMarshal.Cast<float, Vector<float>>(to);
        var less = new Vector<float>(subtract);
        var factor = new Vector<float>(multiply);
        for (int i = 0; i < wide.Length; i++)
        {
            result[i] = (wide[i] - less) * factor;
        }

        for (int i = wide.Length * Vector<float>.Count; i < from.Length; i++)
        {
            to[i] = (from[i] - subtract) * multiply;
        }
    }

    /// <summary>The greatest value; negative infinity of none.</summary>
    internal static float Max(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(values);
        var most = new Vector<float>(float.NegativeInfinity);
        foreach (Vector<float> value in wide)
        {
            most = Vector.Max(most, value);
        }

        float result = float.NegativeInfinity;
        for (int i = 0; i < Vector<float>.Count; i++)
        {
            result = MathF.Max(result, most[i]);
        }

        for (int i = wide.Length * Vector<float>.Count; i < values.Length; i++)
        {
            result = MathF.Max(result, values[i]);
        }

        return result;
    }

    /// <summary>values = (max(values, least) + add) · multiply.</summary>
    internal static void Finish(Span<float> values, float least, float add, float multiply)
    {
        Span<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(values);
        var lowest = new Vector<float>(least);
        var shift = new Vector<float>(add);
        var factor = new Vector<float>(multiply);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = (Vector.Max(wide[i], lowest) + shift) * factor;
        }

        for (int i = wide.Length * Vector<float>.Count; i < values.Length; i++)
        {
            values[i] = (MathF.Max(values[i], least) + add) * multiply;
        }
    }
}
