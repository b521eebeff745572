using System.Text;
using System.Text.Json;
using Xunit;

namespace Percept.Evaluation.Tests;

public sealed class ModelComparisonTests
{
    [Fact]
    public async Task PairsAreComparedQuestionByQuestion()
    {
        EvaluationResult[] runs =
        [
            await Run("a", i => i < 40 ? "yes" : "no"), await Run("b", i => i < 30 || i >= 90 ? "yes" : "no"), await Run("c", _ => ""),
        ];
        ModelComparison comparison = ModelComparison.Of(runs);
        Assert.Equal(3, comparison.Pairs.Count);
        ModelPair pair = comparison.Pairs[0];
        Assert.Equal(("a", "b", 80, 10, 10, 100), (pair.First, pair.Second, pair.Agreeing, pair.FirstBetter, pair.SecondBetter, pair.Count));
        Assert.Equal(0, pair.Difference, 1e-12);
        Assert.Equal(1, pair.Chance!.Value, 1e-12);
        Assert.InRange(pair.Low, -0.12, -0.06);
        Assert.InRange(pair.High, 0.06, 0.12);
        ModelPair clear = comparison.Pairs[1];
        Assert.Equal((0, 40, 0), (clear.Agreeing, clear.FirstBetter, clear.SecondBetter));
        Assert.True(clear.Low > 0.25 && clear.Chance < 1e-9);
        string html = comparison.Html().ToHtml();
        Assert.Contains("<td>a</td><td>b</td><td class=\"n\">80.0 %</td>", html, StringComparison.Ordinal);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            comparison.WriteJson(json);
        }

        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(stream.ToArray()));
        Assert.Equal(10, document.RootElement.GetProperty("pairs")[0].GetProperty("first_better").GetInt32());
    }

    [Theory]
    [InlineData("vqa", "difference of accuracy", "dog", "two cats")]
    [InlineData("grounding", "difference of mean IoU", "[0,0,1,1]", "[0,0,0.5,1]")]
    [InlineData("caption", "difference of ROUGE-L", "a dog on a bench", "two cats near a sofa")]
    public async Task DifferencesSayWhatTheyAreOf(string name, string column, params string[] answers)
    {
        EvaluationSample[] samples = [.. answers.Select((answer, i) => new EvaluationSample { Id = $"{i}", Question = "Q", References = [answer] })];
        IEvaluationTask task = EvaluationTasks.Make(name, new EvaluationData("data", "hash", samples));
        EvaluationResult[] runs =
        [
            await new EvaluationRunner(task, new ScriptedAnswerer(_ => answers[0], "a")).RunAsync(),
            await new EvaluationRunner(task, new ScriptedAnswerer(_ => answers[1], "b")).RunAsync(),
        ];
        Assert.Contains(column, ModelComparison.Of(runs).PairTable().Columns.Select(one => one.Name));
    }

    [Fact]
    public async Task WhatWasNotAskedTheSameIsNotCompared()
    {
        EvaluationResult first = await Run("a", _ => "yes");
        Assert.Contains("two or more", Assert.Throws<ArgumentException>(() => ModelComparison.Of([first])).Message, StringComparison.Ordinal);
        EvaluationResult other = await Run("b", _ => "yes", hash: "other");
        Assert.Contains("are not the same", Assert.Throws<ArgumentException>(() => ModelComparison.Of([first, other])).Message, StringComparison.Ordinal);
        Assert.Contains("Two models", Assert.Throws<ArgumentException>(() => ModelComparison.Of([first, first])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneQuestionIsPutToSeveral()
    {
        QuestionComparison asked = QuestionComparison.Of("What is it?", [], 20);
        await asked.Add(new ScriptedAnswerer(_ => "A cat.", "a"));
        await asked.Add(new ScriptedAnswerer(_ => "the cat", "b"));
        Assert.Equal("all answers are the same", asked.Agreement());
        await asked.Add(new ScriptedAnswerer(_ => "dog", "c"));
        Assert.Equal("the same answer: a, b", asked.Agreement());
        using var folder = new TestFolder();
        asked.Save(folder.File("out"));
        Assert.Contains("<td>the cat</td>", File.ReadAllText(Path.Combine(folder.File("out"), "report.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(50.25, "x: 50.2")]
    [InlineData(50.75, "x: 50.8")]
    [InlineData(0.15, "x: 0.1")]
    [InlineData(0.05, "x: 0.1")]
    [InlineData(99.95, "x: 100.0")]
    [InlineData(44.455999999999996, "x: 44.5")]
    public void SummariesRoundTheBinaryValue(double score, string line) => Assert.Equal(
        line, new BenchmarkScores("x", [KeyValuePair.Create("only", score)]).Summary().Split('\n')[0]);

    private static Task<EvaluationResult> Run(string name, Func<int, string> answer, string hash = "hash")
    {
        EvaluationSample[] samples =
            [.. Enumerable.Range(0, 100).Select(i => new EvaluationSample { Id = $"{i}", Question = $"{i}?", References = ["yes"] })];
        return new EvaluationRunner(
            new VqaTask(new EvaluationData("data", hash, samples)),
            new ScriptedAnswerer(question => answer(int.Parse(question.Text.Split('?')[0])), name)).RunAsync();
    }
}
