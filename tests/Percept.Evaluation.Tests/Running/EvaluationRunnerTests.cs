using System.Text.Json;
using Percept.Data;
using Percept.Media;
using Xunit;

namespace Percept.Evaluation.Tests;

public sealed class EvaluationRunnerTests
{
    [Fact]
    public async Task EveryPictureIsAskedAndStatementsCountOnlyAsAWhole()
    {
        using var folder = new TestFolder();
        IEvaluationTask task = EvaluationTasks.Open("nlvr", TinyNlvr.Write(folder.Path));
        var model = new ScriptedAnswerer(question => question.Text.Contains("empty") ? "False." : "true");
        EvaluationResult result = await new EvaluationRunner(task, model).RunAsync();
        Assert.Equal(18, result.Rows.Count);
        Assert.Equal(18, model.Asked.Count);
        Assert.Equal(12.0 / 18, result.Metrics[0].Value, 1e-12);

        // Statement 12 is right for one of its layouts only, so that one of two statements is consistent.
        Assert.Equal(0.5, result.Metrics[1].Value);
        Assert.Equal(new EvaluationCounts(18, 18, 0, 0, 0, 0), result.Counts);
        Assert.InRange(result.Metrics[0].Low!.Value, 0.4, 0.7);
    }

    /// <summary>Layout 12-0 is true, 12-1 and 7-0 are false; each is asked in six orders, of which some have the wrong answer.</summary>
    [Theory]
    [InlineData("ttttff", "ttfttt", "ffffff", 2)]
    [InlineData("tttfff", "fffttt", "tfffff", 3)]
    [InlineData("ffftt?", "tttfff", "??????", 0)]
    [InlineData("tt????", "?f????", "tfffff", 3)]
    public async Task TheOrdersOfALayoutVote(string first, string second, string third, int right)
    {
        using var folder = new TestFolder();
        IEvaluationTask task = EvaluationTasks.Open("nlvr", TinyNlvr.Write(folder.Path));
        string said = first + second + third;
        int number = 0;
        var model = new ScriptedAnswerer(_ => said[number++] switch { 't' => "true", 'f' => "false", _ => "purple" }, together: 1);
        EvaluationResult result = await new EvaluationRunner(task, model).RunAsync();
        EvaluationMetric vote = Assert.Single(result.Metrics, metric => metric.Name == "precision by vote");
        Assert.Equal(3, vote.Count);
        Assert.Equal(right / 3.0, vote.Value, 1e-12);
    }

    [Fact]
    public async Task AllWrongIsNotCertainlyAllWrong()
    {
        using var folder = new TestFolder();
        IEvaluationTask task = EvaluationTasks.Open("nlvr", TinyNlvr.Write(folder.Path));
        EvaluationResult result = await new EvaluationRunner(task, new ScriptedAnswerer(_ => "purple")).RunAsync();
        Assert.Equal(0, result.Metrics[0].Value);

        // Two statements are two cases, not eighteen.
        Assert.Equal(Intervals.Wilson(0, 2), (result.Metrics[0].Low!.Value, result.Metrics[0].High!.Value));
    }

    [Fact]
    public async Task WhatIsEmptyUnclearOrFailedCounts()
    {
        using var folder = new TestFolder();
        IEvaluationTask task = EvaluationTasks.Open("nlvr", TinyNlvr.Write(folder.Path));
        int number = 0;
        var model = new ScriptedAnswerer(
            _ => ++number switch
            {
                1 => "", 2 => "  ", 3 => "purple", 4 => throw new NotSupportedException("no such picture"),
                5 => "true, since there is one in the box that stands in the middle", _ => "true",
            },
            together: 1);
        EvaluationResult result = await new EvaluationRunner(task, model).RunAsync();
        Assert.Equal(new EvaluationCounts(18, 14, 1, 2, 1, 1), result.Counts);
        EvaluationRow failed = Assert.Single(result.Rows, row => row.Error is not null);
        Assert.Equal("NotSupportedException: no such picture", failed.Error);
        Assert.Equal(0, failed.Score);
        Assert.Equal(2.0 / 18, result.Metrics[0].Value, 1e-12);
    }

    [Fact]
    public async Task AStoppedRunContinuesToTheSameReport()
    {
        using var folder = new TestFolder();
        IEvaluationTask task = EvaluationTasks.Open("nlvr", TinyNlvr.Write(folder.File("data")));
        static string Answer(EvaluationQuestion question) => question.Media[0].Name.EndsWith("3.png") ? "false" : "true";
        await new EvaluationRunner(task, new ScriptedAnswerer(Answer)).RunAsync(folder.File("whole"));

        using var stop = new CancellationTokenSource();
        int number = 0;
        var stopping = new ScriptedAnswerer(
            question =>
            {
                if (++number == 8)
                {
                    stop.Cancel();
                }

                return Answer(question);
            },
            together: 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new EvaluationRunner(task, stopping).RunAsync(folder.File("parts"), cancellation: stop.Token));
        string rows = Path.Combine(folder.File("parts"), "rows.jsonl");
        int kept = File.ReadAllLines(rows).Length;
        Assert.InRange(kept, 7, 8);

        // The process may end in the middle of a line.
        File.AppendAllText(rows, "{\"id\":\"7-0-");
        var rest = new ScriptedAnswerer(Answer);
        EvaluationResult result = await new EvaluationRunner(task, rest).RunAsync(folder.File("parts"));
        Assert.Equal(kept, result.Continued);
        Assert.Equal(18 - kept, rest.Asked.Count);
        foreach (string file in new[] { "report.json", "report.html", "settings.json" })
        {
            Assert.Equal(
                File.ReadAllText(Path.Combine(folder.File("whole"), file)), File.ReadAllText(Path.Combine(folder.File("parts"), file)));
        }

        Assert.Equal(18, File.ReadAllLines(rows).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task OtherSettingsOtherDataAndOtherPromptsAreRefused()
    {
        using var folder = new TestFolder();
        string data = TinyNlvr.Write(folder.File("data"));
        string results = folder.File("results");
        IEvaluationTask task = EvaluationTasks.Open("nlvr", data);
        await new EvaluationRunner(task, new ScriptedAnswerer(_ => "true", "first")).RunAsync(results);
        InvalidOperationException model = await Assert.ThrowsAsync<InvalidOperationException>(
            () => new EvaluationRunner(task, new ScriptedAnswerer(_ => "true", "second")).RunAsync(results));
        Assert.Contains("model was 'first' and is 'second'", model.Message, StringComparison.Ordinal);

        File.AppendAllText(Path.Combine(data, "dev.jsonl"), "\n");
        InvalidOperationException changed = await Assert.ThrowsAsync<InvalidOperationException>(
            () => new EvaluationRunner(EvaluationTasks.Open("nlvr", data), new ScriptedAnswerer(_ => "true", "first")).RunAsync(results));
        Assert.Contains("data_sha256 was", changed.Message, StringComparison.Ordinal);

        string rows = Path.Combine(results, "rows.jsonl");
        File.WriteAllText(rows, File.ReadAllText(rows).Replace("\"prompt_sha256\":\"", "\"prompt_sha256\":\"0"));
        InvalidOperationException asked = await Assert.ThrowsAsync<InvalidOperationException>(
            () => new EvaluationRunner(task, new ScriptedAnswerer(_ => "true", "first")).RunAsync(results));
        Assert.Contains("was asked otherwise", asked.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailedQuestionsAreAskedAgainAndNothingButErrorsEndsTheRun()
    {
        using var folder = new TestFolder();
        IEvaluationTask task = EvaluationTasks.Open("nlvr", TinyNlvr.Write(folder.File("data")));
        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(() => new EvaluationRunner(
            task, new ScriptedAnswerer(_ => throw new HttpRequestException("refused"), "m", together: 1)).RunAsync(folder.File("out")));
        Assert.Contains("16 questions in a row", error.Message, StringComparison.Ordinal);
        Assert.Contains("refused", error.Message, StringComparison.Ordinal);
        var working = new ScriptedAnswerer(_ => "true", "m");
        EvaluationResult result = await new EvaluationRunner(task, working).RunAsync(folder.File("out"));
        Assert.Equal((0, 18, 0), (result.Continued, working.Asked.Count, result.Counts.Failed));
    }

    [Fact]
    public async Task TheReportTellsHowItWasAsked()
    {
        using var folder = new TestFolder();
        IEvaluationTask task = EvaluationTasks.Open("nlvr", TinyNlvr.Write(folder.File("data")));
        await new EvaluationRunner(task, new ScriptedAnswerer(_ => "<b>true</b>")).RunAsync(folder.File("out"));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.File("out"), "report.json")));
        JsonElement settings = json.RootElement.GetProperty("settings");
        Assert.Equal(task.Data.Hash, settings.GetProperty("data_sha256").GetString());
        Assert.Equal("8", settings.GetProperty("max_answer_tokens").GetString());
        Assert.Equal("precision", json.RootElement.GetProperty("metrics")[0].GetProperty("name").GetString());
        Assert.Equal(18, json.RootElement.GetProperty("counts").GetProperty("asked").GetInt32());
        string html = File.ReadAllText(Path.Combine(folder.File("out"), "report.html"));
        Assert.Contains("Is this statement about the picture true or false? There is a black square.", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;true&lt;/b&gt;", html, StringComparison.Ordinal);
        Assert.Contains("data:image/png;base64,", html, StringComparison.Ordinal);
        Assert.Contains("lil-lab/nlvr", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADamagedPictureCostsNoReport()
    {
        using var folder = new TestFolder();
        byte[] png = PngEncoder.Encode(new Image(40, 40, PixelFormat.Rgb));
        File.WriteAllBytes(folder.File("cut.png"), png[..(png.Length / 2)]);
        File.WriteAllText(folder.File("text.png"), "no picture");
        File.WriteAllText(
            folder.File("q.jsonl"),
            "{\"id\":\"1\",\"question\":\"?\",\"image\":\"cut.png\",\"answer\":\"x\"}\n{\"id\":\"2\",\"question\":\"?\",\"image\":\"text.png\",\"answer\":\"x\"}\n");
        IEvaluationTask task = EvaluationTasks.Open("exact", folder.Path);
        await new EvaluationRunner(task, new ScriptedAnswerer(_ => "x")).RunAsync(folder.File("out"));
        string html = File.ReadAllText(Path.Combine(folder.File("out"), "report.html"));
        Assert.DoesNotContain("data:image/png;base64,", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatWasSaidBeforeIsToldAndCountsInThePromptsHash()
    {
        EvaluationSample alone = new() { Id = "1", Question = "Where?", References = ["x"] };
        EvaluationSample behind = alone with { History = [new EvaluationTurn("user", "What?", []), new EvaluationTurn("assistant", "A cat.", [])] };
        string[] hashes = new string[2];
        foreach ((EvaluationSample sample, int i) in new[] { (alone, 0), (behind, 1) })
        {
            var model = new ScriptedAnswerer(_ => "x");
            EvaluationResult result = await new EvaluationRunner(new ExactTask(new EvaluationData("d", "h", [sample])), model).RunAsync();
            Assert.Equal(sample.History, Assert.Single(model.Asked).History);
            hashes[i] = Assert.Single(result.Rows).PromptHash;
            Assert.Equal(i == 1, EvaluationReport.Html(result).ToHtml().Contains("assistant: A cat.", StringComparison.Ordinal));
        }

        Assert.Equal(EvaluationData.HashOf(["Where?"]), hashes[0]);
        Assert.NotEqual(hashes[0], hashes[1]);
    }

    [Fact]
    public async Task WhatTheModelIsAskedFirstItAnswersItself()
    {
        using var folder = new TestFolder();
        var data = new NlvrStatementDataset(
            7, 2, options: new NlvrSampleOptions { BoxesApart = true, Lists = NlvrLists.Before, Statements = 2 });
        EvaluationData questions = DatasetQuestions.Of(data, "nlvr-like");
        var model = new ScriptedAnswerer(question => question.Text == NlvrList.Question ? "nothing at all" : "true");
        EvaluationResult result = await new EvaluationRunner(new ExactTask(questions), model).RunAsync(folder.File("out"));

        // The list is a question too; each of the two statements is asked behind the model's own list, and not behind the right one.
        Assert.Equal(6, result.Rows.Count);
        Assert.Equal(4, result.Rows.Count(row => row.Said is ["nothing at all"]));
        foreach (EvaluationQuestion asked in model.Asked.Where(asked => asked.Text != NlvrList.Question))
        {
            Assert.Equal([NlvrList.Question, "nothing at all"], asked.History.Select(turn => turn.Text));
            Assert.Equal((3, 0), (asked.History[0].Media.Count, asked.Media.Count));
        }

        // Of both answers.
        Assert.All(result.Rows.Where(row => row.Said.Count > 0), row => Assert.Equal((20, 14 + 4), (row.PromptTokens, row.AnswerTokens)));

        // What the data gives is neither asked for nor said.
        EvaluationData given = DatasetQuestions.Of(
            new NlvrStatementDataset(7, 2, options: new NlvrSampleOptions { Lists = NlvrLists.Instead, Statements = 2 }), "nlvr-like");
        Assert.Equal(4, given.Samples.Count);
        Assert.All(given.Samples, sample => Assert.DoesNotContain(sample.History, turn => turn.IsOwn));
        EvaluationResult again = await new EvaluationRunner(new ExactTask(questions), model).RunAsync(folder.File("out"));
        Assert.Equal(result.Rows.SelectMany(row => row.Said), again.Rows.SelectMany(row => row.Said));
        Assert.Contains("assistant: nothing at all", EvaluationReport.Html(result).ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public void SamplesWithoutAnswersAreRefused()
    {
        var data = new EvaluationData("d", "h", [new EvaluationSample { Id = "x" }]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => new EvaluationRunner(new VqaTask(data), new ScriptedAnswerer(_ => "")));
        Assert.Contains("'x' of 'd'", error.Message, StringComparison.Ordinal);
    }
}
