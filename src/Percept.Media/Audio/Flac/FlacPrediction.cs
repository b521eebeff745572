using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Adds linear predictions to residuals, in place.</summary>
/// <remarks>s[i] = residual[i] + (Σ c[j]·s[i − 1 − j] >> shift); the shift is arithmetic. Sums wrap around.</remarks>
internal static class FlacPrediction
{
    /// <param name="samples">The first samples, then residuals; becomes all samples.</param>
    /// <param name="coefficients">Of the last sample, the one before it, and so on.</param>
    /// <param name="shift">How far a sum is shifted down.</param>
    /// <param name="productBits">The bits that a product takes at the most.</param>
    internal static void Restore(Span<int> samples, ReadOnlySpan<int> coefficients, int shift, int productBits)
    {
        int order = coefficients.Length;
        if (order == 0)
        {
            return;
        }

        // Oldest first, so that history and coefficients are walked in the same direction.
        Span<int> reversed = stackalloc int[order];
        coefficients.CopyTo(reversed);
        reversed.Reverse();
        if (productBits + BitOperations.Log2((uint)order) + 1 <= 32)
        {
            Narrow(samples, reversed, shift);
        }
        else
        {
            Wide(samples, reversed, shift);
        }
    }

    internal static void RestoreWide(ReadOnlySpan<int> residual, Span<long> samples, ReadOnlySpan<int> coefficients, int shift)
    {
        int order = coefficients.Length;
        for (int i = order; i < samples.Length; i++)
        {
            long sum = 0;
            for (int j = 0; j < order; j++)
            {
                sum += coefficients[j] * samples[i - 1 - j];
            }

            samples[i] = residual[i] + (sum >> shift);
        }
    }

    private static void Narrow(Span<int> samples, ReadOnlySpan<int> reversed, int shift)
    {
        int order = reversed.Length;
        ref int first = ref MemoryMarshal.GetReference(samples);
        ref int factor = ref MemoryMarshal.GetReference(reversed);
        for (int i = order; i < samples.Length; i++)
        {
            ref int history = ref Unsafe.Add(ref first, i - order);
            int sum = 0;
            int other = 0;
            int j = 0;
            for (; j + 4 <= order; j += 4)
            {
                sum += (Unsafe.Add(ref factor, j) * Unsafe.Add(ref history, j))
                    + (Unsafe.Add(ref factor, j + 1) * Unsafe.Add(ref history, j + 1));
                other += (Unsafe.Add(ref factor, j + 2) * Unsafe.Add(ref history, j + 2))
                    + (Unsafe.Add(ref factor, j + 3) * Unsafe.Add(ref history, j + 3));
            }

            for (; j < order; j++)
            {
                sum += Unsafe.Add(ref factor, j) * Unsafe.Add(ref history, j);
            }

            Unsafe.Add(ref first, i) += (sum + other) >> shift;
        }
    }

    private static void Wide(Span<int> samples, ReadOnlySpan<int> reversed, int shift)
    {
        int order = reversed.Length;
        ref int first = ref MemoryMarshal.GetReference(samples);
        ref int factor = ref MemoryMarshal.GetReference(reversed);
        for (int i = order; i < samples.Length; i++)
        {
            ref int history = ref Unsafe.Add(ref first, i - order);
            long sum = 0;
            long other = 0;
            int j = 0;
            for (; j + 4 <= order; j += 4)
            {
                sum += ((long)Unsafe.Add(ref factor, j) * Unsafe.Add(ref history, j))
                    + ((long)Unsafe.Add(ref factor, j + 1) * Unsafe.Add(ref history, j + 1));
                other += ((long)Unsafe.Add(ref factor, j + 2) * Unsafe.Add(ref history, j + 2))
                    + ((long)Unsafe.Add(ref factor, j + 3) * Unsafe.Add(ref history, j + 3));
            }

            for (; j < order; j++)
            {
                sum += (long)Unsafe.Add(ref factor, j) * Unsafe.Add(ref history, j);
            }

            Unsafe.Add(ref first, i) += (int)((sum + other) >> shift);
        }
    }
}
