using Percept.Tensors.Threading;
using Xunit;

namespace Percept.Tensors.Tests;

/// <summary>Few queries over the keys of caches: the way that reads keys and values where they lie.</summary>
[Trait("Level", "Simd")]
public class AttentionDecodeTests
{
    public static TheoryData<DType, int, int, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<DType, int, int, int, int, int>();
            foreach (DType type in (ReadOnlySpan<DType>)[DType.F32, DType.F16, DType.BF16])
            {
                // Heads, key heads, queries, channels of keys, channels of values.
                cases.Add(type, 32, 32, 1, 128, 128);
                cases.Add(type, 12, 2, 1, 128, 128);
                cases.Add(type, 14, 2, 1, 64, 64);
                cases.Add(type, 11, 11, 1, 80, 72);
                cases.Add(type, 3, 1, 5, 33, 17);
                cases.Add(type, 8, 4, 3, 72, 80);
                cases.Add(type, 5, 5, 16, 16, 1);
                cases.Add(type, 26, 13, 2, 8, 250);
                cases.Add(type, 4, 4, 1, 16, 0);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void SequencesOfAnyLengthMatchTheDefinition(DType type, int heads, int keyHeads, int queries, int width, int valueWidth)
    {
        int[] lengths = [queries, queries + 1, 63, 128, 257, 530];
        int[] counts = [.. lengths.Select(_ => queries)];
        float[] q = GradientCheck.Normal(lengths.Length * queries * heads * width, 1);
        Tensor[] keys = [.. lengths.Select((length, i) => Rows(type, length, keyHeads, width, 10 + (ulong)i))];
        Tensor[] values = [.. lengths.Select((length, i) => Rows(type, length, keyHeads, valueWidth, 30 + (ulong)i))];
        Tensor query = Tensor.From(q, [lengths.Length * queries, heads, width]);
        float[] actual = Ops.AttentionSequences(query, counts, keys, values).ToArray<float>();
        var expected = new List<double>();
        for (int s = 0; s < lengths.Length; s++)
        {
            float[] k = Ops.Cast(keys[s], DType.F32).ToArray<float>(), v = Ops.Cast(values[s], DType.F32).ToArray<float>();
            for (int i = 0; i < queries; i++)
            {
                for (int h = 0; h < heads; h++)
                {
                    ReadOnlySpan<float> row = q.AsSpan(((((s * queries) + i) * heads) + h) * width, width);
                    expected.AddRange(Definition(row, k, v, lengths[s] - queries + i + 1, keyHeads, h / (heads / keyHeads), valueWidth));
                }
            }
        }

        GradientCheck.AssertClose([.. expected], actual, 2e-5, "attention over caches");
        WorkerPool.ThreadLimit = 1;
        try
        {
            Assert.Equal(actual, Ops.AttentionSequences(query, counts, keys, values).ToArray<float>());
        }
        finally
        {
            WorkerPool.ThreadLimit = 0;
        }
    }

    private static Tensor Rows(DType type, int length, int heads, int width, ulong seed) =>
        Ops.Cast(Tensor.From(GradientCheck.Normal(length * heads * width, seed), [1, length, heads, width]), type);

    private static double[] Definition(ReadOnlySpan<float> query, float[] k, float[] v, int seen, int heads, int head, int valueWidth)
    {
        double[] scores = new double[seen];
        for (int t = 0; t < seen; t++)
        {
            for (int d = 0; d < query.Length; d++)
            {
                scores[t] += query[d] * (double)k[(((t * heads) + head) * query.Length) + d];
            }

            scores[t] /= Math.Sqrt(query.Length);
        }

        double highest = scores.Max(), total = scores.Sum(score => Math.Exp(score - highest));
        double[] result = new double[valueWidth];
        for (int t = 0; t < seen; t++)
        {
            for (int c = 0; c < valueWidth; c++)
            {
                result[c] += Math.Exp(scores[t] - highest) / total * v[(((t * heads) + head) * valueWidth) + c];
            }
        }

        return result;
    }
}
