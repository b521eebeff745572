using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Percept.Data.Tests.Scenes;

/// <summary>Several questions on one picture: each is checked against the scene by a reader of its own.</summary>
public partial class MoreQuestionsTests
{
    private static readonly string[] s_kinds =
    [
        @"^How many (?<x>.+) are there\?$", @"^Count the (?<x>.+)\.$", @"^What is the number of (?<x>.+)\?$",
    ];

    [Theory]
    [InlineData(2, 8)]
    [InlineData(6, 12)]
    public void EveryAnswerFollowsFromThePicture(int things, int questions)
    {
        SceneTask[] tasks = [SceneTask.Count, SceneTask.Color, SceneTask.Shape, SceneTask.Size, SceneTask.Existence, SceneTask.YesNo, SceneTask.Comparison, SceneTask.Which];
        var data = new SceneDataset(31, 400, tasks, new SceneOptions { Side = 100, MostThings = things, Questions = questions });
        int asked = 0, yes = 0, no = 0;
        var forms = new HashSet<string>();
        for (int i = 0; i < data.Count; i++)
        {
            SceneSample sample = data.Sample(i);
            Assert.Equal(sample.Turns.Count, sample.Turns.Select(turn => turn.Question).Distinct().Count());
            Assert.InRange(sample.Turns.Count, 1, questions);
            asked += sample.Turns.Count;
            foreach (SceneTurn turn in sample.Turns)
            {
                (string form, string expected) = Answer(sample.Scenes[0], turn.Question);
                forms.Add(form);
                Assert.True(expected == turn.Answer, $"{sample.Scenes[0]}: {turn} should be '{expected}'.");
                yes += turn.Answer == "yes" ? 1 : 0;
                no += turn.Answer == "no" ? 1 : 0;
            }

            Assert.Equal(2 * sample.Turns.Count, data[i].Messages.Count);
        }

        Assert.True(asked > 0.9 * questions * data.Count, $"{asked} of {questions * data.Count} questions");
        Assert.InRange((double)yes / (yes + no), 0.4, 0.6);
        Assert.Equal(8, forms.Count);
    }

    [Fact]
    public void WithoutTheOptionSamplesStayAsTheyWere()
    {
        var one = new SceneDataset(7, 50);
        var more = new SceneDataset(7, 50, null, new SceneOptions { Questions = 4 });
        for (int i = 0; i < one.Count; i++)
        {
            SceneSample few = one.Sample(i), many = more.Sample(i);
            Assert.Equal(few.Turns[0], many.Turns[0]);
            Assert.Equal(few.Scenes[0].Objects, many.Scenes[0].Objects);
            if (few.Task is SceneTask.Pictures or SceneTask.Dialogue)
            {
                Assert.Equal(few.Turns, many.Turns);
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new SceneDataset(1, 1, null, new SceneOptions { Questions = 17 }));
    }

    [Fact]
    public void ShortQuestionsOnNlvrFollowFromTheBoxes()
    {
        var data = new NlvrStatementDataset(5, 300, SceneSplit.Train, new NlvrSampleOptions { Questions = 6, BoxesApart = true });
        var forms = new HashSet<string>();
        int checkedAnswers = 0;
        for (int i = 0; i < data.Count; i++)
        {
            NlvrScene scene = data.AllAt(i).Scene;
            IReadOnlyList<DataMessage> messages = data[i].Messages;
            Assert.InRange(messages.Count, 4, 14);
            for (int m = 2; m < messages.Count; m += 2)
            {
                if (NlvrAnswer(scene, messages[m].Text) is (string form, string expected))
                {
                    forms.Add(form);
                    checkedAnswers++;
                    Assert.True(expected == messages[m + 1].Text, $"{messages[m].Text} {messages[m + 1].Text}, should be {expected}");
                }
            }

            Assert.Equal(messages.Select(x => x.Text), data[i].Messages.Select(x => x.Text));
        }

        Assert.True(checkedAnswers > 1000, $"{checkedAnswers}");
        Assert.Equal(7, forms.Count);
    }

    private static (string Form, string Answer)? NlvrAnswer(NlvrScene scene, string question)
    {
        if (InBox().Match(question) is { Success: true } inBox)
        {
            IReadOnlyList<NlvrItem> box = scene.Boxes[Place(inBox)];
            Func<NlvrItem, bool> fits = Fits(inBox.Groups["x"].Value);
            return ("in box", Text(box.Count(fits)));
        }

        if (Touching().Match(question) is { Success: true } touching)
        {
            Func<NlvrItem, bool> fits = Fits(touching.Groups["x"].Value);
            return ("touch", Text(scene.Boxes[Place(touching)].Count(i => fits(i) && Math.Min(Math.Min(i.X, i.Y), Math.Min(100 - i.X - i.Size, 100 - i.Y - i.Size)) == 0)));
        }

        if (InAll().Match(question) is { Success: true } all)
        {
            return ("all", Text(scene.Items.Count(Fits(all.Groups["x"].Value))));
        }

        if (InEach().Match(question) is { Success: true } each)
        {
            Func<NlvrItem, bool> fits = Fits(each.Groups["x"].Value);
            return ("each", scene.Boxes.All(box => box.Any(fits)) ? "yes" : "no");
        }

        if (BlocksOf().Match(question) is { Success: true } blocks)
        {
            string color = blocks.Groups["c"].Value.Trim();
            return ("blocks", Text(scene.Boxes[Place(blocks)].Count(i => color.Length == 0 || Color(i) == color)));
        }

        if (End().Match(question) is { Success: true } end)
        {
            IEnumerable<NlvrItem> order = scene.Boxes[Place(end)].OrderBy(i => i.Y);
            return ("end", Color(end.Groups["w"].Value == "top" ? order.First() : order.Last()));
        }

        if (Level().Match(question) is { Success: true } level)
        {
            return ("level", Color(scene.Boxes[Place(level)].OrderByDescending(i => i.Y).ElementAt(int.Parse(level.Groups["n"].Value, CultureInfo.InvariantCulture) - 1)));
        }

        return null;
    }

    private static int Place(Match match) => Array.IndexOf(["first", "second", "third"], match.Groups["o"].Value);

    private static string Color(NlvrItem item) => item.Color.ToString().ToLowerInvariant();

    private static Func<NlvrItem, bool> Fits(string phrase)
    {
        string[] words = phrase.Split(' ');
        return item => words.All(word => word switch
        {
            "small" => item.Size == 10,
            "medium" => item.Size == 20,
            "big" => item.Size == 30,
            "black" or "blue" or "yellow" => Color(item) == word,
            "item" or "items" => true,
            _ => item.Shape.ToString().Equals(word.TrimEnd('s'), StringComparison.OrdinalIgnoreCase),
        });
    }

    private static (string Form, string Answer) Answer(Scene scene, string question)
    {
        foreach (string kind in s_kinds)
        {
            if (Regex.Match(question, kind) is { Success: true } count)
            {
                return ("count", Text(Find(scene, count.Groups["x"].Value).Count()));
            }
        }

        if (Exists().Match(question) is { Success: true } exists)
        {
            return ("exists", Find(scene, exists.Groups["x"].Value).Any() ? "yes" : "no");
        }

        if (Attribute().Match(question) is { Success: true } attribute)
        {
            SceneObject thing = Find(scene, attribute.Groups["x"].Value).Single();
            return attribute.Groups["a"].Value == "colour"
                ? ("colour", thing.Color.ToString().ToLowerInvariant()) : ("shape", thing.Shape.ToString().ToLowerInvariant());
        }

        if (Size().Match(question) is { Success: true } size)
        {
            return ("size", Find(scene, size.Groups["x"].Value).Single().Size.ToString().ToLowerInvariant());
        }

        if (Compared().Match(question) is { Success: true } compared)
        {
            int difference = Find(scene, compared.Groups["x"].Value).Count() - Find(scene, compared.Groups["y"].Value).Count();
            return ("compared", difference switch { > 0 => "more", < 0 => "fewer", _ => "as many" });
        }

        if (question.StartsWith("Which", StringComparison.Ordinal))
        {
            return ("which", Which(scene, question));
        }

        Match claim = Claim().Match(question);
        Assert.True(claim.Success, question);
        SceneObject named = Find(scene, claim.Groups["x"].Value).Single();
        return ("claim", Find(scene with { Objects = [named] }, claim.Groups["y"].Value).Any() ? "yes" : "no");
    }

    private static string Which(Scene scene, string question)
    {
        string[] words = question.TrimEnd('?').Split(' ');
        IEnumerable<SceneObject> things = question switch
        {
            "Which colours do the things have?" or "Which shapes are there?" => scene.Objects,
            _ when words[1] == "things" => Find(scene, words[^1]),
            _ => Find(scene, words[^2]),
        };
        string[] parts = words[1] switch
        {
            "colours" => [.. things.Select(o => o.Color).Distinct().Order().Select(c => c.ToString().ToLowerInvariant())],
            "shapes" => [.. things.Select(o => o.Shape).Distinct().Order().Select(s => s.ToString().ToLowerInvariant())],
            _ => [.. things.GroupBy(o => o.Shape).OrderBy(g => g.Key).Select(g => SceneVocabulary.Counted(g.Count(), new SceneFilter(Shape: g.Key)))],
        };
        return parts.Length == 0 ? "none" : SceneVocabulary.List(parts);
    }

    private static IEnumerable<SceneObject> Find(Scene scene, string phrase)
    {
        string[] words = phrase.Split(' ');
        return scene.Objects.Where(o => words.All(word => word switch
        {
            "a" or "an" or "thing" or "things" => true,
            "small" or "large" => o.Size.ToString().Equals(word, StringComparison.OrdinalIgnoreCase),
            "crosses" => o.Shape == SceneShape.Cross,
            _ when SceneVocabulary.Colors.Contains(word) => o.Color.ToString().Equals(word, StringComparison.OrdinalIgnoreCase),
            _ => o.Shape.ToString().Equals(word is "cross" ? word : word.TrimEnd('s'), StringComparison.OrdinalIgnoreCase),
        }));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(Is there|Can you see|Does the picture show) an? (?<x>.+)\?$")]
    private static partial Regex Exists();

    [GeneratedRegex(@"^What (?<a>colour|shape) is the (?<x>.+)\?$|^What is the (?<a>colour|shape) of the (?<x>.+)\?$")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^Is the (?<x>.+) small or large\?$|^How big is the (?<x>.+)\?$")]
    private static partial Regex Size();

    [GeneratedRegex(@"^Are there more, fewer or as many (?<x>.+) as (?<y>.+)\?$")]
    private static partial Regex Compared();

    [GeneratedRegex(@"^Is the (?<x>(?:(?:red|green|blue|yellow|purple|orange|pink|black|white) )?(?:thing|circle|square|triangle|star|diamond|cross|heart|ring)) (?<y>.+)\?$")]
    private static partial Regex Claim();

    [GeneratedRegex(@"^How many (?<x>.+) are in the (?<o>first|second|third) box\?$")]
    private static partial Regex InBox();

    [GeneratedRegex(@"^How many (?<x>.+) touch a wall in the (?<o>first|second|third) box\?$")]
    private static partial Regex Touching();

    [GeneratedRegex(@"^How many (?<x>.+) are there in all boxes\?$")]
    private static partial Regex InAll();

    [GeneratedRegex(@"^Is there an? (?<x>.+) in each box\?$")]
    private static partial Regex InEach();

    [GeneratedRegex(@"^How many (?<c>(?:black |blue |yellow )?)blocks has the (?<o>first|second|third) tower\?$")]
    private static partial Regex BlocksOf();

    [GeneratedRegex(@"^What colour is the (?<w>top|base) of the (?<o>first|second|third) tower\?$")]
    private static partial Regex End();

    [GeneratedRegex(@"^What colour is block (?<n>\d) of the (?<o>first|second|third) tower from the ground\?$")]
    private static partial Regex Level();
}
