using System.Buffers.Binary;
using System.Numerics;

namespace Percept.Media;

/// <summary>Writes blocks of coefficients as Huffman codes, or counts the symbols that it would write.</summary>
internal sealed class JpegHuffmanEncoder
{
    private const int ZeroRun = 0xF0;
    private const int LongestBlock = 64 * 8;

    private readonly uint[][] _codes = new uint[4][];
    private byte[] _bytes = new byte[16 * 1024];
    private int _length;
    private ulong _bits;
    private int _free = 64;

    /// <summary>The bytes written so far.</summary>
    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>How often each symbol was met, by table; null while writing.</summary>
    internal long[][]? Counts { get; set; }

    /// <summary>Takes the code of a table.</summary>
    /// <param name="table">0 and 1: DC of luma and of colour differences; 2 and 3: AC.</param>
    /// <param name="code">The code.</param>
    internal void SetCode(int table, JpegHuffmanCode code)
    {
        // The code above, its length in the low byte.
        uint[] codes = new uint[256];
        uint next = 0;
        int index = 0;
        for (int length = 1; length <= 16; length++, next <<= 1)
        {
            for (int i = 0; i < code.Counts[length - 1]; i++)
            {
                codes[code.Symbols[index++]] = (next++ << 8) | (uint)length;
            }
        }

        _codes[table] = codes;
    }

    /// <summary>Writes bytes as they are.</summary>
    internal void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Writes a block.</summary>
    /// <param name="coefficients">The coefficients in zigzag order.</param>
    /// <param name="used">A bit for each coefficient that is not zero.</param>
    /// <param name="table">0 for luma, 1 for colour differences.</param>
    /// <param name="predictor">The last DC coefficient of the component.</param>
    internal void WriteBlock(ReadOnlySpan<short> coefficients, ulong used, int table, ref int predictor)
    {
        Reserve(LongestBlock);
        int difference = coefficients[0] - predictor;
        predictor = coefficients[0];
        WriteNumber(table, 0, difference);
        used &= ~1UL;
        int before = 0;
        while (used != 0)
        {
            int at = BitOperations.TrailingZeroCount(used);
            used &= used - 1;
            int run = at - before - 1;
            before = at;
            for (; run >= 16; run -= 16)
            {
                WriteSymbol(2 + table, ZeroRun);
            }

            WriteNumber(2 + table, run << 4, coefficients[at]);
        }

        if (before < 63)
        {
            WriteSymbol(2 + table, 0);
        }
    }

    /// <summary>Fills the last byte with ones and writes what is left.</summary>
    internal void Flush()
    {
        if (Counts is not null)
        {
            return;
        }

        Reserve(16);
        Put(0x7F, 7);
        for (int left = 64 - _free; left >= 8; left -= 8)
        {
            WriteByte((byte)(_bits >> 56));
            _bits <<= 8;
        }

        _bits = 0;
        _free = 64;
    }

    private void WriteNumber(int table, int run, int number)
    {
        int size = 32 - BitOperations.LeadingZeroCount((uint)Math.Abs(number));
        WriteSymbol(table, run | size);
        if (size > 0 && Counts is null)
        {
            Put((uint)(number + (number >> 31)) & ((1U << size) - 1), size);
        }
    }

    private void WriteSymbol(int table, int symbol)
    {
        if (Counts is not null)
        {
            Counts[table][symbol]++;
            return;
        }

        uint code = _codes[table][symbol];
        Put(code >> 8, (int)(code & 255));
    }

    /// <summary>Puts bits below those that are there; writes whole bytes when there is no room.</summary>
    private void Put(uint value, int size)
    {
        if (_free < size)
        {
            // Eight bytes at once where none of them needs a zero behind it.
            int whole = (64 - _free) / 8;
            for (int i = 0; i < whole; i++)
            {
                WriteByte((byte)(_bits >> 56));
                _bits <<= 8;
            }

            _free += 8 * whole;
        }

        _free -= size;
        _bits |= (ulong)value << _free;
    }

    private void WriteByte(byte value)
    {
        _bytes[_length++] = value;
        if (value == 0xFF)
        {
            _bytes[_length++] = 0;
        }
    }

    private void Reserve(int bytes)
    {
        if (_bytes.Length - _length < bytes)
        {
            long wanted = Math.Max(2L * _bytes.Length, (long)_length + bytes);
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, wanted));
        }
    }

    /// <summary>Writes a marker and, where it has one, its segment.</summary>
    internal void WriteSegment(int marker, params ReadOnlySpan<byte> body)
    {
        Span<byte> head = stackalloc byte[4];
        head[0] = 0xFF;
        head[1] = (byte)marker;
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(body.Length + 2));
        WriteRaw(marker is 0xD8 or 0xD9 or (>= 0xD0 and <= 0xD7) ? head[..2] : head);
        WriteRaw(body);
    }
}
