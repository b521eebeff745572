using System.Diagnostics;

namespace Percept.Evaluation;

/// <summary>Puts all samples of a task to a model, writes a row for each as it comes, and adds the rows up.</summary>
/// <remarks>
/// In a folder a run can be stopped at any time and started again: what has a row is not asked again, questions that ended in an error
/// are. A folder whose run had other settings, other data or another model is refused.
/// </remarks>
public sealed class EvaluationRunner
{
    /// <summary>After so many errors without an answer between them a run ends: they are no matter of single samples.</summary>
    private const int MostFailuresInARow = 16;

    private readonly IEvaluationTask _task;
    private readonly IAnswerer _answerer;
    private int _failuresInARow;

    /// <summary>Makes a runner.</summary>
    /// <param name="task">The task.</param>
    /// <param name="answerer">The model.</param>
    /// <exception cref="InvalidDataException">A sample has no reference, or none that the task can compare with.</exception>
    public EvaluationRunner(IEvaluationTask task, IAnswerer answerer)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(answerer);
        _task = task;
        _answerer = answerer;
        ReferenceCheck.Require(task, task.Data);
    }

    /// <summary>Runs, or continues.</summary>
    /// <param name="folder">Where rows, settings and reports go; null to keep nothing.</param>
    /// <param name="progress">Is told of each row.</param>
    /// <param name="cancellation">Stops the run; rows that are there stay.</param>
    /// <exception cref="InvalidOperationException">The folder holds a run with other settings, or nothing but errors come.</exception>
    public async Task<EvaluationResult> RunAsync(
        string? folder = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<KeyValuePair<string, string>> settings = RunSettings.Of(_task, _answerer);
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            RunSettings.Require(folder, settings);
        }

        using RowFile? file = folder is null ? null : RowFile.Open(Path.Combine(folder, "rows.jsonl"));
        Dictionary<string, EvaluationRow> rows = Kept(file);
        int continued = rows.Count;
        await Ask(rows, file, progress, cancellation).ConfigureAwait(false);
        EvaluationRow[] ordered = [.. _task.Data.Samples.Select(sample => rows[sample.Id])];
        var result = new EvaluationResult
        {
            Task = _task, Model = _answerer.Name, Settings = settings, Rows = ordered, Metrics = _task.Aggregate(ordered),
            Categories = Categories(ordered), Counts = EvaluationCounts.Of(ordered), Elapsed = Stopwatch.GetElapsedTime(start),
            Continued = continued,
        };
        if (folder is not null)
        {
            EvaluationReport.Save(result, folder);
        }

        return result;
    }

    private static EvaluationMetric[] Categories(EvaluationRow[] rows) =>
    [
        .. rows.Where(row => row.Category is not null).GroupBy(row => row.Category!, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => Metrics.Mean(group.Key, [.. group])),
    ];

    /// <summary>The answers of an earlier start, by the sample's name.</summary>
    private Dictionary<string, EvaluationRow> Kept(RowFile? file)
    {
        var rows = new Dictionary<string, EvaluationRow>(StringComparer.Ordinal);
        foreach (EvaluationRow row in file?.Rows ?? [])
        {
            EvaluationSample sample = _task.Data.Find(row.Id);
            if (row.PromptHash != Asked(sample).PromptHash)
            {
                throw new InvalidOperationException(
                    $"The sample '{row.Id}' was asked otherwise in this folder: '{row.Prompt}'. Give another folder for the results.");
            }

            if (row.Error is null)
            {
                rows[row.Id] = row;
            }
        }

        return rows;
    }

    private async Task Ask(
        Dictionary<string, EvaluationRow> rows, RowFile? file, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var gate = new Lock();
        int total = _task.Data.Samples.Count;
        double sum = rows.Values.Sum(row => row.Score);
        EvaluationSample[] open = [.. _task.Data.Samples.Where(sample => !rows.ContainsKey(sample.Id))];
        progress?.Report(new EvaluationProgress(rows.Count, total, rows.Count == 0 ? 0 : sum / rows.Count, null));
        var options = new ParallelOptions { MaxDegreeOfParallelism = _answerer.Together, CancellationToken = cancellation };
        await Parallel.ForEachAsync(open, options, async (sample, stop) =>
        {
            EvaluationRow row = await Answer(sample, stop).ConfigureAwait(false);
            lock (gate)
            {
                file?.Add(row);
                rows[row.Id] = row;
                sum += row.Score;
                progress?.Report(new EvaluationProgress(rows.Count, total, sum / rows.Count, row));
            }

            if (_failuresInARow >= MostFailuresInARow)
            {
                throw new InvalidOperationException(
                    $"{_failuresInARow} questions in a row ended in errors, the last one with: {row.Error ?? "no error"} "
                    + "The run can be continued.");
            }
        }).ConfigureAwait(false);
    }

    private async Task<EvaluationRow> Answer(EvaluationSample sample, CancellationToken cancellation)
    {
        EvaluationRow row = Asked(sample);
        long start = Stopwatch.GetTimestamp();
        EvaluationAnswer answer;
        try
        {
            (IReadOnlyList<EvaluationTurn> history, List<EvaluationAnswer> said) = await Said(sample, cancellation).ConfigureAwait(false);
            row = row with { Said = [.. said.Select(own => own.Text)] };
            var question = new EvaluationQuestion(row.Prompt, sample.Media, _task.MaxAnswerTokens) { History = history };
            answer = await _answerer.AnswerAsync(question, cancellation).ConfigureAwait(false);
            answer = said.Append(answer).Aggregate((all, next) => new EvaluationAnswer(
                next.Text, all.Finish == "length" ? all.Finish : next.Finish, all.PromptTokens + next.PromptTokens, all.AnswerTokens + next.AnswerTokens));
            Interlocked.Exchange(ref _failuresInARow, 0);
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested && error is not OutOfMemoryException)
        {
            Interlocked.Increment(ref _failuresInARow);
            return row with
            {
                Error = $"{error.GetType().Name}: {error.Message}", Finish = "error",
                Milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds,
            };
        }

        SampleScore score = _task.Score(sample, answer.Text);
        return row with
        {
            Answer = answer.Text, Parsed = score.Parsed, Score = score.Value, Finish = answer.Finish, PromptTokens = answer.PromptTokens,
            AnswerTokens = answer.AnswerTokens, Milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds,
        };
    }

    /// <summary>What stands before the question, with what the model itself says there.</summary>
    private async Task<(IReadOnlyList<EvaluationTurn> History, List<EvaluationAnswer> Said)> Said(
        EvaluationSample sample, CancellationToken cancellation)
    {
        List<EvaluationTurn> history = [.. sample.History];
        var said = new List<EvaluationAnswer>();
        for (int i = 1; i < history.Count; i++)
        {
            if (history[i].IsOwn)
            {
                EvaluationTurn asked = history[i - 1];
                var question = new EvaluationQuestion(asked.Text, asked.Media, RunSettings.OwnTokensOf(_task)) { History = [.. history.Take(i - 1)] };
                EvaluationAnswer own = await _answerer.AnswerAsync(question, cancellation).ConfigureAwait(false);
                history[i] = history[i] with { Text = own.Text };
                said.Add(own);
            }
        }

        return (history, said);
    }

    private EvaluationRow Asked(EvaluationSample sample)
    {
        string prompt = _task.Prompt(sample);
        return new EvaluationRow
        {
            Id = sample.Id, Prompt = prompt, PromptHash = EvaluationData.HashOf(Heard(prompt, sample)),
            Media = [.. sample.AllMedia.Select(medium => medium.Name)],
            References = sample.References, Group = sample.Group, Category = sample.Category,
        };
    }

    /// <summary>All that the model hears and sees: the prompt, its media, and what was said before.</summary>
    private static IEnumerable<string> Heard(string prompt, EvaluationSample sample) =>
    [
        prompt, .. sample.Media.Select(medium => medium.Name),
        .. sample.History.SelectMany(turn => (string[])["before", turn.Role, turn.IsOwn ? "own" : turn.Text, .. turn.Media.Select(medium => medium.Name)]),
    ];
}
