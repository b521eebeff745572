using System.Buffers.Binary;
using Percept.TestSupport;
using Xunit;

namespace Percept.Media.Tests.Images;

/// <summary>WebP: what small files hold, the container's rules, refusals before memory is taken, kernels.</summary>
[Trait("Level", "Simd")]
public class WebPTests
{
    private const int Width = 21;
    private const int Height = 18;

    [Fact]
    public void LosslessPixelsAreThoseThatWereEncoded()
    {
        Image image = ImageDecoder.Decode(MediaWebPSeeds.Lossless);
        Assert.Equal((Width, Height, PixelFormat.Rgba), (image.Width, image.Height, image.Format));
        for (int i = 1; i < Width * Height; i++)
        {
            (int x, int y) = (i % Width, i / Width);
            byte[] want = [(byte)(x * 12), (byte)(y * 14), (byte)((x * y * 3) + 40), Alpha(x, y)];
            Assert.Equal(want, image.Pixels.Slice(4 * i, 4).ToArray());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AlphaBesideLossyPixelsIsExact(bool raw)
    {
        Image image = ImageDecoder.Decode(raw ? MediaWebPSeeds.LossyRawAlpha : MediaWebPSeeds.LossyAlpha);
        Assert.Equal(PixelFormat.Rgba, image.Format);
        for (int i = 0; i < Width * Height; i++)
        {
            Assert.Equal(Alpha(i % Width, i / Width), image.Pixels[(4 * i) + 3]);
        }
    }

    [Fact]
    public void LossyPixelsAreNearThoseThatWereEncoded()
    {
        Image image = ImageDecoder.Decode(MediaWebPSeeds.Lossy);
        Assert.Equal(PixelFormat.Rgb, image.Format);
        double sum = 0;
        for (int i = 0; i < Width * Height; i++)
        {
            sum += Math.Abs(image.Pixels[3 * i] - (i % Width * 12));
            sum += Math.Abs(image.Pixels[(3 * i) + 1] - (i / Width * 14));
        }

        Assert.InRange(sum / (2 * Width * Height), 0.1, 20);
    }

    [Fact]
    public void FramesHaveTheirDurationsAndTheFirstIsThePicture()
    {
        ImageFrame[] frames = [.. ImageDecoder.DecodeFrames(MediaWebPSeeds.Animated)];
        Assert.Equal([10, 20, 30], frames.Select(frame => frame.DurationMilliseconds));
        ImageInfo info = ImageDecoder.Identify(MediaWebPSeeds.Animated);
        Assert.Equal((16, 12, 3), (info.Width, info.Height, info.Frames));
        Image first = ImageDecoder.Decode(MediaWebPSeeds.Animated);
        Assert.True(first.Convert(PixelFormat.Rgba).Pixels.SequenceEqual(frames[0].Image.Pixels));
        Assert.False(frames[0].Image.Pixels.SequenceEqual(frames[2].Image.Pixels));
    }

    [Fact]
    public void AStillPictureIsOneFrame()
    {
        ImageFrame frame = Assert.Single(ImageDecoder.DecodeFrames(MediaWebPSeeds.Lossy));
        Image image = ImageDecoder.Decode(MediaWebPSeeds.Lossy).Convert(PixelFormat.Rgba);
        Assert.True(frame.Image.Pixels.SequenceEqual(image.Pixels));
    }

    [Fact]
    public void OrientationIsThatOfTheExifChunk()
    {
        byte[] exif = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        byte[] picture = Chunk("VP8L", MediaWebPSeeds.Lossless[20..]);
        byte[] file = Riff(Head(0x10 | 0x08, Width, Height), picture, Chunk("EXIF", exif));
        Assert.Equal(6, ImageDecoder.Identify(file).Orientation);
        Assert.Equal((Height, Width), (ImageDecoder.Decode(file).Width, ImageDecoder.Decode(file).Height));
        byte[] silent = Riff(Head(0x10, Width, Height), picture, Chunk("EXIF", exif));
        Assert.Equal(1, ImageDecoder.Identify(silent).Orientation);
    }

    [Fact]
    public void TruncatedStreamsAreRefused()
    {
        foreach (byte[] file in new[] { MediaWebPSeeds.Lossy, MediaWebPSeeds.LossyAlpha, MediaWebPSeeds.Lossless })
        {
            for (int length = 0; length < file.Length; length++)
            {
                Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(file.AsMemory(0, length)));
            }
        }

        // The same with a container that fits what is left of its stream.
        (string, byte[])[] files = [("VP8 ", MediaWebPSeeds.Lossy), ("VP8L", MediaWebPSeeds.Lossless)];
        foreach ((string name, byte[] file) in files)
        {
            byte[] stream = file[20..];
            for (int length = 0; length < stream.Length - 8; length++)
            {
                byte[] cut = Riff(Chunk(name, stream[..length]));
                Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(cut));
            }
        }
    }

    [Fact]
    public void HugePicturesAreRefusedBeforeMemoryIsTaken()
    {
        byte[] lossless = [0x2F, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0, 0];
        byte[] lossy = [0x10, 0x02, 0, 0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F, .. new byte[64]];
        byte[][] files =
        [
            Riff(Chunk("VP8L", lossless)),
            Riff(Chunk("VP8 ", lossy)),
            Riff(
                Head(2, 16384, 16384), Chunk("ANIM", new byte[6]),
                Chunk("ANMF", [.. new byte[16], .. MediaWebPSeeds.Lossless[12..]])),
        ];
        foreach (byte[] file in files)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<MediaLimitException>(() => ImageDecoder.Decode(file));
            Assert.Throws<MediaLimitException>(() => ImageDecoder.Identify(file));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Fact]
    public void FramesAreCounted()
    {
        byte[] frame = Chunk("ANMF", [.. new byte[16], .. MediaWebPSeeds.Lossless[12..]]);
        byte[] file = Riff([Head(2, Width, Height), Chunk("ANIM", new byte[6]), .. Enumerable.Repeat(frame, 9)]);
        Assert.Equal(9, ImageDecoder.DecodeFrames(file).Count());
        var options = new ImageDecodeOptions { Limits = new MediaLimits { MaxFrames = 8 } };
        Assert.Throws<MediaLimitException>(() => ImageDecoder.DecodeFrames(file, options).Count());
    }

    [Fact]
    public void BrokenContainersAreRefused()
    {
        byte[] picture = Chunk("VP8L", MediaWebPSeeds.Lossless[20..]);
        byte[] animation = Chunk("ANIM", new byte[6]);
        byte[] frame = Chunk("ANMF", [.. new byte[16], .. MediaWebPSeeds.Lossless[12..]]);
        byte[][] files =
        [
            Riff(),
            Riff(Chunk("JUNK", new byte[4]), picture),
            Riff(Head(0, Width + 1, Height), picture),
            Riff(Head(0, Width, Height)),
            Riff(Head(0, Width, Height), picture, picture),
            Riff(Head(2, Width, Height), frame),
            Riff(Head(2, Width - 1, Height), animation, frame),
            Riff(Head(2, Width, Height), animation, Chunk("ANMF", new byte[12])),
            Riff(Head(2, Width, Height), animation, Chunk("ANMF", new byte[16])),
            Riff(Head(0x10, Width, Height), Chunk("ALPH", new byte[9]), picture),
            Riff(Chunk("VP8X", new byte[9]), picture),
            [.. Riff(picture)[..^4]],
        ];
        for (int i = 0; i < files.Length; i++)
        {
            byte[] file = files[i];
            Assert.True(Record.Exception(() => ImageDecoder.Decode(file)) is InvalidDataException, $"file {i}");
        }

        Assert.Equal(Width, ImageDecoder.Decode(Riff(Head(0x10, Width, Height), picture)).Width);
    }

    [Fact]
    public unsafe void FiltersEqualTheirScalarTwins()
    {
        const int Stride = 40;
        const int At = (16 * Stride) + 16;
        var random = new Random(3);
        byte[] vector = new byte[Stride * Stride];
        for (int run = 0; run < 3000; run++)
        {
            int level = random.Next(256), spread = random.Next(1, 60), step = run % 3 == 0 ? 25 : 0;
            for (int i = 0; i < vector.Length; i++)
            {
                int value = level + random.Next(-spread, spread + 1);
                value += (i % Stride >= 16 ? step : 0) + (i / Stride >= 16 ? step : 0);
                vector[i] = (byte)Math.Clamp(value, 0, 255);
            }

            byte[] scalar = [.. vector];
            Vp8FilterStrength strength = Vp8FilterStrength.From(random.Next(1, 64), random.Next(8));
            bool down = random.Next(2) == 0;
            var kind = (Vp8LoopFilter.Kind)random.Next(3);
            int second = down ? At + (8 * Stride) : At + 8;
            fixed (byte* a = vector, b = scalar)
            {
                Vp8LoopFilter.Filter(a + At, a + second, Stride, down, strength.Limit + 4, strength, kind);
                Vp8LoopFilter.Scalar(b + At, b + second, Stride, down, strength.Limit + 4, strength, kind);
            }

            Assert.True(vector.AsSpan().SequenceEqual(scalar), $"{down} {kind} {strength}");
        }
    }

    [Fact]
    public unsafe void ColorsFollowTheirFormulas()
    {
        var random = new Random(6);
        foreach (int width in new[] { 1, 2, 3, 15, 16, 17, 31, 32, 33, 34, 64, 67 })
        {
            byte[] luma = new byte[width], near = new byte[(width / 2) + 1], far = new byte[(width / 2) + 1];
            byte[] wide = new byte[width], colors = new byte[width * 3], opaque = new byte[width * 4];
            random.NextBytes(luma);
            random.NextBytes(near);
            random.NextBytes(far);
            fixed (byte* y = luma, n = near, f = far, w = wide, rgb = colors, rgba = opaque)
            {
                Vp8Upsampler.Widen(n, f, width, w);
                Vp8Upsampler.Colors(y, w, w, width, rgb, 3);
                Vp8Upsampler.Colors(y, w, w, width, rgba, 4);
            }

            for (int x = 0; x < width; x++)
            {
                // The nearer neighbour counts three times in each direction; rounding on the way takes up to one level.
                int chroma = x / 2;
                int other = Math.Clamp(x % 2 == 0 ? chroma - 1 : chroma + 1, 0, ((width + 1) / 2) - 1);
                double want = ((9 * near[chroma]) + (3 * near[other]) + (3 * far[chroma]) + far[other]) / 16.0;
                Assert.InRange(wide[x] - want, -1, 1);
                double red = (1.164 * (luma[x] - 16)) + (1.596 * (wide[x] - 128));
                double blue = (1.164 * (luma[x] - 16)) + (2.018 * (wide[x] - 128));
                Assert.InRange(colors[3 * x] - Math.Clamp(red, 0, 255), -1.5, 1.5);
                Assert.InRange(colors[(3 * x) + 2] - Math.Clamp(blue, 0, 255), -1.5, 1.5);
                Assert.Equal([.. colors[(3 * x)..((3 * x) + 3)], 255], opaque[(4 * x)..((4 * x) + 4)]);
            }
        }
    }

    [Fact]
    public unsafe void TransformsEqualTheirScalarTwins()
    {
        var random = new Random(8);
        short* coefficients = stackalloc short[16];
        byte* vector = stackalloc byte[16];
        byte* scalar = stackalloc byte[16];
        for (int run = 0; run < 2000; run++)
        {
            int range = run % 2 == 0 ? 2048 : 60;
            for (int i = 0; i < 16; i++)
            {
                coefficients[i] = (short)random.Next(-range, range);
                vector[i] = scalar[i] = (byte)random.Next(256);
            }

            Vp8Transforms.Add(coefficients, vector, 4);
            Vp8Transforms.AddScalar(coefficients, scalar, 4);
            Assert.True(new Span<byte>(vector, 16).SequenceEqual(new Span<byte>(scalar, 16)));
        }
    }

    private static byte Alpha(int x, int y) => (byte)Math.Min(255, (x * 9) + (y * 5));

    private static byte[] Head(int flags, int width, int height)
    {
        byte[] head = new byte[10];
        head[0] = (byte)flags;
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), (ushort)(width - 1));
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(7), (ushort)(height - 1));
        return Chunk("VP8X", head);
    }

    private static byte[] Chunk(string name, byte[] content)
    {
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, content.Length);
        return [.. name.Select(c => (byte)c), .. size, .. content, .. new byte[content.Length & 1]];
    }

    private static byte[] Riff(params byte[][] chunks)
    {
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, 4 + chunks.Sum(chunk => chunk.Length));
        return [.. "RIFF"u8, .. size, .. "WEBP"u8, .. chunks.SelectMany(chunk => chunk)];
    }
}
