using System.Buffers;

namespace Percept.Text;

/// <summary>Cuts text by merging neighbours, the pair with the best score first, as SentencePiece does.</summary>
/// <remarks>Semantics of <c>bpe_model.cc</c>: of equal scores the leftmost pair; unused pieces are taken apart
/// again.</remarks>
internal static class BpeCutter
{
    internal static void Cut(PieceTable table, ReadOnlySpan<byte> text, ref Cuts output)
    {
        Symbol[] rented = ArrayPool<Symbol>.Shared.Rent(Math.Max(text.Length, 1));
        int count = Split(table, text, rented);
        var agenda = new Agenda(count);
        Dictionary<int, int>? splits = table.HasUnused ? [] : null;
        Span<Symbol> symbols = rented.AsSpan(0, count);
        for (int i = 1; i < count; i++)
        {
            Offer(table, text, symbols, i - 1, i, ref agenda, splits);
        }

        while (agenda.TryTake(out Pair pair))
        {
            ref Symbol left = ref symbols[pair.Left];
            ref Symbol right = ref symbols[pair.Right];
            if (left.Length == 0 || right.Length == 0 || left.Length + right.Length != pair.Length)
            {
                continue;
            }

            left.Length = pair.Length;
            right.Length = 0;
            left.Next = right.Next;
            if (right.Next >= 0)
            {
                symbols[right.Next].Previous = pair.Left;
            }

            Offer(table, text, symbols, left.Previous, pair.Left, ref agenda, splits);
            Offer(table, text, symbols, pair.Left, left.Next, ref agenda, splits);
        }

        for (int i = 0; i >= 0; i = symbols[i].Next)
        {
            Give(table, text, symbols[i].Start, symbols[i].Length, splits, ref output);
        }

        agenda.Dispose();
        ArrayPool<Symbol>.Shared.Return(rented);
    }

    private static int Split(PieceTable table, ReadOnlySpan<byte> text, Symbol[] symbols)
    {
        int count = 0;
        for (int start = 0; start < text.Length; count++)
        {
            int length = 0;
            bool frozen = table.UserDefined is { } user && user.Longest(text[start..], out length) >= 0;
            length = frozen ? length : Math.Min(Utf8.SequenceLength(text[start]), text.Length - start);
            symbols[count] = new Symbol(start, length, count - 1, start + length < text.Length ? count + 1 : -1, frozen);
            start += length;
        }

        return count;
    }

    private static void Offer(
        PieceTable table,
        ReadOnlySpan<byte> text,
        ReadOnlySpan<Symbol> symbols,
        int left,
        int right,
        ref Agenda agenda,
        Dictionary<int, int>? splits)
    {
        if (left < 0 || right < 0 || symbols[left].Frozen || symbols[right].Frozen)
        {
            return;
        }

        int length = symbols[left].Length + symbols[right].Length;
        int id = table.Texts.Find(text.Slice(symbols[left].Start, length));
        if (id < 0)
        {
            return;
        }

        agenda.Add(new Pair(table.Scores[id], left, right, length));
        if (splits is not null && table.Types[id] == SentencePieceType.Unused)
        {
            splits[id] = symbols[left].Length;
        }
    }

    private static void Give(
        PieceTable table, ReadOnlySpan<byte> text, int start, int length, Dictionary<int, int>? splits, ref Cuts output)
    {
        int id = table.Id(text.Slice(start, length));
        if (splits is null || table.Types[id] != SentencePieceType.Unused || !splits.ContainsKey(id))
        {
            output.Add(new Cut(start, length, id));
            return;
        }

        // Unused pieces within unused pieces, without recursion: their depth is up to the file.
        var open = new Stack<(int Start, int Length)>();
        open.Push((start, length));
        while (open.TryPop(out (int Start, int Length) part))
        {
            id = table.Id(text.Slice(part.Start, part.Length));
            if (table.Types[id] == SentencePieceType.Unused && splits.TryGetValue(id, out int first))
            {
                open.Push((part.Start + first, part.Length - first));
                open.Push((part.Start, first));
            }
            else
            {
                output.Add(new Cut(part.Start, part.Length, id));
            }
        }
    }

    private struct Symbol(int start, int length, int previous, int next, bool frozen)
    {
        internal readonly int Start = start;
        internal readonly bool Frozen = frozen;
        internal int Length = length;
        internal int Previous = previous;
        internal int Next = next;
    }

    private readonly record struct Pair(float Score, int Left, int Right, int Length);

    // A binary heap over a rented array; the best pair is on top.
    private struct Agenda(int capacity) : IDisposable
    {
        private Pair[] _items = ArrayPool<Pair>.Shared.Rent(Math.Max(capacity, 16));
        private int _count;

        internal void Add(Pair pair)
        {
            if (_count == _items.Length)
            {
                Pair[] more = ArrayPool<Pair>.Shared.Rent(checked(_count * 2));
                _items.AsSpan(0, _count).CopyTo(more);
                ArrayPool<Pair>.Shared.Return(_items);
                _items = more;
            }

            int place = _count++;
            while (place > 0 && Before(pair, _items[(place - 1) / 2]))
            {
                _items[place] = _items[(place - 1) / 2];
                place = (place - 1) / 2;
            }

            _items[place] = pair;
        }

        internal bool TryTake(out Pair pair)
        {
            if (_count == 0)
            {
                pair = default;
                return false;
            }

            pair = _items[0];
            Pair last = _items[--_count];
            int place = 0;
            for (int child = 1; child < _count; child = (2 * place) + 1)
            {
                child += child + 1 < _count && Before(_items[child + 1], _items[child]) ? 1 : 0;
                if (!Before(_items[child], last))
                {
                    break;
                }

                _items[place] = _items[child];
                place = child;
            }

            _items[place] = last;
            return true;
        }

        public void Dispose()
        {
            ArrayPool<Pair>.Shared.Return(_items);
            _items = [];
        }

        private static bool Before(in Pair a, in Pair b) =>
            a.Score > b.Score || (a.Score == b.Score && a.Left < b.Left);
    }
}
