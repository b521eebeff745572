using System.Buffers;

namespace Percept.Text;

/// <summary>A piece found in a text.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Id">Its id.</param>
internal readonly record struct Cut(int Start, int Length, int Id);

/// <summary>The pieces of a text one after the other; the buffer is rented.</summary>
internal struct Cuts(int capacity) : IDisposable
{
    private Cut[] _items = ArrayPool<Cut>.Shared.Rent(Math.Max(capacity, 16));
    private int _count;

    internal readonly Span<Cut> Items => _items.AsSpan(0, _count);

    internal void Add(Cut cut)
    {
        if (_count == _items.Length)
        {
            Cut[] more = ArrayPool<Cut>.Shared.Rent(checked(_count * 2));
            Items.CopyTo(more);
            ArrayPool<Cut>.Shared.Return(_items);
            _items = more;
        }

        _items[_count++] = cut;
    }

    public void Dispose()
    {
        ArrayPool<Cut>.Shared.Return(_items);
        _items = [];
    }
}
