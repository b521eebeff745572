using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Turns the samples of one channel of a WAV file into float32.</summary>
internal static class WavSamples
{
    private static readonly float[] s_aLaw = Table(ALaw);
    private static readonly float[] s_muLaw = Table(MuLaw);

    /// <summary>Reads <c>to.Length</c> samples, <paramref name="step"/> bytes apart.</summary>
    internal static void Read(ReadOnlySpan<byte> from, int step, WavEncoding encoding, bool big, Span<float> to)
    {
        switch (encoding)
        {
            case WavEncoding.Unsigned8:
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = (from[i * step] - 128) * (1f / 128);
                }

                break;
            case WavEncoding.ALaw or WavEncoding.MuLaw:
                ReadOnlySpan<float> table = encoding == WavEncoding.ALaw ? s_aLaw : s_muLaw;
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = table[from[i * step]];
                }

                break;
            case WavEncoding.Signed16:
                Read16(from, step, big, to);
                break;
            case WavEncoding.Signed24:
                for (int i = 0; i < to.Length; i++)
                {
                    ReadOnlySpan<byte> s = from.Slice(i * step, 3);
                    int value = big ? (s[0] << 24) | (s[1] << 16) | (s[2] << 8) : (s[2] << 24) | (s[1] << 16) | (s[0] << 8);
                    to[i] = value * (1f / 2147483648f);
                }

                break;
            case WavEncoding.Signed32:
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = (int)U32(from, i * step, big) * (1f / 2147483648f);
                }

                break;
            case WavEncoding.Signed64:
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = (long)U64(from, i * step, big) * (1f / 9223372036854775808f);
                }

                break;
            case WavEncoding.Float32:
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = BitConverter.UInt32BitsToSingle(U32(from, i * step, big));
                }

                break;
            default:
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = (float)BitConverter.UInt64BitsToDouble(U64(from, i * step, big));
                }

                break;
        }
    }

    private static void Read16(ReadOnlySpan<byte> from, int step, bool big, Span<float> to)
    {
        if (step == 2 && !big && BitConverter.IsLittleEndian)
        {
            // One channel: consecutive numbers, which the compiler and the processor handle well.
            ReadOnlySpan<short> numbers = MemoryMarshal.Cast<byte, short>(from)[..to.Length];
            for (int i = 0; i < numbers.Length; i++)
            {
                to[i] = numbers[i] * (1f / 32768);
            }

            return;
        }

        for (int i = 0; i < to.Length; i++)
        {
            ReadOnlySpan<byte> s = from.Slice(i * step, 2);
            short value = big ? BinaryPrimitives.ReadInt16BigEndian(s) : BinaryPrimitives.ReadInt16LittleEndian(s);
            to[i] = value * (1f / 32768);
        }
    }

    private static uint U32(ReadOnlySpan<byte> data, int at, bool big) => big
        ? BinaryPrimitives.ReadUInt32BigEndian(data[at..])
        : BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);

    private static ulong U64(ReadOnlySpan<byte> data, int at, bool big) => big
        ? BinaryPrimitives.ReadUInt64BigEndian(data[at..])
        : BinaryPrimitives.ReadUInt64LittleEndian(data[at..]);

    private static float[] Table(Func<int, int> decode)
    {
        var table = new float[256];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = decode(i) / 32768f;
        }

        return table;
    }

    /// <summary>G.711 A-law to 16 bits: even bits are inverted, the segment's middle is taken.</summary>
    private static int ALaw(int code)
    {
        code ^= 0x55;
        int segment = (code >> 4) & 7;
        int value = ((code & 15) << 4) + 8;
        value = segment == 0 ? value : (value + 0x100) << (segment - 1);
        return (code & 0x80) != 0 ? value : -value;
    }

    /// <summary>G.711 µ-law to 16 bits: all bits are inverted, the bias of 132 is taken off again.</summary>
    private static int MuLaw(int code)
    {
        code = ~code;
        int value = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132;
        return (code & 0x80) != 0 ? -value : value;
    }
}
