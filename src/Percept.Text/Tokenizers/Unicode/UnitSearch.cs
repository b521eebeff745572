using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Percept.Text;

/// <summary>Searches for UTF-16 units of a kind.</summary>
/// <remarks>
/// The runtime's own search for a range of characters makes objects until it has been optimised, a set of them for each call;
/// texts full of emoji or marks ask for a great many.
/// </remarks>
internal static class UnitSearch
{
    /// <summary>The index of the first surrogate at or behind a place; the text's length when there is none.</summary>
    internal static int NextSurrogate(ReadOnlySpan<char> text, int at)
    {
        const ushort Mask = 0xF800;
        const ushort Surrogate = 0xD800;
        if (Vector128.IsHardwareAccelerated)
        {
            ref ushort first = ref First(text);
            for (; at + Vector128<ushort>.Count <= text.Length; at += Vector128<ushort>.Count)
            {
                Vector128<ushort> units = Vector128.LoadUnsafe(ref first, (nuint)at);
                uint found = Vector128.Equals(units & Vector128.Create(Mask), Vector128.Create(Surrogate)).ExtractMostSignificantBits();
                if (found != 0)
                {
                    return at + BitOperations.TrailingZeroCount(found);
                }
            }
        }

        while (at < text.Length && (text[at] & Mask) != Surrogate)
        {
            at++;
        }

        return at;
    }

    /// <summary>The index of the first unit from a value on, at or behind a place; the text's length when there is none.</summary>
    internal static int NextFrom(ReadOnlySpan<char> text, int at, char least)
    {
        if (Vector128.IsHardwareAccelerated)
        {
            ref ushort first = ref First(text);
            for (; at + Vector128<ushort>.Count <= text.Length; at += Vector128<ushort>.Count)
            {
                Vector128<ushort> units = Vector128.LoadUnsafe(ref first, (nuint)at);
                uint found = Vector128.GreaterThanOrEqual(units, Vector128.Create((ushort)least)).ExtractMostSignificantBits();
                if (found != 0)
                {
                    return at + BitOperations.TrailingZeroCount(found);
                }
            }
        }

        while (at < text.Length && text[at] < least)
        {
            at++;
        }

        return at;
    }

    private static ref ushort First(ReadOnlySpan<char> text) =>
        ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text));
}
