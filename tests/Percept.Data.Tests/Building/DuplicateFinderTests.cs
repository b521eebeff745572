using Xunit;

namespace Percept.Data.Tests.Building;

public class DuplicateFinderTests
{
    [Fact]
    public void TheSameTextInOtherSpellingIsADuplicate()
    {
        var finder = new DuplicateFinder();
        Assert.Null(finder.Add("A dog runs over the green grass."));
        Assert.Equal((0, 1.0), finder.Add("a DOG  runs over the green grass"));
        Assert.Null(finder.Add("A cat sleeps on a chair."));
        Assert.Equal(2, finder.Count);
    }

    [Fact]
    public void NearDuplicatesAreFoundAsByComparingAll()
    {
        var random = new Random(4);
        string[] words = [.. Enumerable.Range(0, 300).Select(i => $"w{i}")];
        var texts = new List<string>();
        for (int i = 0; i < 300; i++)
        {
            string[] text = i % 3 == 0 || texts.Count == 0
                ? [.. Enumerable.Range(0, 60).Select(_ => words[random.Next(words.Length)])]
                : [.. texts[random.Next(texts.Count)].Split(' ')];
            for (int change = 0; i % 3 != 0 && change < i % 3; change++)
            {
                text[random.Next(text.Length)] = words[random.Next(words.Length)];
            }

            texts.Add(string.Join(' ', text));
        }

        // One changed word of 60 changes 3 of 58 rows: a Jaccard of 55 / 61 = 0.90; two give about 0.81.
        var finder = new DuplicateFinder(0.8);
        var kept = new List<HashSet<string>>();
        int wrong = 0;
        int found = 0;
        foreach (string text in texts)
        {
            HashSet<string> rows = Rows(text);
            bool isNear = kept.Exists(other => Jaccard(rows, other) >= 0.8);
            bool isFound = finder.Add(text) is not null;
            wrong += isNear != isFound ? 1 : 0;
            found += isFound ? 1 : 0;
            if (!isFound)
            {
                kept.Add(rows);
            }
        }

        Assert.InRange(found, 60, 200);
        Assert.InRange(wrong, 0, 2);
    }

    private static HashSet<string> Rows(string text)
    {
        string[] words = text.Split(' ');
        return [.. Enumerable.Range(0, words.Length - 2).Select(i => string.Join(' ', words.Skip(i).Take(3)))];
    }

    private static double Jaccard(HashSet<string> a, HashSet<string> b) => a.Intersect(b).Count() / (double)a.Union(b).Count();
}
