namespace Percept.Media;

/// <summary>Decodes the lossless bitstream of WebP.</summary>
/// <remarks>Source: RFC 9649, section 3 to 5.</remarks>
internal static unsafe class Vp8LDecoder
{
    private const byte Signature = 0x2F;

    /// <summary>What the header of a lossless stream says.</summary>
    internal readonly record struct Header(int Width, int Height, bool HasAlpha);

    /// <summary>Bytes of the header.</summary>
    internal const int HeaderBytes = 5;

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static Header ReadHeader(ReadOnlySpan<byte> stream)
    {
        if (stream.Length < HeaderBytes || stream[0] != Signature)
        {
            throw WebPFile.Broken("its lossless stream does not begin with its signature");
        }

        uint bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(stream[1..]);
        if (bits >> 29 != 0)
        {
            throw WebPFile.Broken($"its lossless stream has version {bits >> 29}, expected 0");
        }

        return new Header((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1, (bits >> 28 & 1) != 0);
    }

    /// <summary>Decodes the pixels behind the header.</summary>
    /// <param name="stream">The stream without its header.</param>
    /// <param name="width">Pixels a row; its size must be checked already.</param>
    /// <param name="height">Rows.</param>
    /// <param name="guard">Ends long work.</param>
    /// <returns>At least width · height pixels, A, R, G, B from the highest byte.</returns>
    /// <exception cref="InvalidDataException">The stream is broken or cut off.</exception>
    internal static uint[] Decode(ReadOnlySpan<byte> stream, int width, int height, DecodeGuard guard)
    {
        fixed (byte* data = stream)
        {
            var bits = new Vp8LBits(data, stream.Length);
            var transforms = new Stack<Vp8LTransform>(4);
            int packed = ReadTransforms(ref bits, width, height, transforms, guard);
            uint[] pixels = Vp8LPixels.Read(ref bits, packed, height, true, guard);
            foreach (Vp8LTransform transform in transforms)
            {
                pixels = Vp8LInverse.Undo(transform, pixels, guard);
            }

            return pixels;
        }
    }

    /// <summary>The tiles that cover a number of pixels.</summary>
    internal static int Tiles(int pixels, int bits) => (pixels + (1 << bits) - 1) >> bits;

    /// <summary>Reads the list of transforms; gives the width of the coded picture.</summary>
    private static int ReadTransforms(
        ref Vp8LBits bits, int width, int height, Stack<Vp8LTransform> transforms, DecodeGuard guard)
    {
        int seen = 0;
        while (bits.Flag())
        {
            var kind = (Vp8LTransformKind)bits.Take(2);
            if ((seen & (1 << (int)kind)) != 0)
            {
                throw WebPFile.Broken($"its lossless stream has the transform {kind} twice");
            }

            seen |= 1 << (int)kind;
            switch (kind)
            {
                case Vp8LTransformKind.Predictor:
                case Vp8LTransformKind.CrossColor:
                    int side = bits.Take(3) + 2;
                    uint[] tiles = Vp8LPixels.Read(ref bits, Tiles(width, side), Tiles(height, side), false, guard);
                    transforms.Push(new Vp8LTransform(kind, width, height, side, tiles));
                    break;
                case Vp8LTransformKind.SubtractGreen:
                    transforms.Push(new Vp8LTransform(kind, width, height, 0, []));
                    break;
                default:
                    int colors = bits.Take(8) + 1;
                    int pack = colors > 16 ? 0 : colors > 4 ? 1 : colors > 2 ? 2 : 3;
                    uint[] palette = Vp8LPixels.Read(ref bits, colors, 1, false, guard);
                    SumUp(palette);
                    transforms.Push(new Vp8LTransform(kind, width, height, pack, palette));
                    width = Tiles(width, pack);
                    break;
            }

            bits.RequireData();
        }

        return width;
    }

    /// <summary>A palette is stored as differences of each channel to the entry before.</summary>
    private static void SumUp(uint[] palette)
    {
        for (int i = 1; i < palette.Length; i++)
        {
            palette[i] = Vp8LInverse.Add(palette[i], palette[i - 1]);
        }
    }
}
