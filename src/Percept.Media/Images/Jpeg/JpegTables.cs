namespace Percept.Media;

/// <summary>The tables of a scan in memory that does not move: Huffman lookups, quantisation, zigzag order.</summary>
internal sealed unsafe class JpegTables : IDisposable
{
    private const int MaxComponents = 4;
    private const int QuantBytes = MaxComponents * JpegZigzag.Coefficients * sizeof(short);
    private const int OrderBytes = 256;
    private const int BlockBytes = 256;
    private const int LookupBytes = JpegHuffmanTable.LookupSize * sizeof(int);

    private readonly PinnedBuffer _memory = new(
        QuantBytes + OrderBytes + BlockBytes + (2 * MaxComponents * LookupBytes));
    private readonly Dictionary<(JpegHuffmanCode Code, JpegHuffmanUse Use), JpegHuffmanTable> _huffman = [];

    internal JpegTables()
    {
        JpegZigzag.Order.CopyTo(new Span<byte>(Order, OrderBytes));
        new Span<byte>(Block, BlockBytes).Clear();
    }

    /// <summary><see cref="JpegZigzag.Order"/>.</summary>
    internal byte* Order => _memory.Pointer + QuantBytes;

    /// <summary>A block of <see cref="JpegZigzag.WorkSize"/> zeros to decode into.</summary>
    internal short* Block => (short*)(_memory.Pointer + QuantBytes + OrderBytes);

    /// <summary>The quantisation table of a component in memory order.</summary>
    internal short* Quant(int component) => (short*)_memory.Pointer + (component * JpegZigzag.Coefficients);

    /// <summary>Takes the quantisation table of a component; one that no scan had is zero all over.</summary>
    internal void SetQuant(JpegComponent component)
    {
        var to = new Span<short>(Quant(component.Index), JpegZigzag.Coefficients);
        to.Clear();
        component.Quant.AsSpan().CopyTo(to);
    }

    /// <summary>Forgets the Huffman tables of the last scan.</summary>
    internal void ClearHuffman() => _huffman.Clear();

    /// <summary>The lookup of a Huffman code; at most eight of a scan.</summary>
    internal JpegHuffmanTable Huffman(JpegHuffmanCode code, JpegHuffmanUse use)
    {
        if (!_huffman.TryGetValue((code, use), out JpegHuffmanTable? table))
        {
            byte* lookup = _memory.Pointer + QuantBytes + OrderBytes + BlockBytes + (_huffman.Count * LookupBytes);
            table = new JpegHuffmanTable(code.Counts, code.Symbols, use, (int*)lookup);
            _huffman.Add((code, use), table);
        }

        return table;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
