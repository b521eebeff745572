using Xunit;

namespace Percept.Evaluation.Tests;

public sealed class AnswerParserTests
{
    [Theory]
    [InlineData("True", true)]
    [InlineData("true.", true)]
    [InlineData("The statement is false.", false)]
    [InlineData("Yes, that is not false.", true)]
    [InlineData("It is not true.", false)]
    [InlineData("It isn't false", true)]
    [InlineData("It isn’t true.", false)]
    [InlineData("No.", false)]
    [InlineData("true or false", true)]
    [InlineData("It could be true or false.", null)]
    [InlineData("truely", null)]
    [InlineData("", null)]
    [InlineData("maybe", null)]
    public void YesAndNo(string answer, bool? meaning) => Assert.Equal(meaning, YesNoAnswer.Parse(answer));

    [Theory]
    [InlineData("3", 3.0)]
    [InlineData("There are three dogs and 2 cats.", 3.0)]
    [InlineData("Twenty-one", 21.0)]
    [InlineData("seventy", 70.0)]
    [InlineData("1,250 people", 1250.0)]
    [InlineData("-4.5 degrees", -4.5)]
    [InlineData("None.", 0.0)]
    [InlineData("No cats.", 0.0)]
    [InlineData("The answer is 7.", 7.0)]
    [InlineData("MP3 file", null)]
    [InlineData("", null)]
    [InlineData("many", null)]
    public void Numbers(string answer, double? number) => Assert.Equal(number, NumberAnswer.Parse(answer));

    [Theory]
    [InlineData("B", 'B')]
    [InlineData("b", 'B')]
    [InlineData("(C)", 'C')]
    [InlineData("B. A blue truck", 'B')]
    [InlineData("The answer is D", 'D')]
    [InlineData("Answer: B", 'B')]
    [InlineData("The answer is a blue truck", 'B')]
    [InlineData("A blue truck", 'B')]
    [InlineData("A", 'A')]
    [InlineData("Either A or B", null)]
    [InlineData("E", null)]
    [InlineData("", null)]
    [InlineData("I see an empty street here", 'D')]
    public void Letters(string answer, char? letter) =>
        Assert.Equal(letter, ChoiceAnswer.Parse(answer, ["A red car", "A blue truck", "Two bicycles", "An empty street"]));

    [Theory]
    [InlineData("T-shirt", "T-shirt")]
    [InlineData("It is a t shirt.", "T-shirt")]
    [InlineData("A shirt", "shirt")]
    [InlineData("Ankle boots", "ankle boot")]
    [InlineData("dresses", "dress")]
    [InlineData("a shirt or a coat", null)]
    [InlineData("undressed", null)]
    [InlineData("", null)]
    public void Classes(string answer, string? name) => Assert.Equal(name, ClassAnswer.Parse(answer, ClassTask.Clothes));

    [Theory]
    [InlineData("The Answer, is TWO!", "answer is 2")]
    [InlineData("dont know\n", "don't know")]
    [InlineData("3.5", "3.5")]
    [InlineData("couldnt've", "couldn't've")]
    [InlineData("10:30", "10:30")]
    [InlineData("a", "")]
    public void Spelling(string answer, string normal) => Assert.Equal(normal, AnswerText.Normalize(answer));

    [Fact]
    public void FewReferencesNeedOneThatAgrees()
    {
        Assert.Equal(1, VqaAccuracy.Score("The cat.", ["cat"]));
        Assert.Equal(0, VqaAccuracy.Score("dog", ["cat", "kitten"]));
        Assert.Equal(0.6, VqaAccuracy.Score("two", ["2", "2", "3", "3", "3", "3", "3", "3", "3", "3"]), 1e-12);
        Assert.Throws<ArgumentException>(() => VqaAccuracy.Score("cat", []));
    }

    [Fact]
    public void CaptionsAreSplitIntoWords() => Assert.Equal(
        ["a", "man", "'s", "t-shirt", "does", "n't", "cost", "$", "3.50", "today"],
        CaptionTokens.Split("A man's T-shirt doesn’t cost $3.50, today!"));

    [Fact]
    public void ChairCountsWhatIsNotThere()
    {
        ChairScore score = ChairObjects.Coco.Score(
            "Two dogs and a teddy bear sit on the toilet seat beside a wine glass near people",
            ["A puppy next to a toilet"], ["person"]);
        Assert.Equal(["dog", "teddy bear", "toilet", "wine glass", "person"], ChairObjects.Coco.Mentions(
            "Two dogs and a teddy bear sit on the toilet seat beside a wine glass near people"));
        Assert.Equal(5, score.Mentioned);
        Assert.Equal(["teddy bear", "wine glass"], score.Invented);
    }

    [Fact]
    public void ChairReadsThePublishedListOfObjects()
    {
        Assert.SkipWhen(ScoringGoldens.SharedData is null, "The shared data is not here.");
        ChairObjects objects = ChairObjects.Load(Path.Combine(ScoringGoldens.SharedData!, "bench", "chair", "synonyms.txt"));
        Assert.Equal(["person", "bicycle"], objects.Mentions("A policeman rides a unicycle."));
    }
}
