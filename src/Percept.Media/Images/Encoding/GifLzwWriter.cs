namespace Percept.Media;

/// <summary>Writes indices as GIF's LZW codes in blocks.</summary>
internal static class GifLzwWriter
{
    private const int TableSize = 4096;
    private const int HashBits = 13;
    private const int HashSize = 1 << HashBits;
    private const int BlockBytes = 255;

    internal static void Write(ReadOnlySpan<byte> pixels, int bits, Stream output)
    {
        output.WriteByte((byte)bits);
        var packer = new Packer(output);
        int clear = 1 << bits;
        int width = bits + 1;
        int next = clear + 2;

        // Open addressing: a string's key is (code of all but its last pixel, last pixel) + 1; 0 is free.
        int[] keys = new int[HashSize];
        short[] codes = new short[HashSize];
        packer.Put(clear, width);
        int current = pixels[0];
        for (int i = 1; i < pixels.Length; i++)
        {
            int key = ((current << 8) | pixels[i]) + 1;
            int slot = (int)(((uint)key * 2654435761u) >> (32 - HashBits));
            while (keys[slot] != 0 && keys[slot] != key)
            {
                slot = (slot + 1) & (HashSize - 1);
            }

            if (keys[slot] == key)
            {
                current = codes[slot];
                continue;
            }

            packer.Put(current, width);
            current = pixels[i];
            if (next < TableSize)
            {
                (keys[slot], codes[slot]) = (key, (short)next);
                width += next == 1 << width && width < 12 ? 1 : 0;
                next++;
            }
            else
            {
                packer.Put(clear, width);
                Array.Clear(keys);
                (width, next) = (bits + 1, clear + 2);
            }
        }

        packer.Put(current, width);

        // The reader adds a string for the last code too, so the end code may be one bit wider.
        width += next == 1 << width && width < 12 ? 1 : 0;
        packer.Put(clear + 1, width);
        packer.End();
    }

    /// <summary>Packs codes, lowest bits first, into blocks with their length in front.</summary>
    private sealed class Packer(Stream output)
    {
        private readonly byte[] _block = new byte[1 + BlockBytes];
        private uint _buffer;
        private int _buffered;
        private int _used;

        internal void Put(int code, int width)
        {
            _buffer |= (uint)code << _buffered;
            _buffered += width;
            while (_buffered >= 8)
            {
                Add((byte)_buffer);
                _buffer >>= 8;
                _buffered -= 8;
            }
        }

        internal void End()
        {
            if (_buffered > 0)
            {
                Add((byte)_buffer);
            }

            FlushBlock();
            output.WriteByte(0);
        }

        private void Add(byte value)
        {
            _block[1 + _used++] = value;
            if (_used == BlockBytes)
            {
                FlushBlock();
            }
        }

        private void FlushBlock()
        {
            if (_used > 0)
            {
                _block[0] = (byte)_used;
                output.Write(_block, 0, _used + 1);
                _used = 0;
            }
        }
    }
}
