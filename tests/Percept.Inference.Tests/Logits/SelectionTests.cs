using Xunit;

namespace Percept.Inference.Tests.Logits;

/// <summary>Selection without sorting against sorting.</summary>
public class SelectionTests
{
    public static TheoryData<int, int> Shapes()
    {
        var data = new TheoryData<int, int>();
        foreach (int size in (int[])[1, 2, 3, 7, 16, 33, 100, 1000])
        {
            // Few distinct values make ties.
            data.Add(size, 3);
            data.Add(size, 1_000_000);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TheKthLargestIsFound(int size, int distinct)
    {
        var random = new Random(size + distinct);
        float[] values = Values(random, size, distinct);
        float[] sorted = [.. values.OrderDescending()];
        float[] heap = new float[size];
        for (int k = 1; k <= size; k += Math.Max(1, size / 13))
        {
            Assert.Equal(sorted[k - 1], LogitMath.KthLargest(values, k, heap));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TheBestAreKeptInOrder(int size, int distinct)
    {
        var random = new Random(size + distinct);
        float[] values = Values(random, size, distinct);
        foreach (int count in (int[])[1, (size + 1) / 2, size, size + 3])
        {
            var selector = new TopSelector(count);
            for (int i = 0; i < size; i++)
            {
                selector.Add(values[i], i);
            }

            selector.Sort();
            int[] wanted =
                [.. Enumerable.Range(0, size).OrderByDescending(i => values[i]).ThenBy(i => i).Take(count)];
            Assert.Equal(wanted, Enumerable.Range(0, selector.Count).Select(selector.Index));
            Assert.Equal(wanted.Select(i => values[i]), Enumerable.Range(0, selector.Count).Select(selector.Value));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TheMassIsPassedWhereSortingPassesIt(int size, int distinct)
    {
        var random = new Random(size + distinct);
        var selector = new MassSelector();
        for (int repeat = 0; repeat < 20; repeat++)
        {
            float[] keys = Values(random, size, distinct);
            // Weights in quarters: sums are exact in any order, and bounds are met exactly.
            float[] weights = [.. keys.Select(key => MathF.Round(MathF.Abs(key)) / 4)];
            float bound = random.Next(0, (int)(weights.Sum() * 4) + 2) / 4f;
            bool reaches = repeat % 2 == 0;
            selector.Begin(size);
            for (int i = 0; i < size; i++)
            {
                selector.Add(keys[i], weights[i]);
            }

            int before = selector.Find(bound, reaches, out float key, out int ties);
            int[] order = [.. Enumerable.Range(0, size).OrderBy(i => keys[i])];
            double mass = 0;
            int wanted = 0;
            while (wanted < size && !(reaches ? mass + weights[order[wanted]] >= bound : mass + weights[order[wanted]] > bound))
            {
                mass += weights[order[wanted++]];
            }

            if (distinct > size)
            {
                Assert.Equal(wanted, before);
            }

            Assert.Equal(wanted == size ? float.PositiveInfinity : keys[order[wanted]], key);
            Assert.Equal(before - (wanted == size ? size : keys.Count(value => value < key)), ties);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(0.9)]
    [InlineData(1.0)]
    public void TheNucleusIsThatOfSorting(double p)
    {
        var random = new Random(3);
        for (int size = 1; size < 200; size += 13)
        {
            float[] logits = Values(random, size, 1_000_000);
            float[] got = [.. logits];
            new TopPProcessor(p).Process(new LogitsContext([], 0), got);
            double sum = logits.Sum(logit => Math.Exp(logit));
            double mass = 0;
            int[] order = [.. Enumerable.Range(0, size).OrderBy(i => logits[i])];
            for (int i = 0; i < size; i++)
            {
                mass += Math.Exp(logits[order[i]]) / sum;
                bool kept = (float)mass > (float)(1 - p) || i == size - 1;
                // At the border itself the last bit may go either way.
                if (Math.Abs(mass - (1 - p)) > 1e-6)
                {
                    Assert.Equal(kept, got[order[i]] > float.NegativeInfinity);
                }
            }
        }
    }

    [Fact]
    public void OfEqualLogitsAtTheBorderSomeGo()
    {
        float[] logits = [1, 1, 1, 1];
        new TopPProcessor(0.5).Process(new LogitsContext([], 0), logits);
        Assert.Equal([float.NegativeInfinity, float.NegativeInfinity, 1, 1], logits);
        logits = [1, 1, 1, 1];
        new TopPProcessor(0.0, minTokensToKeep: 3).Process(new LogitsContext([], 0), logits);
        Assert.Equal([float.NegativeInfinity, 1, 1, 1], logits);
    }

    private static float[] Values(Random random, int size, int distinct) =>
        [.. Enumerable.Range(0, size).Select(_ => ((random.Next(distinct) / (float)distinct) * 20) - 10)];
}
