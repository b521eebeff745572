using System.Diagnostics;
using System.Text.Json;
using Percept.Data;
using Percept.Media;
using Percept.Reports;

namespace Percept.Evaluation;

/// <summary>One question to several models, the answers side by side.</summary>
public sealed class QuestionComparison
{
    private readonly EvaluationQuestion _question;
    private readonly List<(string Model, EvaluationAnswer Answer, TimeSpan Time)> _answers = [];

    private QuestionComparison(EvaluationQuestion question)
    {
        _question = question;
    }

    /// <summary>The models with their answers and times, in the order in which they were asked.</summary>
    public IReadOnlyList<(string Model, EvaluationAnswer Answer, TimeSpan Time)> Answers => _answers;

    /// <summary>Begins with a question about files.</summary>
    /// <param name="question">The question.</param>
    /// <param name="files">Pictures and clips.</param>
    /// <param name="maxTokens">The most tokens of an answer.</param>
    public static QuestionComparison Of(string question, IReadOnlyList<string> files, int maxTokens)
    {
        ArgumentException.ThrowIfNullOrEmpty(question);
        ArgumentNullException.ThrowIfNull(files);
        return new QuestionComparison(new EvaluationQuestion(question, [.. files.Select(Medium)], maxTokens));
    }

    /// <summary>Asks a model.</summary>
    /// <param name="answerer">The model.</param>
    /// <param name="cancellation">Stops the answer.</param>
    public async Task Add(IAnswerer answerer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(answerer);
        long start = Stopwatch.GetTimestamp();
        EvaluationAnswer answer = await answerer.AnswerAsync(_question, cancellation).ConfigureAwait(false);
        _answers.Add((answerer.Name, answer, Stopwatch.GetElapsedTime(start)));
    }

    /// <summary>Which models say the same, but for capitals, articles and punctuation, in one line.</summary>
    public string Agreement()
    {
        string[][] groups =
        [
            .. _answers.GroupBy(one => AnswerText.Normalize(one.Answer.Text), one => one.Model, StringComparer.Ordinal)
                .Select(group => group.ToArray()).Where(group => group.Length > 1),
        ];
        return groups.Length == 0 ? "no two answers are the same"
            : groups[0].Length == _answers.Count ? "all answers are the same"
            : "the same answer: " + string.Join("; ", groups.Select(group => string.Join(", ", group)));
    }

    /// <summary>Writes <c>report.json</c> and <c>report.html</c> into a folder.</summary>
    /// <param name="folder">The folder; made where it is not there.</param>
    public void Save(string folder) => ReportFiles.Save(folder, WriteJson, Html());

    /// <summary>The answers as a page.</summary>
    public HtmlReport Html()
    {
        var table = new ReportTable(
            new ReportColumn("model"), new ReportColumn("answer"), new ReportColumn("tokens", true), new ReportColumn("seconds", true));
        foreach ((string model, EvaluationAnswer answer, TimeSpan time) in _answers)
        {
            table.Add(
                model, answer.Text, answer.AnswerTokens is { } count ? ReportNumber.Count(count) : "–",
                ReportNumber.Fixed(time.TotalSeconds, 1));
        }

        return new HtmlReport(_question.Text)
            .Pictures(new ReportPictureRow
            {
                Pictures = ReportMedia.Of(_question.Media), Texts = [KeyValuePair.Create("question", _question.Text)],
            })
            .Table(table).Paragraph(Agreement());
    }

    /// <summary>Writes the answers as a JSON object.</summary>
    /// <param name="json">Takes the object.</param>
    public void WriteJson(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("question", _question.Text);
        json.WriteStartArray("media");
        foreach (MediaReference medium in _question.Media)
        {
            json.WriteStringValue(medium.Name);
        }

        json.WriteEndArray();
        json.WriteStartArray("answers");
        foreach ((string model, EvaluationAnswer answer, TimeSpan time) in _answers)
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteString("answer", answer.Text);
            json.WriteString("finish", answer.Finish);
            json.WriteNumber("answer_tokens", answer.AnswerTokens ?? 0);
            json.WriteNumber("seconds", time.TotalSeconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("agreement", Agreement());
        json.WriteEndObject();
    }

    /// <summary>A file as a medium; what it is, is found by its content.</summary>
    private static MediaReference Medium(string file)
    {
        bool picture = File.Exists(file) && ImageDecoder.Detect(File.ReadAllBytes(file)) is not null;
        return MediaReference.File(picture ? DataPartKind.Image : DataPartKind.Video, file, Path.GetFileName(file));
    }
}
