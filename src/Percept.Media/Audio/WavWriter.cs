using System.Buffers.Binary;

namespace Percept.Media;

/// <summary>Writes WAV files.</summary>
public static class WavWriter
{
    private const int HeaderBytes = 44;
    private const int FloatHeaderBytes = 58;

    /// <summary>Writes a sound as a WAV file in memory.</summary>
    /// <param name="sound">The sound.</param>
    /// <param name="encoding">
    /// <see cref="WavEncoding.Signed16"/> (rounded, values beyond full scale are clipped), <see cref="WavEncoding.Signed24"/>
    /// or <see cref="WavEncoding.Float32"/> (kept as they are).
    /// </param>
    /// <exception cref="NotSupportedException">The encoding is none of the three.</exception>
    /// <exception cref="ArgumentException">The file would not fit into 2 GiB, or has more than 65535 channels.</exception>
    public static byte[] Write(Sound sound, WavEncoding encoding = WavEncoding.Signed16)
    {
        ArgumentNullException.ThrowIfNull(sound);
        int sampleBytes = encoding switch
        {
            WavEncoding.Signed16 => 2,
            WavEncoding.Signed24 => 3,
            WavEncoding.Float32 => 4,
            _ => throw new NotSupportedException(
                $"WAV files are written as {WavEncoding.Signed16}, {WavEncoding.Signed24} or {WavEncoding.Float32}, not as {encoding}."),
        };
        bool isFloat = encoding == WavEncoding.Float32;
        int header = isFloat ? FloatHeaderBytes : HeaderBytes;
        long frameBytes = (long)sound.Channels * sampleBytes;
        long dataBytes = frameBytes * sound.Length;
        if (sound.Channels > ushort.MaxValue || frameBytes > ushort.MaxValue || header + dataBytes + 1 > Array.MaxLength)
        {
            throw new ArgumentException(
                $"{sound.Channels} channels of {sound.Length} samples do not fit into a WAV file.", nameof(sound));
        }

        byte[] file = new byte[header + dataBytes + (dataBytes & 1)];
        WriteHeader(file, sound, sampleBytes, isFloat, (int)dataBytes);
        Span<byte> data = file.AsSpan(header);
        for (int c = 0; c < sound.Channels; c++)
        {
            WriteChannel(sound.Channel(c), data[(c * sampleBytes)..], (int)frameBytes, encoding);
        }

        return file;
    }

    private static void WriteHeader(Span<byte> file, Sound sound, int sampleBytes, bool isFloat, int dataBytes)
    {
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file[4..], file.Length - 8);
        "WAVEfmt "u8.CopyTo(file[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(file[16..], isFloat ? 18 : 16);
        BinaryPrimitives.WriteInt16LittleEndian(file[20..], (short)(isFloat ? 3 : 1));
        BinaryPrimitives.WriteUInt16LittleEndian(file[22..], (ushort)sound.Channels);
        BinaryPrimitives.WriteInt32LittleEndian(file[24..], sound.SampleRate);
        int frameBytes = sound.Channels * sampleBytes;
        BinaryPrimitives.WriteUInt32LittleEndian(file[28..], (uint)Math.Min((long)sound.SampleRate * frameBytes, uint.MaxValue));
        BinaryPrimitives.WriteUInt16LittleEndian(file[32..], (ushort)frameBytes);
        BinaryPrimitives.WriteInt16LittleEndian(file[34..], (short)(8 * sampleBytes));
        Span<byte> rest = file[36..];
        if (isFloat)
        {
            // Formats other than PCM have a size of extra fields (none) and a fact chunk.
            "fact"u8.CopyTo(rest[2..]);
            BinaryPrimitives.WriteInt32LittleEndian(rest[6..], 4);
            BinaryPrimitives.WriteInt32LittleEndian(rest[10..], sound.Length);
            rest = rest[14..];
        }

        "data"u8.CopyTo(rest);
        BinaryPrimitives.WriteInt32LittleEndian(rest[4..], dataBytes);
    }

    private static void WriteChannel(ReadOnlySpan<float> samples, Span<byte> to, int step, WavEncoding encoding)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            Span<byte> at = to[(i * step)..];
            switch (encoding)
            {
                case WavEncoding.Signed16:
                    BinaryPrimitives.WriteInt16LittleEndian(at, (short)Round(samples[i], 32768));
                    break;
                case WavEncoding.Signed24:
                    int value = (int)Round(samples[i], 8388608);
                    at[0] = (byte)value;
                    at[1] = (byte)(value >> 8);
                    at[2] = (byte)(value >> 16);
                    break;
                default:
                    BinaryPrimitives.WriteSingleLittleEndian(at, samples[i]);
                    break;
            }
        }
    }

    /// <summary>Full scale −1 to 1 as an integer; what is not a number becomes silence.</summary>
    private static double Round(float sample, double scale) =>
        float.IsNaN(sample) ? 0 : Math.Clamp(Math.Round(sample * scale), -scale, scale - 1);
}
