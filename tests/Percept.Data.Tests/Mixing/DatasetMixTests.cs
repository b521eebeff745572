using Xunit;

namespace Percept.Data.Tests.Mixing;

public class DatasetMixTests
{
    [Fact]
    public void AnEpochTakesEachDatasetAsOftenAsItsWeightSays()
    {
        var mix = new DatasetMix([Source("a", 100), Source("b", 40, 0.5), Source("c", 7, 3)], new MixOptions { Seed = 1 });
        MixItem[] items = [.. mix.Items()];
        Assert.Equal([100L, 20, 21], mix.SamplesPerEpoch);
        Assert.Equal(141, items.Length);
        Assert.Equal(Enumerable.Range(0, 100), Indices(items, "a").Order());
        Assert.Equal(20, Indices(items, "b").Distinct().Count());
        Assert.All(Indices(items, "c").Chunk(7), pass => Assert.Equal(Enumerable.Range(0, 7), pass.Order()));
    }

    [Fact]
    public void TheNextEpochGoesOnWhereAHalfPassEnded()
    {
        var mix = new DatasetMix([Source("a", 30), Source("b", 40, 0.5)], new MixOptions { Seed = 1, Epochs = 2 });
        int[] both = [.. Indices([.. mix.Items()], "b")];
        Assert.Equal(Enumerable.Range(0, 40), both.Order());
    }

    [Fact]
    public void DatasetsAreSpreadEvenly()
    {
        var mix = new DatasetMix([Source("a", 300), Source("b", 100)]);
        MixItem[] items = [.. mix.Items()];
        for (int i = 0; i <= 400; i += 4)
        {
            Assert.InRange(items.Take(i).Count(item => item.Source.Name == "b"), (i / 4) - 1, (i / 4) + 1);
        }
    }

    [Fact]
    public void SharesAreOfAllSamples()
    {
        var mix = new DatasetMix([Source("a", 900, 1), Source("b", 100, 3)], new MixOptions { WeightsAreShares = true });
        Assert.Equal([250L, 750], mix.SamplesPerEpoch);
    }

    [Fact]
    public void TheOrderFollowsFromTheSeedAndChangesWithThePass()
    {
        int[] Order(ulong seed) => [.. new DatasetMix([Source("a", 50)], new MixOptions { Seed = seed, Epochs = 2 }).Items().Select(item => item.Index)];
        Assert.Equal(Order(3), Order(3));
        Assert.NotEqual(Order(3), Order(4));
        Assert.NotEqual(Order(3)[..50], Order(3)[50..]);
        Assert.NotEqual(Enumerable.Range(0, 50), Order(3)[..50]);
        var own = new DatasetMix([Source("a", 50)], new MixOptions { Shuffles = false });
        Assert.Equal(Enumerable.Range(0, 50), own.Items().Select(item => item.Index));
    }

    [Fact]
    public void APermutationIsUniform()
    {
        int[,] counts = new int[5, 5];
        for (ulong seed = 0; seed < 20_000; seed++)
        {
            int[] order = new SeededRandom(seed).Permutation(5);
            for (int i = 0; i < 5; i++)
            {
                counts[i, order[i]]++;
            }
        }

        // Each of 25 cells has 4000 ± 57; six deviations either way.
        foreach (int count in counts)
        {
            Assert.InRange(count, 4000 - 340, 4000 + 340);
        }
    }

    [Fact]
    public void AStoredPositionGoesOnAsIfNothingHadHappened()
    {
        var options = new MixOptions { Seed = 9, Epochs = 2.5 };
        DatasetMix New() => new([Source("a", 13), Source("b", 8, 1.5), Source("c", 5, 0.4)], options);
        string[] whole = [.. New().Items().Select(item => item.ToString())];
        Assert.Equal(68, whole.Length);
        for (int stop = 0; stop <= whole.Length; stop++)
        {
            DatasetMix first = New();
            string[] before = [.. first.Items().Take(stop).Select(item => item.ToString())];
            DatasetMix second = New();
            second.Position = MixPosition.FromJson(first.Position.ToJson());
            Assert.Equal(whole, before.Concat(second.Items().Select(item => item.ToString())));
        }
    }

    [Fact]
    public void APositionOfAnotherMixIsRefused()
    {
        MixPosition position = new DatasetMix([Source("a", 10)]).Position;
        Assert.Throws<InvalidDataException>(() => new DatasetMix([Source("a", 11)]).Position = position);
        Assert.Throws<InvalidDataException>(() => new DatasetMix([Source("b", 10)]).Position = position);
        Assert.Throws<InvalidDataException>(() => new DatasetMix([Source("a", 10)], new MixOptions { Seed = 1 }).Position = position);
        new DatasetMix([Source("a", 10)]).Position = position;
        Assert.Throws<InvalidDataException>(() => MixPosition.FromJson("{"));
    }

    [Fact]
    public void LimitsEndTheMix()
    {
        Assert.Equal(3, new DatasetMix([Source("a", 10)], new MixOptions { MaxSamples = 3 }).Items().Count());
        Assert.Equal(25, new DatasetMix([Source("a", 10)], new MixOptions { Epochs = 2.5 }).Items().Count());
        Assert.Equal(1000, new DatasetMix([Source("a", 10)], new MixOptions { Epochs = null }).Items().Take(1000).Count());
        var few = new DatasetMix([Source("a", 10) with { MaxSamples = 4 }]);
        Assert.Equal(Enumerable.Range(0, 4), few.Items().Select(item => item.Index).Order());
    }

    [Fact]
    public void WrongMixesAreRefused()
    {
        Assert.Throws<ArgumentException>(() => new DatasetMix([]));
        Assert.Throws<ArgumentException>(() => new DatasetMix([Source("a", 0)]));
        Assert.Throws<ArgumentException>(() => new DatasetMix([Source("a", 1, 0)]));
        Assert.Throws<ArgumentException>(() => new DatasetMix([Source("a", 1, double.NaN)]));
        Assert.Throws<ArgumentException>(() => new DatasetMix([Source("a", 1), Source("a", 2)]));
    }

    [Fact]
    public void PythonsNumbersAreReproduced()
    {
        var random = new PythonRandom(7);
        uint[] bits = [.. Enumerable.Range(0, 4).Select(_ => random.Bits(32))];
        int[] digits = [.. Enumerable.Range(0, 6).Select(_ => random.Below(10))];
        Assert.Equal([1390851128u, 4071050724u, 647892279u, 1695753998u], bits);
        Assert.Equal([0, 1, 8, 1, 5, 9], digits);
        int[] list = [.. Enumerable.Range(0, 20)];
        new PythonRandom(7).Shuffle<int>(list);
        Assert.Equal([17, 15, 11, 18, 7, 6, 19, 3, 14, 0, 9, 5, 16, 8, 13, 2, 1, 12, 4, 10], list);
        var wide = new PythonRandom((1UL << 40) + 3);
        Assert.Equal((943978446u, 261273136u), (wide.Bits(32), wide.Bits(32)));
        var later = new PythonRandom(1);
        Assert.Equal(3223856108, Enumerable.Range(0, 1300).Select(_ => later.Bits(32)).ToArray()[^1]);
    }

    internal static MixSource Source(string name, int count, double weight = 1) => new(name, new ListDataset(
        [.. Enumerable.Range(0, count).Select(i => new DatasetSample { Id = $"{name}{i}", Messages = [] })]), weight);

    private static IEnumerable<int> Indices(MixItem[] items, string name) =>
        items.Where(item => item.Source.Name == name).Select(item => item.Index);
}
