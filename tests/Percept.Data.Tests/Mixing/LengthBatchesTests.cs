using Xunit;

namespace Percept.Data.Tests.Mixing;

public class LengthBatchesTests
{
    private static readonly LengthBatchOptions s_options = new() { BatchSize = 4, Window = 32, Seed = 5 };

    [Fact]
    public void BatchesHaveAboutEqualLengthsAndEverySampleOnce()
    {
        LengthBatches batches = New(s_options);
        IReadOnlyList<MixItem>[] all = [.. batches.Batches()];
        Assert.Equal(Enumerable.Range(0, 100), all.SelectMany(batch => batch).Select(item => item.Index).Order());
        Assert.All(all, batch => Assert.InRange(batch.Count, 1, 4));
        int waste = all.Sum(batch => batch.Sum(item => batch.Max(Length) - Length(item)));
        int mixed = New(s_options with { Window = 1 }).Batches().Sum(batch => batch.Sum(item => batch.Max(Length) - Length(item)));
        Assert.True(waste * 3 < mixed, $"{waste} padding tokens, {mixed} without grouping");
    }

    [Fact]
    public void LengthsNeitherRiseNorFall()
    {
        IReadOnlyList<MixItem>[] all = [.. New(s_options).Batches().Take(8)];
        int[] lengths = [.. all.Select(batch => batch.Max(Length))];
        Assert.NotEqual(lengths.OrderDescending(), lengths);
        Assert.NotEqual(lengths.Order(), lengths);
    }

    [Fact]
    public void BudgetsOfTokensHold()
    {
        IReadOnlyList<MixItem>[] all = [.. New(s_options with { BatchSize = 100, TokenBudget = 120 }).Batches()];
        Assert.All(all, batch => Assert.True(batch.Count == 1 || batch.Sum(Length) <= 120));
        Assert.Contains(all, batch => batch.Count == 1 && Length(batch[0]) > 120);
        Assert.Equal(100, all.Sum(batch => batch.Count));
    }

    /// <summary>A window that ran over the ends of epochs would put the copies of a sample into one batch, and leave others to later epochs.</summary>
    [Theory]
    [InlineData(50, 8, 512)]
    [InlineData(50, 32, 512)]
    [InlineData(700, 24, 512)]
    [InlineData(64, 8, 16)]
    public void EpochsOfAMixWithoutEndGiveEachSampleOnceAndBatchesAreFull(int samples, int size, int window)
    {
        var mix = new DatasetMix([DatasetMixTests.Source("a", samples)], new MixOptions { Seed = 2, Epochs = null });
        var batches = new LengthBatches(mix, Length, s_options with { BatchSize = size, Window = window });
        int[] seen = new int[samples];
        int given = 0;
        for (int epoch = 1; epoch <= 3; epoch++)
        {
            for (; given < epoch * samples; given += size)
            {
                Assert.True(batches.TryNext(out IReadOnlyList<MixItem> batch));
                Assert.Equal(size, batch.Count);
                foreach (MixItem item in batch)
                {
                    seen[item.Index]++;
                }
            }

            Assert.Equal(epoch, seen.Min());
            Assert.InRange(seen.Max(), epoch, epoch + 1);
            Assert.InRange(seen.Count(count => count > epoch), 0, size - 1);
        }
    }

    [Fact]
    public void AStoredPositionGoesOnWithTheNextBatch()
    {
        string[] whole = [.. New(s_options).Batches().Select(Text)];
        for (int stop = 0; stop <= whole.Length; stop++)
        {
            LengthBatches first = New(s_options);
            string[] before = [.. first.Batches().Take(stop).Select(Text)];
            LengthBatches second = New(s_options);
            second.Position = MixPosition.FromJson(first.Position.ToJson());
            Assert.Equal(whole, before.Concat(second.Batches().Select(Text)));
        }
    }

    private static string Text(IReadOnlyList<MixItem> batch) => string.Join(' ', batch);

    private static int Length(MixItem item) => 5 + (item.Index * 37 % 150);

    private static LengthBatches New(LengthBatchOptions options) =>
        new(new DatasetMix([DatasetMixTests.Source("a", 100)], new MixOptions { Seed = 2 }), Length, options);
}
