using System.Text;
using System.Text.Json;
using Xunit;

namespace Percept.Text.Tests.Training;

public class BpeTrainerTests
{
    private static readonly BpeTrainerOptions s_small = new() { VocabularySize = 256 + 8, LeastCount = 1 };

    [Fact]
    public void MergesAreThoseThatWereWorkedByHand()
    {
        // hug 10, pug 5, pun 12, bun 4, hugs 5: u+g 20, u+n 16, h+ug 15, then p+un 12, hug+s 5, p+ug 5, b+un 4.
        var trainer = new BpeTrainer(s_small);
        foreach ((string word, int count) in new[] { ("hug", 10), ("pug", 5), ("pun", 12), ("bun", 4), ("hugs", 5) })
        {
            trainer.Add(word, count);
        }

        (string, string)[] expected =
            [("u", "g"), ("u", "n"), ("h", "ug"), ("p", "un"), ("p", "ug"), ("hug", "s"), ("b", "un")];
        Assert.Equal(expected, trainer.Train().Merges);
    }

    [Fact]
    public void EqualCountsGoByTheIdsOfTheLeftThenOfTheRight()
    {
        var trainer = new BpeTrainer(s_small with { VocabularySize = 256 + 3 });
        trainer.Add("ba");
        trainer.Add("ac");
        trainer.Add("ab");
        Assert.Equal([("a", "b"), ("a", "c"), ("b", "a")], trainer.Train().Merges);
    }

    [Fact]
    public void RunsOfOneLetterJoinFromTheLeft()
    {
        var trainer = new BpeTrainer(s_small with { VocabularySize = 256 + 2 });
        trainer.Add("aaaaa");
        // aa aa a, then aaaa a: of (aa, aa) and (aa, a), each seen once, the lower right id goes first: a stands before aa.
        Assert.Equal([("a", "a"), ("aa", "a")], trainer.Train().Merges);
    }

    [Fact]
    public void TheMergesAreThoseOfTheDefinition()
    {
        var random = new Random(3);
        for (int round = 0; round < 60; round++)
        {
            var words = new Dictionary<string, long>();
            for (int i = random.Next(1, 30); i > 0; i--)
            {
                string word = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => (char)('a' + random.Next(4))));
                words[word] = random.Next(1, 6);
            }

            var trainer = new BpeTrainer(s_small with { VocabularySize = 256 + 25, LeastCount = 2 });
            foreach ((string word, long count) in words)
            {
                trainer.Add(word, count);
            }

            Assert.Equal(Naive(words, 25, 2), trainer.Train().Merges);
        }
    }

    [Fact]
    public void TheOrderOfTextsDoesNotMatter()
    {
        string[] texts = ["There is a red circle.", "How many blue stars are there?", "[12,40,33,60]", "the the then thin"];
        TrainedVocabulary Train(IEnumerable<string> all)
        {
            var trainer = new BpeTrainer(s_small with { VocabularySize = 300 });
            foreach (string text in all)
            {
                trainer.Add(text);
            }

            return trainer.Train();
        }

        Assert.Equal(Train(texts).ToTokenizerJson(), Train(texts.Reverse()).ToTokenizerJson());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheFilesLoadAndEveryTextComesBack(bool splitDigits)
    {
        TrainedVocabulary vocabulary = Sample(splitDigits);
        string folder = Directory.CreateTempSubdirectory("percept-bpe").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "tokenizer.json"), vocabulary.ToTokenizerJson());
            File.WriteAllBytes(Path.Combine(folder, "tokenizer_config.json"), vocabulary.ToConfigJson(
                new Dictionary<string, string> { ["eos_token"] = "<|end|>", ["pad_token"] = "<|pad|>" },
                TrainedVocabulary.ShortChatTemplate, 512));
            LoadedTokenizer loaded = TokenizerLoader.FromFolder(folder);
            Tokenizer tokenizer = loaded.Tokenizer;
            Assert.Equal(vocabulary.Tokens.Count, tokenizer.VocabularySize);
            Assert.Equal(1, loaded.TokenId("eos_token"));
            for (int id = 0; id < vocabulary.Tokens.Count; id++)
            {
                Assert.Equal(vocabulary.Tokens[id], tokenizer.IdToToken(id));
            }

            var random = new Random(8);
            foreach (string text in (string[])["", "How many red circles are there?", "[3,99,40,12] 2026", "ÄÖ 日本 🙂\r\n\t x", Any(random), Any(random)])
            {
                Assert.Equal(text, tokenizer.Decode(tokenizer.EncodeIds(text)));
            }

            int[] marked = tokenizer.EncodeIds("<image>How many?<|end|>", allowSpecial: true);
            Assert.Equal(4, marked[0]);
            Assert.Equal(1, marked[^1]);
            // Digits have tokens of their own, or runs of them have.
            Assert.Equal(splitDigits ? 2 : 1, tokenizer.EncodeIds("40").Length);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public void TheShortTemplateWritesTurnsWithoutAnythingBetween()
    {
        using JsonDocument messages = JsonDocument.Parse("""
            [{"role":"user","content":[{"type":"image"},{"type":"text","text":" How many? "}]},
             {"role":"assistant","content":"3"},{"role":"user","content":"Why?"}]
            """);
        RenderedChat chat = ChatTemplate.Parse(TrainedVocabulary.ShortChatTemplate).Render(
            ChatTemplateInput.FromJson(messages.RootElement) with { AddGenerationPrompt = true });
        Assert.Equal("<|user|><image> How many? <|assistant|>3<|end|><|user|>Why?<|assistant|>", chat.Text);
    }

    [Fact]
    public void WordsOfTheCorpusTakeFewTokens()
    {
        Tokenizer tokenizer = Tokenizer.FromJson(Sample(false).ToTokenizerJson());
        Assert.Equal(3, tokenizer.EncodeIds("How many circles").Length);
    }

    [Fact]
    public void WrongOptionsAreNamed()
    {
        Assert.Contains("no room", Assert.Throws<ArgumentException>(
            () => new BpeTrainer(new BpeTrainerOptions { VocabularySize = 256, ControlTokens = ["<a>"] })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new BpeTrainer(new BpeTrainerOptions { ControlTokens = ["<a>", "<a>"] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BpeTrainer(new BpeTrainerOptions { LeastCount = 0 }));
        Assert.Contains("'<x>'", Assert.Throws<ArgumentException>(() => Sample(false).ToConfigJson(
            new Dictionary<string, string> { ["eos_token"] = "<x>" }, null, 512)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALongTextFillsTheVocabulary()
    {
        var random = new Random(1);
        string[] words = [.. Enumerable.Range(0, 3000).Select(_ => Any(random).Replace(' ', 'x'))];
        var text = new StringBuilder();
        while (text.Length < 4_000_000)
        {
            text.Append(words[(int)(words.Length * Math.Pow(random.NextDouble(), 3))]).Append(' ');
        }

        var trainer = new BpeTrainer(new BpeTrainerOptions { VocabularySize = 2048 });
        string all = text.ToString();
        trainer.Add(all.AsSpan(0, 100_000));
        trainer.Add(all);
        Assert.Equal(2048, trainer.Train().Tokens.Count);
    }

    private static TrainedVocabulary Sample(bool splitDigits)
    {
        var trainer = new BpeTrainer(new BpeTrainerOptions
        {
            VocabularySize = 400,
            ControlTokens = ["<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<image>"],
            SplitDigits = splitDigits,
        });
        for (int i = 0; i < 100; i++)
        {
            trainer.Add($"<image>How many circles are there? {i % 50} [40,{i},40,{i}] red circles, blue stars<|end|>");
        }

        return trainer.Train();
    }

    private static string Any(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)random.Next(' ', '~')));

    /// <summary>The definition as it is said: count all pairs, take the best, join it everywhere.</summary>
    private static List<(string, string)> Naive(Dictionary<string, long> words, int most, long least)
    {
        var tokens = Enumerable.Range(0, 256).Select(b => ByteAlphabet.Letter((byte)b).ToString()).OrderBy(t => t[0]).ToList();
        var split = words.ToDictionary(w => w.Key, w => w.Key.Select(c => tokens.IndexOf(c.ToString())).ToList());
        var merges = new List<(string, string)>();
        while (tokens.Count < 256 + most)
        {
            var counts = new Dictionary<(int, int), long>();
            foreach ((string word, List<int> ids) in split)
            {
                for (int i = 0; i + 1 < ids.Count; i++)
                {
                    counts[(ids[i], ids[i + 1])] = counts.GetValueOrDefault((ids[i], ids[i + 1])) + words[word];
                }
            }

            if (counts.Count == 0 || counts.Values.Max() < least)
            {
                break;
            }

            (int left, int right) = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key.Item1).ThenBy(c => c.Key.Item2).First().Key;
            string joined = tokens[left] + tokens[right];
            int id = tokens.IndexOf(joined);
            if (id < 0)
            {
                id = tokens.Count;
                tokens.Add(joined);
            }

            merges.Add((tokens[left], tokens[right]));
            foreach (List<int> ids in split.Values)
            {
                for (int i = 0; i + 1 < ids.Count; i++)
                {
                    if (ids[i] == left && ids[i + 1] == right)
                    {
                        ids[i] = id;
                        ids.RemoveAt(i + 1);
                    }
                }
            }
        }

        return merges;
    }
}
