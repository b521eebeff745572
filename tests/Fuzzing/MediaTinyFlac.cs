using System.Numerics;

namespace Percept.TestSupport;

/// <summary>A FLAC writer for tests: fixed predictors, constant and verbatim subframes, all stereo modes.</summary>
public static class TinyFlac
{
    /// <summary>Writes samples.</summary>
    /// <param name="channels">The samples of each channel.</param>
    /// <param name="bits">Bits a sample: 8, 12, 16, 24 or 32.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="block">Samples of a frame.</param>
    /// <param name="order">The order of the fixed predictor; −1 for constant, −2 for verbatim subframes.</param>
    /// <param name="assignment">8 left/side, 9 side/right, 10 mid/side; else the channels stand alone.</param>
    /// <param name="total">The number of samples that the header states; null for the true one.</param>
    public static byte[] Write(int[][] channels, int bits, int rate, int block, int order, int assignment, long? total = null)
    {
        int length = channels[0].Length;
        var file = new Bits();
        foreach (char c in "fLaC")
        {
            file.Put(c, 8);
        }

        file.Put(0x80, 8);
        file.Put(34, 24);
        file.Put(block, 16);
        file.Put(block, 16);
        file.Put(0, 24);
        file.Put(0, 24);
        file.Put(rate, 20);
        file.Put(channels.Length - 1, 3);
        file.Put(bits - 1, 5);
        file.Put(total ?? length, 36);
        for (int i = 0; i < 16; i++)
        {
            file.Put(0, 8);
        }

        for (int at = 0, number = 0; at < length; at += block, number++)
        {
            int count = Math.Min(block, length - at);
            file.Append(Frame([.. channels.Select(samples => samples[at..(at + count)])], bits, number, order, assignment));
        }

        return file.ToArray();
    }

    private static byte[] Frame(int[][] channels, int bits, int number, int order, int assignment)
    {
        var frame = new Bits();
        frame.Put(0x3FFE, 14);
        frame.Put(0, 2);
        frame.Put(7, 4);
        frame.Put(0, 4);
        frame.Put(assignment >= 8 ? assignment : channels.Length - 1, 4);
        frame.Put(bits switch { 8 => 1, 12 => 2, 16 => 4, 24 => 6, _ => 7 }, 3);
        frame.Put(0, 1);
        frame.Put(number, 8);
        frame.Put(channels[0].Length - 1, 16);
        frame.Put(Crc(frame.ToArray(), 8, 0x107), 8);
        long[][] coded = [.. channels.Select(samples => samples.Select(sample => (long)sample).ToArray())];
        if (assignment >= 8)
        {
            (long[] left, long[] right) = (coded[0], coded[1]);
            long[] side = [.. left.Zip(right, (l, r) => l - r)];
            long[] mid = [.. left.Zip(right, (l, r) => (l + r) >> 1)];
            coded = assignment switch { 8 => [left, side], 9 => [side, right], _ => [mid, side] };
        }

        for (int c = 0; c < coded.Length; c++)
        {
            bool side = assignment == 9 ? c == 0 : assignment >= 8 && c == 1;
            Subframe(frame, coded[c], bits + (side ? 1 : 0), order);
        }

        frame.Align();
        frame.Put(Crc(frame.ToArray(), 16, 0x18005), 16);
        return frame.ToArray();
    }

    private static void Subframe(Bits frame, long[] samples, int bits, int order)
    {
        // A predictor cannot need more samples than the block has.
        order = Math.Min(order, samples.Length);
        int type = order switch { -1 => 0, -2 => 1, _ => 8 + order };
        frame.Put(type, 7);
        frame.Put(0, 1);
        int warm = order switch { -1 => 1, -2 => samples.Length, _ => Math.Min(order, samples.Length) };
        for (int i = 0; i < warm; i++)
        {
            frame.Put(samples[i], bits);
        }

        if (order < 0)
        {
            return;
        }

        long[] residual = [.. samples];
        for (int o = 0; o < order; o++)
        {
            for (int i = residual.Length - 1; i > o; i--)
            {
                residual[i] -= residual[i - 1];
            }
        }

        // One partition with 5-bit parameters.
        ulong most = residual.Skip(order).Select(r => (ulong)Math.Abs(r)).DefaultIfEmpty().Max();
        int parameter = Math.Clamp(BitOperations.Log2(most + 1), 0, 30);
        frame.Put(1, 2);
        frame.Put(0, 4);
        frame.Put(parameter, 5);
        foreach (long r in residual.Skip(order))
        {
            long code = r >= 0 ? 2 * r : (-2 * r) - 1;
            for (long q = code >> parameter; q > 0; q--)
            {
                frame.Put(0, 1);
            }

            frame.Put(1, 1);
            frame.Put(code & ((1L << parameter) - 1), parameter);
        }
    }

    private static int Crc(byte[] data, int width, int polynomial)
    {
        int crc = 0;
        foreach (byte b in data)
        {
            crc ^= b << (width - 8);
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc << 1) ^ ((crc >> (width - 1) & 1) != 0 ? polynomial : 0);
            }
        }

        return crc & ((1 << width) - 1);
    }

    private sealed class Bits
    {
        private readonly List<byte> _bytes = [];
        private int _used = 8;

        internal void Put(long value, int count)
        {
            for (int i = count - 1; i >= 0; i--)
            {
                if (_used == 8)
                {
                    _bytes.Add(0);
                    _used = 0;
                }

                _bytes[^1] |= (byte)(((value >> i) & 1) << (7 - _used++));
            }
        }

        internal void Align() => _used = 8;

        internal void Append(byte[] bytes) => _bytes.AddRange(bytes);

        internal byte[] ToArray() => [.. _bytes];
    }
}
