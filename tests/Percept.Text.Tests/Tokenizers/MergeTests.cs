using System.Diagnostics;
using Xunit;

namespace Percept.Text.Tests.Tokenizers;

public class MergeTests
{
    [Fact]
    public void ShortAndLongWordsAreMergedByTheRule()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            int symbols = random.Next(2, 6);
            var merges = new List<(int, int, int)>();
            int next = symbols;
            var known = new HashSet<(int, int)>();
            for (int i = 0; i < 30; i++)
            {
                (int, int) pair = (random.Next(next), random.Next(next));
                if (known.Add(pair))
                {
                    merges.Add((pair.Item1, pair.Item2, next++));
                }
            }

            var table = new MergeTable(merges);
            foreach (int length in (int[])[0, 1, 2, 3, 7, 31, 47, 48, 49, 64, 200, 257])
            {
                int[] word = [.. Enumerable.Range(0, length).Select(_ => random.Next(symbols))];
                var buffer = new MergeBuffer();
                foreach (int symbol in word)
                {
                    buffer.Add(symbol, 1);
                }

                buffer.MergeAll(table);
                (int[] ids, int[] ends) = Naive(word, merges);
                Assert.Equal(ids, buffer.Ids.ToArray());
                Assert.Equal(ends, buffer.Ends.ToArray());
            }
        }
    }

    [Fact]
    public void AMillionEqualLettersTakeNoQuadraticTime()
    {
        Tokenizer tokenizer = SampleTokenizers.ByteLevel();
        string text = new('a', 1_000_000);
        long start = Stopwatch.GetTimestamp();
        int[] ids = tokenizer.EncodeIds(text);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        Assert.True(ids.Length < text.Length);
        Assert.Equal(text, tokenizer.Decode(ids));
        Assert.True(time < TimeSpan.FromSeconds(15), $"took {time}");
    }

    [Fact]
    public void TheCacheStaysRightWhenItOverflows()
    {
        var cache = new WordCache();
        var random = new Random(1);
        for (int i = 0; i < 200_000; i++)
        {
            string word = random.Next(60_000).ToString("D", System.Globalization.CultureInfo.InvariantCulture)
                + new string('x', random.Next(20));
            uint hash = WordCache.Hash(word);
            int[] ids = [word.Length, word[0], word[^1]];
            if (cache.TryGet(word, hash, out ReadOnlySpan<int> found))
            {
                Assert.Equal(ids, found.ToArray());
            }
            else
            {
                cache.Add(word, hash, ids);
                Assert.True(cache.TryGet(word, hash, out found));
                Assert.Equal(ids, found.ToArray());
            }
        }
    }

    [Fact]
    public void WordsThatMeetAtOnePlaceCostNoMoreThanAFew()
    {
        // All with one hash, as if somebody had found out the seed.
        var cache = new WordCache();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 100_000; i++)
        {
            string word = i.ToString("D6", System.Globalization.CultureInfo.InvariantCulture);
            Assert.False(cache.TryGet(word, 7, out _));
            cache.Add(word, 7, [i]);
            Assert.True(cache.TryGet(word, 7, out ReadOnlySpan<int> found));
            Assert.Equal(i, found[0]);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void TheLastLetterOfAShortWordReachesItsPlace()
    {
        uint[] places = [.. Enumerable.Range(0x4E00, 2000).Select(letter => WordCache.Hash($"abc{(char)letter}") & 0x7FFF).Distinct()];
        Assert.True(places.Length > 1500, $"{places.Length} places for 2000 words.");
    }

    private static (int[] Ids, int[] Ends) Naive(int[] word, List<(int Left, int Right, int Result)> merges)
    {
        List<(int Id, int End)> symbols = [.. word.Select((id, i) => (id, i + 1))];
        while (true)
        {
            int best = -1;
            int at = -1;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                int rank = merges.FindIndex(m => m.Left == symbols[i].Id && m.Right == symbols[i + 1].Id);
                if (rank >= 0 && (best < 0 || rank < best))
                {
                    (best, at) = (rank, i);
                }
            }

            if (best < 0)
            {
                return ([.. symbols.Select(s => s.Id)], [.. symbols.Select(s => s.End)]);
            }

            symbols[at] = (merges[best].Result, symbols[at + 1].End);
            symbols.RemoveAt(at + 1);
        }
    }
}
