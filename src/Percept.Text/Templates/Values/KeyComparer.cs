using System.Numerics;
using System.Runtime.CompilerServices;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>
/// Equality and hashes of dictionary keys, as in Python: numbers of equal value are equal whatever their type.
/// </summary>
internal sealed class KeyComparer : IEqualityComparer<Value>
{
    private const int MaxParts = 4096;
    private const int MaxDepth = 100;

    internal static KeyComparer Instance { get; } = new();

    /// <summary>
    /// Whether a value can be a key: everything that cannot change. Tuples of very many parts cannot either: one made
    /// of itself again and again would take for ever to hash.
    /// </summary>
    internal static bool IsHashable(Value value)
    {
        int parts = MaxParts;
        return IsHashable(value, MaxDepth, ref parts);
    }

    private static bool IsHashable(Value value, int depth, ref int parts)
    {
        switch (value.Kind)
        {
            case ValueKind.List or ValueKind.Dict or ValueKind.View:
                return false;
            case ValueKind.Tuple:
                foreach (Value item in ((PyList)value.Ref!).Span)
                {
                    if (depth == 0 || --parts < 0 || !IsHashable(item, depth - 1, ref parts))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return true;
        }
    }

    public bool Equals(Value x, Value y)
    {
        if (x.TryText(out string left))
        {
            return y.TryText(out string right) && left == right;
        }

        if (Numbers.Is(x))
        {
            return Numbers.Is(y) && Numbers.Equal(x, y);
        }

        if (x.Kind == ValueKind.Tuple && y.Kind == ValueKind.Tuple)
        {
            var a = (PyList)x.Ref!;
            var b = (PyList)y.Ref!;
            if (a.Count != b.Count)
            {
                return false;
            }

            for (int i = 0; i < a.Count; i++)
            {
                if (!Equals(a.Items[i], b.Items[i]))
                {
                    return false;
                }
            }

            return true;
        }

        return x.IsUndefined ? y.IsUndefined : ReferenceEquals(x.Ref, y.Ref);
    }

    public int GetHashCode(Value obj)
    {
        switch (obj.Kind)
        {
            case ValueKind.Text or ValueKind.Markup:
                _ = obj.TryText(out string text);
                return text.GetHashCode();
            case ValueKind.Bool or ValueKind.Int:
                return obj.AsLong.GetHashCode();
            case ValueKind.BigInt:
                return ((PyBigInt)obj.Ref!).Number.GetHashCode();
            case ValueKind.Float:
                double number = obj.AsDouble;
                return number == Math.Floor(number) && Math.Abs(number) < 1e300
                    ? Value.From(new BigInteger(number)) is { Kind: ValueKind.Int } whole
                        ? whole.AsLong.GetHashCode()
                        : new BigInteger(number).GetHashCode()
                    : number.GetHashCode();
            case ValueKind.Tuple:
                var hash = default(HashCode);
                foreach (Value item in ((PyList)obj.Ref!).Span)
                {
                    hash.Add(GetHashCode(item));
                }

                return hash.ToHashCode();
            case ValueKind.Undefined or ValueKind.Missing:
                return 0;
            default:
                return RuntimeHelpers.GetHashCode(obj.Ref);
        }
    }
}
