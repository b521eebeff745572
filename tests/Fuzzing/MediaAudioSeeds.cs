using System.Buffers.Binary;
using Percept.Media;

namespace Percept.TestSupport;

/// <summary>Sound files made in code.</summary>
public static class MediaAudioSeeds
{
    /// <summary>A sound of a few notes and a little noise.</summary>
    public static Sound Notes(int channels, int length, int rate = 16000)
    {
        var sound = new Sound(channels, length, rate);
        var random = new Random(7);
        for (int c = 0; c < channels; c++)
        {
            Span<float> samples = sound.Channel(c);
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] = (float)((0.4 * Math.Sin(i * 0.05 * (c + 1))) + (0.2 * Math.Sin(i * 0.31)) + (0.01 * random.NextDouble()));
            }
        }

        return sound;
    }

    /// <summary>WAV files of several kinds.</summary>
    public static IReadOnlyList<byte[]> Wav() =>
    [
        WavWriter.Write(Notes(1, 120)),
        WavWriter.Write(Notes(2, 61), WavEncoding.Signed24),
        WavWriter.Write(Notes(3, 40), WavEncoding.Float32),
        Chunks(1, 1, 8, 8000, [("LIST", new byte[7]), ("data", [1, 2, 3, 128, 255, 0, 9])]),
        Chunks(7, 2, 8, 8000, [("fact", new byte[4]), ("data", [1, 2, 3, 128, 255, 0, 9, 10])]),
        Chunks(3, 1, 64, 8000, [("data", new byte[80])]),
    ];

    /// <summary>A WAV file of given chunks behind a plain format chunk.</summary>
    public static byte[] Chunks(int tag, int channels, int bits, int rate, IReadOnlyList<(string Id, byte[] Body)> chunks)
    {
        byte[] format = new byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(format, (ushort)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(2), (ushort)channels);
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(4), rate);
        int block = (channels * bits + 7) / 8;
        BinaryPrimitives.WriteInt32LittleEndian(format.AsSpan(8), rate * block);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(12), (ushort)block);
        BinaryPrimitives.WriteUInt16LittleEndian(format.AsSpan(14), (ushort)bits);
        var file = new List<byte>("RIFF\0\0\0\0WAVE"u8.ToArray());
        foreach ((string id, byte[] body) in chunks.Prepend(("fmt ", format)))
        {
            file.AddRange(System.Text.Encoding.ASCII.GetBytes(id));
            file.AddRange(BitConverter.GetBytes(body.Length));
            file.AddRange(body);
            if (body.Length % 2 != 0)
            {
                file.Add(0);
            }
        }

        byte[] bytes = [.. file];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        return bytes;
    }

    /// <summary>FLAC files of every kind of subframe.</summary>
    public static IReadOnlyList<byte[]> Flac() =>
    [
        TinyFlac.Write([Integers(200, 15), Integers(200, 14)], 16, 44100, 64, order: 2, assignment: 10),
        TinyFlac.Write([Integers(70, 7)], 8, 8000, 70, order: 0, assignment: 0),
        TinyFlac.Write([Integers(90, 11), Integers(90, 10)], 12, 48000, 32, order: 4, assignment: 8),
        TinyFlac.Write([Integers(100, 30), Integers(100, 30)], 32, 16000, 50, order: 1, assignment: 9),
        TinyFlac.Write([new int[3000]], 16, 16000, 3000, order: -1, assignment: 0),
        TinyFlac.Write([Integers(40, 22)], 24, 96000, 40, order: -2, assignment: 0),
    ];

    /// <summary>MP3 files: silence, and frames of random codes.</summary>
    public static IReadOnlyList<byte[]> Mp3() =>
    [
        Frames([0xFF, 0xFB, 0x90, 0xC0], 417, 4, null), Frames([0xFF, 0xF3, 0x80, 0x00], 208, 5, null),
        Frames([0xFF, 0xFB, 0x90, 0xC0], 417, 4, new Random(1)), Frames([0xFF, 0xFB, 0x90, 0xC0], 417, 3, new Random(2)),
    ];

    private static byte[] Frames(byte[] header, int length, int count, Random? random)
    {
        byte[] file = new byte[length * count];
        for (int i = 0; i < count; i++)
        {
            Span<byte> frame = file.AsSpan(i * length, length);
            header.CopyTo(frame);
            if (random is not null)
            {
                random.NextBytes(frame[(4 + 17)..]);
                MonoSideInfo(frame.Slice(4, 17), random);
            }
        }

        return file;
    }

    /// <summary>MPEG-1 side information of one channel: few codes, long blocks, main data that begin with the frame.</summary>
    private static void MonoSideInfo(Span<byte> to, Random random)
    {
        int at = 18;
        for (int granule = 0; granule < 2; granule++)
        {
            foreach ((int value, int bits) in ((int, int)[])
            [
                (1200, 12), (random.Next(30), 9), (random.Next(120, 180), 8), (0, 4), (0, 1), (random.Next(1, 4), 5),
                (random.Next(5, 14), 5), (24, 5), (7, 4), (3, 3), (0, 1), (0, 1), (0, 1),
            ])
            {
                for (int bit = bits - 1; bit >= 0; bit--, at++)
                {
                    to[at / 8] |= (byte)(((value >> bit) & 1) << (7 - (at % 8)));
                }
            }
        }
    }

    private static int[] Integers(int count, int bits)
    {
        var random = new Random(bits);
        double size = Math.ScaleB(0.4, bits);
        return [.. Enumerable.Range(0, count).Select(i => (int)((size * Math.Sin(i * 0.1)) + (random.NextDouble() * 4)))];
    }
}
