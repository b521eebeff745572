using System.Globalization;
using System.Text.Json;
using Percept.Evaluation;

namespace Percept.Conformance;

/// <summary>
/// Summaries of scores, and the report on several models, of a <c>file</c>. The scores of models are drawn at random there, and stand in
/// the file in the order benchmark, model, category.
/// </summary>
internal static class SeedEvaluatorVerb
{
    internal static void Run(RunContext context)
    {
        using JsonDocument document = JsonDocument.Parse(context.Bytes(context.Args.Text("file")));
        JsonElement root = document.RootElement;
        context.JudgeAll("summaries", root.GetProperty("summaries").EnumerateArray().Select(Summary).ToArray());
        context.Judge("compare_models", Compare(root));
        bool empty = double.IsNaN(new BenchmarkScores("unknown", []).Overall);
        bool wanted = root.GetProperty("unknown_benchmark").GetProperty("overall_score").GetString()!
            .StartsWith("NaN", StringComparison.Ordinal);
        context.Judge("unknown_benchmark", empty == wanted ? null : "the mean of no categories is not NaN");
    }

    private static string? Summary(JsonElement line)
    {
        var scores = new BenchmarkScores(
            line.GetProperty("benchmark").GetString()!,
            [.. line.GetProperty("category_scores").EnumerateObject().Select(item => KeyValuePair.Create(item.Name, item.Value.GetDouble()))]);
        double overall = line.GetProperty("overall_score").GetDouble();
        return scores.Overall != overall
            ? string.Create(CultureInfo.InvariantCulture, $"the overall score is {scores.Overall:r}, expected {overall:r}")
            : Same(scores.Summary(), line.GetProperty("summary").GetString()!);
    }

    private static string? Compare(JsonElement root)
    {
        JsonElement part = root.GetProperty("compare_models");
        string[] models = Texts(part.GetProperty("models")), benchmarks = Texts(part.GetProperty("benchmarks"));
        double[][] draws =
        [
            .. part.GetProperty("draws").EnumerateArray().Select(list => list.EnumerateArray().Select(item => item.GetDouble()).ToArray()),
        ];
        if (draws.Length != models.Length * benchmarks.Length)
        {
            return $"there are {draws.Length} lists of scores for {models.Length} models and {benchmarks.Length} benchmarks";
        }

        string report = BenchmarkScores.Compare(benchmarks.Select((benchmark, b) =>
        {
            string[] categories = Texts(root.GetProperty("benchmarks").GetProperty(benchmark));
            return (benchmark, (IReadOnlyList<KeyValuePair<string, BenchmarkScores>>)
            [
                .. models.Select((model, m) => KeyValuePair.Create(model, new BenchmarkScores(
                    benchmark, [.. categories.Zip(draws[(b * models.Length) + m], (category, score) => KeyValuePair.Create(category, score))]))),
            ]);
        }));
        return Same(report, part.GetProperty("report").GetString()!);
    }

    private static string? Same(string got, string want) => got == want ? null : $"the text is '{got}', expected '{want}'";

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}
