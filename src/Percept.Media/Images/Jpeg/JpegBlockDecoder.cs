using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>Decodes the blocks of sequential scans.</summary>
internal static unsafe class JpegBlockDecoder
{
    /// <summary>
    /// What <see cref="JpegHuffmanTable.Ends"/> adds to the position: more than a plain "end of block" can reach.
    /// </summary>
    private const int JoinedEnd = JpegHuffmanTable.Ends >> 7;

    /// <summary>Decodes one block.</summary>
    /// <param name="state">Where the reading of bits stands.</param>
    /// <param name="block">Zeros, <see cref="JpegZigzag.WorkSize"/> numbers; takes the coefficients in memory
    /// order.</param>
    /// <param name="dc">The table of DC differences.</param>
    /// <param name="ac">The table of AC coefficients.</param>
    /// <param name="order"><see cref="JpegZigzag.Order"/>.</param>
    /// <param name="predictor">The last DC coefficient of the component.</param>
    /// <returns>The zigzag position of the last coefficient that was given, at most 63.</returns>
    /// <exception cref="InvalidDataException">There is no such code.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int Decode(
        ref JpegBits state, short* block, JpegHuffmanTable dc, JpegHuffmanTable ac, byte* order, ref int predictor)
    {
        ulong bits = state.Bits;
        int count = state.Count;
        byte* next = state.Next;

        JpegBits.Refill(ref bits, ref count, ref next);
        int entry = dc.Lookup[bits >> (64 - JpegHuffmanTable.LookupBits)];
        int value = entry >> 16;
        if ((entry & JpegHuffmanTable.Slow) != 0)
        {
            if ((entry & JpegHuffmanTable.LengthMask) == 0)
            {
                entry = dc.Find(bits);
            }

            int length = entry & JpegHuffmanTable.LengthMask;
            int size = (entry >> JpegHuffmanTable.SizeShift) & 15;
            value = JpegBits.Signed(bits << length, size);
            entry = length + size;
        }

        bits <<= entry & JpegHuffmanTable.LengthMask;
        count -= entry & JpegHuffmanTable.LengthMask;
        predictor += value;
        block[0] = (short)predictor;

        int* lookup = ac.Lookup;
        int k = 0;
        ulong before;
        do
        {
            JpegBits.Refill(ref bits, ref count, ref next);
            before = bits;
            entry = lookup[bits >> (64 - JpegHuffmanTable.LookupBits)];
            if ((entry & JpegHuffmanTable.Slow) == 0)
            {
                k += (entry >> JpegHuffmanTable.MoveShift) & JpegHuffmanTable.MoveMask;
                block[order[k]] = (short)(entry >> 16);
                bits <<= entry;
                count -= entry & JpegHuffmanTable.LengthMask;
                k += (entry & JpegHuffmanTable.Ends) >> 7;
            }
            else
            {
                if ((entry & JpegHuffmanTable.LengthMask) == 0)
                {
                    entry = ac.Find(bits);
                }

                int length = entry & JpegHuffmanTable.LengthMask;
                int size = (entry >> JpegHuffmanTable.SizeShift) & 15;
                k += (entry >> JpegHuffmanTable.MoveShift) & JpegHuffmanTable.MoveMask;
                block[order[k]] = (short)JpegBits.Signed(bits << length, size);
                bits <<= length + size;
                count -= length + size;
            }
        }
        while (k < 63);

        // From the lowest: no end was needed; an end of its own; an end joined to the last coefficient.
        if (k >= JoinedEnd)
        {
            k -= JoinedEnd;
            if (k >= 63)
            {
                // The block was full already, so these bits were the next block's.
                int length = ac.EndLength(entry, before);
                bits = before << ((entry & JpegHuffmanTable.LengthMask) - length);
                count += length;
                k = 63;
            }
        }
        else if (k >= JpegZigzag.EndOfBlock)
        {
            k -= JpegZigzag.EndOfBlock;
        }
        else
        {
            k = 63;
        }

        state.Bits = bits;
        state.Count = count;
        state.Next = next;
        return k;
    }
}
