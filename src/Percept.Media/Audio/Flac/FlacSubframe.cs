namespace Percept.Media;

/// <summary>Decodes one channel of a FLAC frame. Source: RFC 9639, section 9.2.</summary>
internal static class FlacSubframe
{
    private const int MostOrder = 32;

    /// <summary>The fixed predictors as coefficients of the last sample, the one before it, and so on.</summary>
    private static readonly int[][] s_fixed = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

    /// <summary>Decodes samples of up to 32 bits.</summary>
    internal static void Decode(ref FlacBits bits, Span<int> samples, int sampleBits)
    {
        int type = ReadType(ref bits, ref sampleBits, out int wasted);
        if (type == 0)
        {
            samples.Fill(bits.TakeSigned(sampleBits));
        }
        else if (type == 1)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] = bits.TakeSigned(sampleBits);
            }
        }
        else
        {
            int order = Order(type, samples.Length);
            for (int i = 0; i < order; i++)
            {
                samples[i] = bits.TakeSigned(sampleBits);
            }

            Span<int> coefficients = stackalloc int[MostOrder];
            int shift = 0;
            int precision = 4;
            if (type >= MostOrder)
            {
                ReadCoefficients(ref bits, coefficients[..order], out shift, out precision);
            }
            else
            {
                s_fixed[order].CopyTo(coefficients);
            }

            FlacResidual.Read(ref bits, samples, order);
            FlacPrediction.Restore(samples, coefficients[..order], shift, sampleBits + precision);
        }

        if (wasted > 0)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] <<= wasted;
            }
        }
    }

    /// <summary>Decodes samples of 33 bits: the difference of two channels of 32 bits.</summary>
    internal static void DecodeWide(ref FlacBits bits, Span<long> samples, Span<int> residual, int sampleBits)
    {
        int type = ReadType(ref bits, ref sampleBits, out int wasted);
        if (type == 0)
        {
            samples.Fill(bits.TakeSignedLong(sampleBits));
        }
        else if (type == 1)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] = bits.TakeSignedLong(sampleBits);
            }
        }
        else
        {
            int order = Order(type, samples.Length);
            for (int i = 0; i < order; i++)
            {
                samples[i] = bits.TakeSignedLong(sampleBits);
            }

            Span<int> coefficients = stackalloc int[MostOrder];
            int shift = 0;
            if (type >= MostOrder)
            {
                ReadCoefficients(ref bits, coefficients[..order], out shift, out _);
            }
            else
            {
                s_fixed[order].CopyTo(coefficients);
            }

            FlacResidual.Read(ref bits, residual, order);
            FlacPrediction.RestoreWide(residual, samples, coefficients[..order], shift);
        }

        for (int i = 0; wasted > 0 && i < samples.Length; i++)
        {
            samples[i] <<= wasted;
        }
    }

    private static int ReadType(ref FlacBits bits, ref int sampleBits, out int wasted)
    {
        if (bits.Take(1) != 0)
        {
            throw new InvalidDataException("The FLAC file has a subframe whose first bit is not zero.");
        }

        int type = (int)bits.Take(6);
        wasted = bits.Take(1) == 0 ? 0 : bits.TakeUnary() + 1;
        if (type is (> 1 and < 8) or (> 12 and < 32))
        {
            throw new InvalidDataException($"The FLAC file has a subframe of the reserved type {type}.");
        }

        if (wasted >= sampleBits)
        {
            throw new InvalidDataException($"The FLAC file has a subframe with {wasted} wasted bits of {sampleBits}.");
        }

        sampleBits -= wasted;
        return type;
    }

    private static int Order(int type, int blockSize)
    {
        int order = type >= MostOrder ? type - MostOrder + 1 : type - 8;
        return order <= blockSize
            ? order
            : throw new InvalidDataException(
                $"The FLAC file has a predictor of order {order} in a block of {blockSize} samples.");
    }

    private static void ReadCoefficients(ref FlacBits bits, scoped Span<int> coefficients, out int shift, out int precision)
    {
        precision = (int)bits.Take(4) + 1;
        shift = bits.TakeSigned(5);
        if (precision == 16 || shift < 0)
        {
            throw new InvalidDataException(
                $"The FLAC file has a linear predictor with the reserved precision {precision} or the shift {shift}.");
        }

        for (int i = 0; i < coefficients.Length; i++)
        {
            coefficients[i] = bits.TakeSigned(precision);
        }
    }
}
