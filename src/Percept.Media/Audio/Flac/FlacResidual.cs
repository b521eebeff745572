namespace Percept.Media;

/// <summary>Reads what the predictor left over: Rice codes in partitions. Source: RFC 9639, section 9.2.7.</summary>
internal static class FlacResidual
{
    /// <summary>Reads <c>values[order..]</c>; the first <paramref name="order"/> are left alone.</summary>
    internal static void Read(ref FlacBits bits, scoped Span<int> values, int order)
    {
        int method = (int)bits.Take(2);
        if (method > 1)
        {
            throw new InvalidDataException($"The FLAC file has residuals of the reserved method {method}.");
        }

        int parameterBits = method == 0 ? 4 : 5;
        int escape = (1 << parameterBits) - 1;
        int partitions = 1 << (int)bits.Take(4);
        int length = values.Length / partitions;
        if (length * partitions != values.Length || length < order)
        {
            throw new InvalidDataException(
                $"The FLAC file divides {values.Length} samples into {partitions} partitions behind {order} samples.");
        }

        int at = order;
        for (int p = 1; p <= partitions; p++)
        {
            Span<int> part = values[at..(p * length)];
            at = p * length;
            int parameter = (int)bits.Take(parameterBits);
            if (parameter < escape)
            {
                bits.TakeRice(part, parameter);
                continue;
            }

            int width = (int)bits.Take(5);
            for (int i = 0; i < part.Length; i++)
            {
                part[i] = bits.TakeSigned(width);
            }
        }
    }
}
