using System.Text.Json;
using Percept.Media;
using Xunit;

namespace Percept.Evaluation.Tests;

/// <summary>Percept's scorers give what the published ones give, answer by answer.</summary>
public sealed class PublishedScorerTests
{
    [Fact]
    public void CopiesAreTheSharedOnes()
    {
        Assert.SkipWhen(ScoringGoldens.SharedData is null, "The shared data is not here.");
        foreach (string file in Directory.EnumerateFiles(ScoringGoldens.Folder).Where(file => !file.EndsWith("README.md")))
        {
            string original = Path.Combine(ScoringGoldens.SharedData!, "scoring-goldens", Path.GetFileName(file));
            Assert.True(File.ReadAllBytes(original).AsSpan().SequenceEqual(File.ReadAllBytes(file)), Path.GetFileName(file));
        }
    }

    [Fact]
    public void VqaAccuracy()
    {
        IReadOnlyList<JsonElement> rows = ScoringGoldens.Rows("vqa_accuracy");
        Assert.True(rows.Count >= 80, $"{rows.Count} rows");
        AllSame(rows, row =>
        {
            double got = Math.Round(100 * Evaluation.VqaAccuracy.Published(row.Text("prediction"), row.Texts("gt_answers")), 2);
            return (row.Number("official_vqaeval_pct"), got, row.Text("prediction"));
        });
    }

    [Fact]
    public void VqaAccuracyWithAnswersNormalisedAlways()
    {
        // lmms-eval compares as the published scorer does, but for answers whose references agree.
        AllSame(
            [.. ScoringGoldens.Rows("vqa_accuracy").Where(row => row.Texts("gt_answers").Distinct().Count() > 1)],
            row => (row.Number("official_vqaeval_pct"), Math.Round(100 * Evaluation.VqaAccuracy.Score(row.Text("prediction"), row.Texts("gt_answers")), 2), row.Text("prediction")));
    }

    [Fact]
    public void Pope()
    {
        IReadOnlyList<JsonElement> rows = ScoringGoldens.Rows("pope");
        Assert.Equal(160, rows.Count);
        string[] said = [.. rows.Select(row => PopeAnswer.Parse(row.Text("prediction")) ? "yes" : "no")];
        Assert.Equal(rows.Select(row => row.Text("expected_official")), said);
        BinaryCounts counts = BinaryCounts.Of(rows.Select((row, i) => (said[i] == "yes", row.Text("label") == "yes")));
        JsonElement whole = ScoringGoldens.Aggregate("pope");
        Assert.Equal(
            new BinaryCounts(
                whole.GetProperty("TP").GetInt32(), whole.GetProperty("FP").GetInt32(), whole.GetProperty("TN").GetInt32(), whole.GetProperty("FN").GetInt32()),
            counts);
        Assert.Equal(whole.Number("accuracy"), counts.Accuracy, 1e-12);
        Assert.Equal(whole.Number("precision"), counts.Precision, 1e-12);
        Assert.Equal(whole.Number("recall"), counts.Recall, 1e-12);
        Assert.Equal(whole.Number("f1"), counts.F1, 1e-12);
        Assert.Equal(whole.Number("yes_ratio"), counts.YesRatio, 1e-12);
    }

    [Fact]
    public void Captions()
    {
        IReadOnlyList<JsonElement> rows = ScoringGoldens.Rows("coco_caption_metrics");
        Assert.Equal(48, rows.Count);
        JsonElement whole = ScoringGoldens.Aggregate("coco_caption_metrics");
        foreach (IGrouping<string, JsonElement> set in rows.GroupBy(row => row.Text("set")))
        {
            (string[] Caption, IReadOnlyList<string[]> References)[] captions =
                [.. set.Select(row => (CaptionTokens.AtBlanks(row.Text("hyp")), (IReadOnlyList<string[]>)[.. row.Texts("refs").Select(CaptionTokens.AtBlanks)]))];
            double[] cider = CiderScore.Scores(captions);
            double[] rouge = [.. captions.Select(one => RougeScore.Sentence(one.Caption, one.References))];
            foreach ((JsonElement row, int i) in set.Select((row, i) => (row, i)))
            {
                double[] bleu = BleuScore.Sentence(captions[i].Caption, captions[i].References), wanted = row.Numbers("bleu");
                Assert.All(wanted.Zip(bleu), pair => Near(pair.First, pair.Second));
                Near(row.Number("cider"), cider[i]);
                Near(row.Number("rouge_l"), rouge[i]);
            }

            JsonElement all = whole.GetProperty(set.Key);
            Near(all.Number("CIDEr"), cider.Average());
            Near(all.Number("ROUGE_L"), rouge.Average());
            Assert.All(BleuScore.Score(captions).Index(), pair => Near(all.Number($"Bleu_{pair.Index + 1}"), pair.Item));
        }
    }

    [Fact]
    public void Boxes()
    {
        IReadOnlyList<JsonElement> rows = ScoringGoldens.Rows("refcoco_grounding");
        Assert.True(rows.Count >= 60, $"{rows.Count} rows");
        foreach (JsonElement row in rows)
        {
            ImageBox box = BoxAnswer.Parse(row.Text("prediction")) ?? default, wanted = Box(row.Numbers("gt_bbox_norm"));
            Assert.Equal(Box(row.Numbers("lmms_parsed")), box);
            double overlap = wanted.IntersectionOverUnion(box);
            Assert.Equal(row.Number("lmms_iou"), overlap, 1e-12);
            Assert.Equal(row.GetProperty("lmms_acc05").GetBoolean(), overlap >= 0.5);
            Assert.Equal(row.GetProperty("lmms_center").GetBoolean(), BoxAnswer.CentreLiesIn(box, wanted));
        }
    }

    [Fact]
    public void Choices()
    {
        JsonElement[] rows = [.. ScoringGoldens.Rows("vlmevalkit_can_infer").Where(row => row.Text("fn") == "can_infer")];
        Assert.True(rows.Length >= 80, $"{rows.Length} rows");
        AllSame(rows, row =>
        {
            KeyValuePair<char, string>[] options =
                [.. row.GetProperty("options").EnumerateObject().Select(option => KeyValuePair.Create(option.Name[0], option.Value.GetString()!))];
            return (Letter(row, "expected"), ChoiceAnswer.Published(row.Text("prediction"), options), row.Text("prediction"));
        });
    }

    [Fact]
    public void Singulars()
    {
        IReadOnlyList<JsonElement> rows = ScoringGoldens.Rows("chair_singularize");
        Assert.True(rows.Count >= 500, $"{rows.Count} rows");
        AllSame(rows, row => (row.Text("expected"), EnglishPlurals.Singular(row.Text("word")), row.Text("word")));
    }

    private static char? Letter(JsonElement row, string name) =>
        row.GetProperty(name).ValueKind == JsonValueKind.String ? row.Text(name)[0] : null;

    private static ImageBox Box(double[] sides) => new(sides[0], sides[1], sides[2], sides[3]);

    /// <summary>Sums go in another order than in Python's vectors: the last digits may differ.</summary>
    private static void Near(double wanted, double got) => Assert.InRange(Math.Abs(got - wanted), 0, 1e-9 * Math.Max(1, Math.Abs(wanted)));

    private static void AllSame<T>(IReadOnlyList<JsonElement> rows, Func<JsonElement, (T Wanted, T Got, string Text)> judge)
    {
        string[] wrong =
        [
            .. rows.Select(judge).Where(one => !EqualityComparer<T>.Default.Equals(one.Wanted, one.Got))
                .Select(one => $"'{one.Text}': {one.Got}, expected {one.Wanted}"),
        ];
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {rows.Count} differ:\n{string.Join('\n', wrong)}");
    }
}
