using Xunit;

namespace Percept.Evaluation.Tests;

public sealed class TaskTests
{
    /// <summary>What models are asked, word by word: a changed prompt changes scores, and needs another version of the task.</summary>
    [Theory]
    [InlineData("nlvr", "1", "Is this statement about the picture true or false? Q\nAnswer with one word: true or false.")]
    [InlineData("nlvr-boxes", "1, asked as written", "Q")]
    [InlineData("nlvr-lists", "1, asked as written", "Q")]
    [InlineData("mnist", "1", "Which digit is in the picture? Answer with one digit.")]
    [InlineData("fashion-mnist", "1", "Which of these is in the picture: T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot? Answer with its name only.")]
    [InlineData("garments", "1", "Q")]
    [InlineData("exact", "1", "Q")]
    [InlineData("vqa", "1", "Q\nAnswer the question using a single word or phrase.")]
    [InlineData("choice", "1", "Q\nA. one\nB. two\nAnswer with the option's letter from the given choices directly.")]
    [InlineData("pope", "1", "Q\nAnswer the question using a single word or phrase.")]
    [InlineData("counting", "1", "Q\nAnswer with a number.")]
    [InlineData("grounding", "1", "Provide the bounding box coordinate of the region this sentence describes: Q")]
    [InlineData("scene-captions", "1", "Q")]
    [InlineData("caption", "1", "Q")]
    public void Prompts(string name, string version, string prompt)
    {
        IEvaluationTask task = Make(name, new EvaluationSample { Id = "1", Question = "Q", Options = ["one", "two"], References = ["1"] });
        Assert.Equal((name, version), (task.Name, task.Version));
        Assert.Equal(prompt, task.Prompt(task.Data.Samples[0]));
        Assert.InRange(task.MaxAnswerTokens, 1, 192);
        Assert.True(task.Convention.Length > 20);
    }

    [Fact]
    public void EveryTaskHasItsPromptAbove() => Assert.Equal(
        typeof(TaskTests).GetMethod(nameof(Prompts))!.GetCustomAttributes(false).OfType<InlineDataAttribute>().Select(line => (string)line.Data[0]!),
        EvaluationTasks.All.Select(task => task.Key));

    [Fact]
    public void AnUnknownTaskListsTheKnownOnes() => Assert.Contains(
        "nlvr, nlvr-boxes, nlvr-lists, mnist", Assert.Throws<ArgumentException>(() => EvaluationTasks.Open("nvlr", "x")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task GeneratedDatasetsAreAskedAsTheyAreWritten()
    {
        IEvaluationTask task = EvaluationTasks.Open("exact", "generated:scenes-vqa?seed=3&count=40&side=64&split=test");
        Assert.Equal("1, asked as written", task.Version);
        EvaluationSample first = task.Data.Samples[0];
        Assert.Equal(first.Question, task.Prompt(first));
        EvaluationResult result = await new EvaluationRunner(
            task, new ScriptedAnswerer(question => task.Data.Samples.First(sample => sample.Question == question.Text).References[0], "knows")).RunAsync();
        Assert.InRange(result.Metrics[0].Value, 0.5, 1);
        Assert.Equal(
            task.Data.Samples.Select(sample => sample.Category).Distinct().Order(), result.Categories.Select(metric => metric.Name).Order());

        // Of questions about boxes only those that ask for one can be scored by overlap.
        IEvaluationTask boxes = EvaluationTasks.Open("grounding", "generated:scenes-box?seed=3&count=40&side=64&split=test");
        Assert.InRange(boxes.Data.Samples.Count, 15, 39);
        Assert.All(boxes.Data.Samples, sample => Assert.StartsWith("[", sample.References[0], StringComparison.Ordinal));
        Assert.Contains(
            "&split=test", Assert.Throws<ArgumentException>(() => EvaluationTasks.Open("exact", "generated:words", "test")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThingsThatAreNotInASceneAreCounted()
    {
        EvaluationSample Scene(int number) => new()
        {
            Id = $"{number}", Question = "Q", References = ["A red circle and two blue stars."],
            Objects = ["red circle", "circle", "blue star", "star"],
        };
        string[] answers = ["A red circle and two blue stars.", "A red circle, a green heart and a star.", "Two red stars."];
        EvaluationResult result = await Run("scene-captions", [Scene(0), Scene(1), Scene(2)], i => answers[i]);
        EvaluationMetric captions = result.Metrics.Single(metric => metric.Name.StartsWith("CHAIRs", StringComparison.Ordinal));
        EvaluationMetric mentions = result.Metrics.Single(metric => metric.Name.StartsWith("CHAIRi", StringComparison.Ordinal));
        Assert.Equal(2.0 / 3, captions.Value, 1e-12);

        // Of six mentions the green heart and the red stars are not there.
        Assert.Equal((2.0 / 6, 6), (mentions.Value, mentions.Count));
    }

    [Fact]
    public async Task CaptionsThatAreNotThereMakeNothingUp()
    {
        EvaluationSample Scene(int number) => new()
        {
            Id = $"{number}", Question = "Q", References = ["A red circle."], Objects = ["red circle", "circle"],
        };
        string[] answers = ["A red circle.", "A green heart.", "", " "];
        EvaluationResult result = await Run("scene-captions", [Scene(0), Scene(1), Scene(2), Scene(3)], i => answers[i]);
        EvaluationMetric captions = result.Metrics.Single(metric => metric.Name.StartsWith("CHAIRs", StringComparison.Ordinal));
        Assert.Equal((0.5, 2), (captions.Value, captions.Count));
    }

    [Fact]
    public async Task CountsAndTheirErrors()
    {
        string[] answers = ["3", "about five", "many"];
        EvaluationResult result = await Run("counting", ["3", "7", "2"], i => answers[i]);
        Assert.Equal(1.0 / 3, result.Metrics[0].Value, 1e-12);
        Assert.Equal((1.0, 2), (result.Metrics[1].Value, result.Metrics[1].Count));
    }

    [Fact]
    public async Task BoxesCountFromHalfAnOverlap()
    {
        string[] answers = ["[0.0, 0.0, 0.5, 1.0]", "[0.0,0.0,0.3,1.0]", "left"];
        EvaluationResult result = await Run("grounding", ["[0,0,1,1]", "[0,0,1,1]", "[0,0,1,1]"], i => answers[i]);
        Assert.Equal(1.0 / 3, result.Metrics[0].Value, 1e-12);
        Assert.Equal(0.8 / 3, result.Metrics[1].Value, 1e-12);
        Assert.Equal(2.0 / 3, result.Metrics[2].Value, 1e-12);
        Assert.Equal(1, result.Counts.Unread);
    }

    [Fact]
    public async Task YesAndNoOfPope()
    {
        string[] answers = ["Yes.", "No", "yes", ""];
        EvaluationResult result = await Run("pope", ["yes", "yes", "no", "yes"], i => answers[i]);
        Assert.Equal(
            [0.5, 2.0 / 3, 2.0 / 3, 2.0 / 3, 0.75], result.Metrics.Select(metric => Math.Round(metric.Value, 12)), new Close());
        Assert.Equal(1, result.Counts.Empty);
    }

    [Fact]
    public async Task CaptionsHaveAllScoresAndThoseOfObjectsWhereTheyAreKnown()
    {
        string[] captions = ["A dog on a bench.", "Two cats on a sofa"];
        EvaluationSample[] samples =
        [
            new() { Id = "0", References = ["A dog on a bench."], Objects = ["dog", "bench"] },
            new() { Id = "1", References = ["A man at a table."], Objects = ["person", "dining table"] },
        ];
        EvaluationResult result = await Run("caption", samples, i => captions[i]);
        Assert.Equal(
            ["CIDEr-D", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L"], result.Metrics.Take(6).Select(metric => metric.Name));
        Assert.Equal(0.5, result.Metrics[6].Value);
        Assert.Equal((0.5, 4), (result.Metrics[7].Value, result.Metrics[7].Count));
        Assert.Equal(1, result.Rows[0].Score, 1e-12);
    }

    private static IEvaluationTask Make(string name, params EvaluationSample[] samples) =>
        EvaluationTasks.Make(name, new EvaluationData("data", "hash", samples));

    private static Task<EvaluationResult> Run(string name, string[] references, Func<int, string> answer) => Run(
        name, [.. references.Select((reference, i) => new EvaluationSample { Id = $"{i}", Question = "Q", References = [reference] })], answer);

    private static Task<EvaluationResult> Run(string name, EvaluationSample[] samples, Func<int, string> answer)
    {
        int number = 0;
        return new EvaluationRunner(Make(name, samples), new ScriptedAnswerer(_ => answer(number++), together: 1)).RunAsync();
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-9;

        public int GetHashCode(double value) => 0;
    }
}
