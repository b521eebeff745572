using System.Numerics;
using System.Runtime.CompilerServices;

namespace Percept.Text;

/// <summary>Which two tokens become which one, and in which order: an open hash table. Immutable.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that is no merge.</summary>
    internal const int None = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;

    private readonly Slot[] _slots;
    private readonly int _shift;

    internal MergeTable(IReadOnlyCollection<(int Left, int Right, int Result)> merges)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2L));
        _slots = new Slot[size];
        Array.Fill(_slots, new Slot(Empty, None, -1));
        _shift = 64 - BitOperations.Log2((uint)size);
        int rank = 0;
        foreach ((int left, int right, int result) in merges)
        {
            Put(left, right, rank++, result);
        }
    }

    /// <summary>The rank of a pair, lowest first; <see cref="None"/> when it is no merge.</summary>
    /// <param name="left">The left id.</param>
    /// <param name="right">The right id.</param>
    /// <param name="result">The id of both together.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(int left, int right, out int result)
    {
        ulong key = Key(left, right);
        Slot[] slots = _slots;
        int at = Home(key);
        while (true)
        {
            ref Slot slot = ref slots[at];
            if (slot.Key == key)
            {
                result = slot.Result;
                return slot.Rank;
            }

            if (slot.Key == Empty)
            {
                result = -1;
                return None;
            }

            at = (at + 1) & (slots.Length - 1);
        }
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Home(ulong key)
    {
        // Both halves must reach the upper bits, which pick the slot.
        ulong mixed = (key ^ (key >> 29)) * 0x9E3779B97F4A7C15;
        return (int)((mixed ^ (mixed << 23)) * 0xD6E8FEB86659FD93 >> _shift);
    }

    private void Put(int left, int right, int rank, int result)
    {
        ulong key = Key(left, right);
        int at = Home(key);
        // Of equal pairs the last one counts, as in the reference.
        while (_slots[at].Key != Empty && _slots[at].Key != key)
        {
            at = (at + 1) & (_slots.Length - 1);
        }

        _slots[at] = new Slot(key, rank, result);
    }

    private readonly record struct Slot(ulong Key, int Rank, int Result);
}
