using NLayer;

namespace Percept.Media;

/// <summary>Reads MPEG Layer III files. Frames are found here; the package NLayer decodes them.</summary>
/// <remarks>
/// Samples are rounded to 16 bits and clipped, as the format's reference decoders give them. Where a LAME tag states the
/// encoder's delay and padding, they are cut off; without one nothing is.
/// </remarks>
internal static class Mp3Reader
{
    private const float FullScale = 32768;

    internal static bool Matches(ReadOnlySpan<byte> data) => Mp3Frames.FindFirst(data) >= 0;

    internal static AudioInfo Identify(ReadOnlyMemory<byte> data, DecodeGuard guard)
    {
        Mp3Frames frames = Mp3Frames.Read(data.Span, guard);
        return new AudioInfo(AudioFormat.Mp3, frames.First.Channels, frames.First.SampleRate, 16, frames.SamplesPerChannel);
    }

    internal static Sound Decode(ReadOnlyMemory<byte> data, DecodeGuard guard, bool verify)
    {
        Mp3Frames frames = Mp3Frames.Read(data.Span, guard);
        int channels = frames.First.Channels;
        Sound sound = Sound.Uninitialized(channels, frames.SamplesPerChannel, frames.First.SampleRate);
        var decoder = new MpegFrameDecoder();
        int perFrame = frames.First.Samples;
        var interleaved = new float[perFrame * 2];
        int at = -frames.Skip;
        for (int i = 0; i < frames.Starts.Count; i++, at += perFrame)
        {
            guard.Tick();
            ReadOnlyMemory<byte> bytes = data.Slice(frames.Starts[i], frames.Lengths[i]);
            var frame = new Mp3Frame(bytes, Mp3FrameHeader.Read(bytes.Span)!.Value);

            // A frame whose data began before the file does gives nothing: silence, as long as any other.
            int given = DecodeFrame(decoder, frame, interleaved, frames.Starts[i]);
            interleaved.AsSpan(Math.Max(0, given)).Clear();
            int from = Math.Clamp(-at, 0, perFrame);
            int to = Math.Clamp(sound.Length - at, from, perFrame);
            for (int c = 0; c < channels; c++)
            {
                Span<float> channel = sound.Channel(c);
                for (int s = from; s < to; s++)
                {
                    float rounded = MathF.Round(interleaved[(s * channels) + c] * FullScale);
                    channel[at + s] = Math.Clamp(rounded, -FullScale, FullScale - 1) * (1 / FullScale);
                }
            }
        }

        return sound;
    }

    private static int DecodeFrame(MpegFrameDecoder decoder, Mp3Frame frame, float[] to, int at)
    {
        try
        {
            return decoder.DecodeFrame(frame, to, 0);
        }
        catch (Exception error) when (error is IndexOutOfRangeException or ArgumentException or EndOfStreamException)
        {
            // The package leaves out checks that its arrays then make: whatever it trips over is damage in the frame.
            throw new InvalidDataException($"The MP3 frame at byte {at} is damaged.", error);
        }
    }
}
