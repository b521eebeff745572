using System.Globalization;
using System.Text;

namespace Percept.Evaluation;

/// <summary>A model's scores in the categories of a benchmark, as a summary of three lines.</summary>
/// <param name="Benchmark">The benchmark's name.</param>
/// <param name="Categories">Each category with its score, mostly 0 to 100, in the benchmark's order.</param>
public sealed record BenchmarkScores(string Benchmark, IReadOnlyList<KeyValuePair<string, double>> Categories)
{
    private const int Named = 3;
    private const int RuleLetters = 70;

    /// <summary>The mean over categories, each counting the same; NaN without categories.</summary>
    public double Overall => Categories.Count == 0 ? double.NaN : Categories.Sum(category => category.Value) / Categories.Count;

    /// <summary>The overall score, the three best categories and the three worst ones. Of equal scores the earlier stands first.</summary>
    public string Summary() =>
        $"{Benchmark}: {OneDecimal(Overall)}\n Best: {List(Categories.OrderByDescending(category => category.Value))}\n"
        + $" Worst: {List(Categories.OrderBy(category => category.Value))}";

    /// <summary>The overall scores of several models, benchmark by benchmark.</summary>
    /// <param name="benchmarks">Each benchmark's name with its models' scores.</param>
    public static string Compare(IEnumerable<(string Benchmark, IReadOnlyList<KeyValuePair<string, BenchmarkScores>> Models)> benchmarks)
    {
        ArgumentNullException.ThrowIfNull(benchmarks);
        string rule = new('=', RuleLetters);
        var text = new StringBuilder($"\n{rule}\nMultimodal Model Comparison Report\n{rule}\n\n");
        foreach ((string benchmark, IReadOnlyList<KeyValuePair<string, BenchmarkScores>> models) in benchmarks)
        {
            text.Append("--- ").Append(benchmark).Append(" ---\n");
            foreach ((string model, BenchmarkScores scores) in models)
            {
                text.Append(' ').Append(model).Append(": ").Append(OneDecimal(scores.Overall)).Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string List(IEnumerable<KeyValuePair<string, double>> categories) =>
        string.Join(", ", categories.Take(Named).Select(category => $"{category.Key}={OneDecimal(category.Value)}"));

    /// <summary>One decimal of the binary value itself; exact halves go to the even digit.</summary>
    private static string OneDecimal(double value)
    {
        // Only quarters can lie exactly between two tenths, and times four they are whole numbers.
        double quarters = value * 4;
        double shown = quarters == Math.Floor(quarters) ? Math.Round(value * 10, MidpointRounding.ToEven) / 10 : value;
        return shown.ToString("F1", CultureInfo.InvariantCulture);
    }
}
