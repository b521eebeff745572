using System.Numerics.Tensors;

namespace Percept.Inference;

/// <summary>Softmax and selection over one row of logits [V]. Sums are taken in double, results are float32.</summary>
internal static class LogitMath
{
    /// <summary>What stands for a forbidden token.</summary>
    internal const float Forbidden = float.NegativeInfinity;

    /// <summary>ln Σ exp(x); −∞ when every element is.</summary>
    internal static double LogSumExp(ReadOnlySpan<float> logits, Span<float> scratch)
    {
        float max = TensorPrimitives.Max(logits);
        if (float.IsNegativeInfinity(max))
        {
            return max;
        }

        return max + Math.Log(ExpSum(logits, max, scratch));
    }

    /// <summary>Probabilities of logits.</summary>
    internal static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        double sum = ExpSum(logits, TensorPrimitives.Max(logits), probabilities);
        TensorPrimitives.Divide(probabilities[..logits.Length], (float)sum, probabilities);
    }

    /// <summary>Logarithms of the probabilities, in place.</summary>
    internal static void LogSoftmax(Span<float> logits, Span<float> scratch)
    {
        float max = TensorPrimitives.Max<float>(logits);
        float log = (float)Math.Log(ExpSum(logits, max, scratch));
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = logits[i] - max - log;
        }
    }

    /// <summary>The k-th largest value, counting equal ones; of fewer values the smallest.</summary>
    /// <param name="values">The values.</param>
    /// <param name="k">Which one, from 1.</param>
    /// <param name="heap">Room for k values.</param>
    internal static float KthLargest(ReadOnlySpan<float> values, int k, Span<float> heap)
    {
        int count = 0;
        k = Math.Min(k, values.Length);
        foreach (float value in values)
        {
            if (count < k)
            {
                SiftUp(heap, count++, value);
            }
            else if (value > heap[0])
            {
                SiftDown(heap[..k], value);
            }
        }

        return heap[0];
    }

    /// <summary>The entropy −Σ p ln p in nats.</summary>
    internal static double Entropy(ReadOnlySpan<float> probabilities)
    {
        double entropy = 0;
        foreach (float p in probabilities)
        {
            if (p > 0)
            {
                entropy -= p * Math.Log(p);
            }
        }

        return entropy;
    }

    private static double ExpSum(ReadOnlySpan<float> logits, float max, Span<float> exponentials)
    {
        Span<float> target = exponentials[..logits.Length];
        TensorPrimitives.Subtract(logits, max, target);
        TensorPrimitives.Exp(target, target);
        double sum = 0;
        const int Block = 256;
        // Float sums of short runs, added up in double: as exact as needed and vectorised.
        for (int i = 0; i < target.Length; i += Block)
        {
            sum += TensorPrimitives.Sum<float>(target.Slice(i, Math.Min(Block, target.Length - i)));
        }

        return sum;
    }

    private static void SiftUp(Span<float> heap, int at, float value)
    {
        while (at > 0 && heap[(at - 1) / 2] > value)
        {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        heap[at] = value;
    }

    private static void SiftDown(Span<float> heap, float value)
    {
        int at = 0;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= heap.Length)
            {
                break;
            }

            if (child + 1 < heap.Length && heap[child + 1] < heap[child])
            {
                child++;
            }

            if (heap[child] >= value)
            {
                break;
            }

            heap[at] = heap[child];
            at = child;
        }

        heap[at] = value;
    }
}
