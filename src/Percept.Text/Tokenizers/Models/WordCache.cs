using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Percept.Text;

/// <summary>The tokens of words met before. Bounded: when full it starts anew. For one thread at a time.</summary>
internal sealed class WordCache
{
    /// <summary>The longest word that is kept, UTF-16 units.</summary>
    internal const int LongestWord = 64;

    private const int Slots = 1 << 15;
    private const int MaxEntries = Slots * 5 / 8;
    private const int MaxUnits = 1 << 18;
    private const int MaxIds = 1 << 17;

    /// <summary>Places that are looked at for a word: texts made so that words meet at one place cost no more than this.</summary>
    private const int MaxProbes = 24;

    /// <summary>Other in every process, so that nobody can make such texts in advance.</summary>
    private static readonly ulong s_seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private Entry[] _entries = [];
    private char[] _units = [];
    private int[] _ids = [];
    private int _count;
    private int _unitCount;
    private int _idCount;

    /// <summary>A hash of a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Hash(ReadOnlySpan<char> word)
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        ulong hash = s_seed ^ ((ulong)word.Length * 0xD6E8FEB86659FD93);
        if (word.Length >= 4)
        {
            int last = word.Length - 4;
            for (int i = 0; i < last; i += 4)
            {
                hash = (hash ^ Four(word, i)) * Factor;
                hash ^= hash >> 32;
            }

            hash = (hash ^ Four(word, last)) * Factor;
        }
        else
        {
            ulong units = 0;
            foreach (char unit in word)
            {
                units = (units << 16) | unit;
            }

            hash = (hash ^ units) * Factor;
        }

        // Once more, so that the last units reach the low bits.
        hash = (hash ^ (hash >> 32)) * Factor;
        return (uint)(hash >> 32);
    }

    /// <summary>Finds the tokens of a word; empty when it is not known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryGet(ReadOnlySpan<char> word, uint hash, out ReadOnlySpan<int> ids)
    {
        Entry[] entries = _entries;
        if (entries.Length == Slots)
        {
            int at = (int)(hash & (Slots - 1));
            for (int probe = 0; probe < MaxProbes; probe++)
            {
                ref Entry entry = ref entries[at];
                if (entry.Hash == hash && entry.Length == word.Length
                    && word.SequenceEqual(_units.AsSpan(entry.Unit, entry.Length)))
                {
                    ids = _ids.AsSpan(entry.Id, entry.Ids);
                    return true;
                }

                if (entry.Length == 0)
                {
                    break;
                }

                at = (at + 1) & (Slots - 1);
            }
        }

        ids = default;
        return false;
    }

    /// <summary>Keeps the tokens of a word that is not known yet.</summary>
    internal void Add(ReadOnlySpan<char> word, uint hash, ReadOnlySpan<int> ids)
    {
        if (word.IsEmpty || word.Length > LongestWord || ids.Length > ushort.MaxValue)
        {
            return;
        }

        if (_entries.Length == 0)
        {
            _entries = new Entry[Slots];
            _units = new char[MaxUnits];
            _ids = new int[MaxIds];
        }
        else if (_count == MaxEntries || _unitCount + word.Length > MaxUnits || _idCount + ids.Length > MaxIds)
        {
            Array.Clear(_entries);
            _count = 0;
            _unitCount = 0;
            _idCount = 0;
        }

        int home = (int)(hash & (Slots - 1));
        int at = home;
        for (int probe = 1; _entries[at].Length != 0; probe++)
        {
            if (probe == MaxProbes)
            {
                // The word whose place it is gives way.
                at = home;
                _count--;
                break;
            }

            at = (at + 1) & (Slots - 1);
        }

        _entries[at] = new Entry(hash, _unitCount, _idCount, (ushort)word.Length, (ushort)ids.Length);
        word.CopyTo(_units.AsSpan(_unitCount));
        ids.CopyTo(_ids.AsSpan(_idCount));
        _count++;
        _unitCount += word.Length;
        _idCount += ids.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Four(ReadOnlySpan<char> word, int at) =>
        MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word.Slice(at, 4)));

    private readonly record struct Entry(uint Hash, int Unit, int Id, ushort Length, ushort Ids);
}
