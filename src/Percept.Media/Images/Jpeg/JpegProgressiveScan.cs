using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>Decodes a progressive scan into the coefficients of the whole picture.</summary>
internal sealed unsafe class JpegProgressiveScan
{
    private readonly JpegEntropySource _source;
    private readonly JpegCoefficients _coefficients;
    private readonly JpegScan _scan;
    private readonly JpegFrame _frame;
    private readonly JpegHuffmanTable?[] _huffman;
    private readonly int[] _predictors;
    private readonly byte* _order;
    private readonly int _restartInterval;
    private int _untilRestart;
    private int _restarts;
    private int _blocksThatEnd;

    /// <summary>Makes the reader of the scan that <paramref name="reader"/> has come to.</summary>
    internal JpegProgressiveScan(
        JpegReader reader, JpegEntropySource source, JpegTables tables, JpegCoefficients coefficients)
    {
        _source = source;
        _coefficients = coefficients;
        _scan = reader.Scan!;
        _frame = reader.Frame!;
        _order = tables.Order;
        _restartInterval = reader.RestartInterval;
        _untilRestart = _restartInterval;
        _predictors = new int[_scan.Components.Length];
        _huffman = new JpegHuffmanTable?[_scan.Components.Length];
        tables.ClearHuffman();
        bool dc = _scan.First == 0;
        for (int i = 0; i < _huffman.Length && (!dc || _scan.High == 0); i++)
        {
            JpegHuffmanUse use = dc ? JpegHuffmanUse.Dc
                : _scan.High == 0 ? JpegHuffmanUse.AcFirst
                : JpegHuffmanUse.AcRefine;
            JpegScanComponent part = _scan.Components[i];
            _huffman[i] = tables.Huffman(reader.HuffmanCode(dc, dc ? part.DcIndex : part.AcIndex), use);
        }

        source.Start(reader.Position);
    }

    /// <summary>Decodes the scan.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Decode(DecodeGuard guard)
    {
        if (_scan.Components.Length > 1)
        {
            DecodeInterleaved(guard);
            return;
        }

        JpegComponent component = _scan.Components[0].Component;
        for (int y = 0; y < component.BlocksHigh; y++)
        {
            guard.Tick();
            short* block = _coefficients.Block(component.Index, 0, y);
            for (int x = 0; x < component.BlocksWide; x++, block += JpegZigzag.Coefficients)
            {
                BeginMcu();
                if (_scan.First == 0)
                {
                    DecodeDc(block, 0);
                }
                else if (_scan.High > 0)
                {
                    RefineAc(block);
                }
                else if (_blocksThatEnd > 0)
                {
                    _blocksThatEnd--;
                    continue;
                }
                else
                {
                    DecodeAc(block);
                }

                _source.Check();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DecodeInterleaved(DecodeGuard guard)
    {
        for (int y = 0; y < _frame.McusHigh; y++)
        {
            guard.Tick();
            for (int x = 0; x < _frame.McusWide; x++)
            {
                BeginMcu();
                for (int i = 0; i < _scan.Components.Length; i++)
                {
                    JpegComponent component = _scan.Components[i].Component;
                    for (int b = 0; b < component.H * component.V; b++)
                    {
                        int column = (x * component.H) + (b % component.H);
                        int row = (y * component.V) + (b / component.H);
                        DecodeDc(_coefficients.Block(component.Index, column, row), i);
                    }
                }

                _source.Check();
            }
        }
    }

    private void BeginMcu()
    {
        if (_restartInterval > 0 && _untilRestart-- == 0)
        {
            _source.Restart(_restarts++ & 7);
            _predictors.AsSpan().Clear();
            _untilRestart = _restartInterval - 1;
            _blocksThatEnd = 0;
        }

        _source.Prepare();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DecodeDc(short* block, int part)
    {
        ref JpegBits bits = ref _source.Bits;
        if (_scan.High > 0)
        {
            block[0] |= (short)(bits.Read(1) << _scan.Low);
            return;
        }

        JpegBits.Refill(ref bits.Bits, ref bits.Count, ref bits.Next);
        int entry = _huffman[part]!.Lookup[bits.Bits >> (64 - JpegHuffmanTable.LookupBits)];
        int value = entry >> 16;
        int used = entry & JpegHuffmanTable.LengthMask;
        if ((entry & JpegHuffmanTable.Slow) != 0)
        {
            entry = _huffman[part]!.Find(bits.Bits);
            int length = entry & JpegHuffmanTable.LengthMask;
            int size = (entry >> JpegHuffmanTable.SizeShift) & 15;
            value = JpegBits.Signed(bits.Bits << length, size);
            used = length + size;
        }

        bits.Bits <<= used;
        bits.Count -= used;
        _predictors[part] += value;
        block[0] = (short)(_predictors[part] << _scan.Low);
    }

    /// <summary>The first pass of a block's AC coefficients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DecodeAc(short* block)
    {
        JpegHuffmanTable table = _huffman[0]!;
        int* lookup = table.Lookup;
        byte* order = _order;
        int low = _scan.Low;
        int last = _scan.Last;
        ulong bits = _source.Bits.Bits;
        int count = _source.Bits.Count;
        byte* next = _source.Bits.Next;
        int k = _scan.First - 1;
        do
        {
            JpegBits.Refill(ref bits, ref count, ref next);
            int entry = lookup[bits >> (64 - JpegHuffmanTable.LookupBits)];
            if ((entry & JpegHuffmanTable.Slow) == 0)
            {
                k += (entry >> JpegHuffmanTable.MoveShift) & JpegHuffmanTable.MoveMask;
                block[order[k]] = (short)(entry >> 16 << low);
                bits <<= entry;
                count -= entry & JpegHuffmanTable.LengthMask;
                continue;
            }

            if ((entry & JpegHuffmanTable.LengthMask) == 0)
            {
                entry = table.Find(bits);
            }

            int length = entry & JpegHuffmanTable.LengthMask;
            int size = (entry >> JpegHuffmanTable.SizeShift) & 15;
            bits <<= length;
            count -= length;
            if ((entry & JpegHuffmanTable.BlocksEnd) != 0)
            {
                size = (entry >> JpegHuffmanTable.RunShift) & 15;
                _blocksThatEnd = (1 << size) + (int)(bits >> 1 >> (63 - size)) - 1;
                k = last;
            }
            else
            {
                k += (entry >> JpegHuffmanTable.MoveShift) & JpegHuffmanTable.MoveMask;
                if (size > 0)
                {
                    block[order[k]] = (short)(JpegBits.Signed(bits, size) << low);
                }
            }

            bits <<= size;
            count -= size;
        }
        while (k < last);

        _source.Bits.Bits = bits;
        _source.Bits.Count = count;
        _source.Bits.Next = next;
    }

    /// <summary>One more bit of a block's AC coefficients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RefineAc(short* block)
    {
        if (_blocksThatEnd > 0 && JpegCoefficients.IsFlat(block))
        {
            _blocksThatEnd--;
            return;
        }

        JpegHuffmanTable table = _huffman[0]!;
        JpegBits state = _source.Bits;
        int plus = 1 << _scan.Low;
        int last = _scan.Last;
        int k = _scan.First;
        while (_blocksThatEnd == 0 && k <= last)
        {
            JpegBits.Refill(ref state.Bits, ref state.Count, ref state.Next);
            int entry = table.Lookup[state.Bits >> (64 - JpegHuffmanTable.LookupBits)];
            if ((entry & JpegHuffmanTable.LengthMask) == 0)
            {
                entry = table.Find(state.Bits);
            }

            int length = entry & JpegHuffmanTable.LengthMask;
            int size = (entry >> JpegHuffmanTable.SizeShift) & 15;
            int run = (entry >> JpegHuffmanTable.RunShift) & 15;
            state.Bits <<= length;
            state.Count -= length;
            if (size > 1)
            {
                throw new InvalidDataException(
                    "A refining scan of the JPEG file has a new coefficient of more than one bit: the data " +
                    "is damaged.");
            }

            if (size == 0 && run < 15)
            {
                // Read takes up to 16 bits; at least 40 are there.
                _blocksThatEnd = (1 << run) + state.Read(run);
                break;
            }

            int value = size == 0 ? 0 : state.Read(1) == 1 ? plus : -plus;
            k = Pass(ref state, block, k, last, run, plus);
            if (value != 0)
            {
                block[_order[k]] = (short)value;
            }

            k++;
        }

        if (_blocksThatEnd > 0)
        {
            Pass(ref state, block, k, last, JpegZigzag.Coefficients, plus);
            _blocksThatEnd--;
        }

        _source.Bits = state;
    }

    /// <summary>Goes past zeros, refining each coefficient on the way that is not zero.</summary>
    /// <param name="state">Where the reading of bits stands.</param>
    /// <param name="block">The block.</param>
    /// <param name="k">The position to begin at.</param>
    /// <param name="last">The last position of the scan.</param>
    /// <param name="run">How many zeros are passed.</param>
    /// <param name="plus">The bit that is given.</param>
    /// <returns>The position of the zero behind the run, or the one behind the last.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Pass(ref JpegBits state, short* block, int k, int last, int run, int plus)
    {
        byte* order = _order;
        ulong bits = state.Bits;
        int count = state.Count;
        byte* next = state.Next;
        for (; k <= last; k++)
        {
            short* coefficient = block + order[k];
            if (*coefficient == 0)
            {
                if (--run < 0)
                {
                    break;
                }

                continue;
            }

            if (count == 0)
            {
                JpegBits.Refill(ref bits, ref count, ref next);
            }

            if ((long)bits < 0 && (*coefficient & plus) == 0)
            {
                *coefficient += (short)(*coefficient >= 0 ? plus : -plus);
            }

            bits <<= 1;
            count--;
        }

        state.Bits = bits;
        state.Count = count;
        state.Next = next;
        return k;
    }
}
