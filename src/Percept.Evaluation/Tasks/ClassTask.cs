using System.Globalization;

namespace Percept.Evaluation;

/// <summary>Which of a few classes is in the picture? MNIST's digits and Fashion-MNIST's clothes are asked for so.</summary>
public sealed class ClassTask : IEvaluationTask
{
    /// <summary>The classes of MNIST by their label.</summary>
    public static IReadOnlyList<string> Digits { get; } = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>The classes of Fashion-MNIST by their label.</summary>
    public static IReadOnlyList<string> Clothes { get; } =
        ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    private readonly string _question;
    private readonly bool _digits;

    private ClassTask(string name, string question, IReadOnlyList<string> classes, bool digits, EvaluationData data)
    {
        Name = name;
        Classes = classes;
        Data = data;
        _question = question;
        _digits = digits;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Version => "1";

    /// <inheritdoc/>
    public string Convention => "Top-1 accuracy: the answer must name the class, and no other.";

    /// <summary>The classes by their label.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public EvaluationData Data { get; }

    /// <inheritdoc/>
    public int MaxAnswerTokens => 12;

    /// <summary>Handwritten digits.</summary>
    /// <param name="data">Pictures whose reference is one of <see cref="Digits"/>.</param>
    public static ClassTask Mnist(EvaluationData data) =>
        new("mnist", "Which digit is in the picture? Answer with one digit.", Digits, digits: true, data);

    /// <summary>Clothes.</summary>
    /// <param name="data">Pictures whose reference is one of <see cref="Clothes"/>.</param>
    public static ClassTask FashionMnist(EvaluationData data) => new(
        "fashion-mnist", $"Which of these is in the picture: {string.Join(", ", Clothes)}? Answer with its name only.", Clothes,
        digits: false, data);

    /// <inheritdoc/>
    public string Prompt(EvaluationSample sample) => _question;

    /// <inheritdoc/>
    public SampleScore Score(EvaluationSample sample, string answer)
    {
        ArgumentNullException.ThrowIfNull(sample);
        string? said = _digits
            ? NumberAnswer.Parse(answer)?.ToString("r", CultureInfo.InvariantCulture)
            : ClassAnswer.Parse(answer, Classes);
        return new SampleScore(said, said == sample.References[0] ? 1 : 0);
    }

    /// <inheritdoc/>
    public IReadOnlyList<EvaluationMetric> Aggregate(IReadOnlyList<EvaluationRow> rows) => [Metrics.Mean("accuracy", rows)];
}
