using System.Text;

namespace Percept.Data;

/// <summary>
/// Builds instruction data from annotations: a writer writes, what it wrote is kept in a file line by line, and filters, the search for
/// repetitions and the comparison with evaluation sets decide what goes into the result.
/// </summary>
/// <remarks>
/// A build that was stopped goes on where it was: what stands in the work file beside the result is not written again. Failures are listed,
/// and tried again by the next run. A work file of another writer, or of other annotations, is refused.
/// </remarks>
/// <param name="writer">Writes instructions.</param>
/// <param name="options">How to build.</param>
public sealed class InstructionBuilder(IInstructionWriter writer, BuildOptions? options = null)
{
    private readonly BuildOptions _options = options ?? new BuildOptions();
    private int _retried;

    /// <summary>Where the raw instructions of a result stand.</summary>
    /// <param name="output">The result's path.</param>
    public static string WorkFileOf(string output) => output + ".work.jsonl";

    /// <summary>A sample: the picture before the first question of a conversation.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="kind">The kind of instruction.</param>
    /// <param name="turns">Questions and answers.</param>
    public DatasetSample Sample(AnnotatedImage image, InstructionKind kind, IReadOnlyList<DataMessage> turns)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(turns);
        string name = _options.ImagePrefix + image.File;
        MediaReference picture = MediaReference.File(DataPartKind.Image, Path.Combine(_options.ImageRoot ?? "", image.File), name);
        return new DatasetSample
        {
            Id = IdOf(image, kind),
            Messages = [turns[0] with { Parts = [picture, .. turns[0].Parts] }, .. turns.Skip(1)],
        };
    }

    /// <summary>Writes instructions and the result.</summary>
    /// <param name="images">The annotations, with different ids.</param>
    /// <param name="output">The result: a JSON array, or one record a line where the name ends in <c>.jsonl</c>. Replaced at the end.</param>
    /// <param name="progress">Told how many instructions are done, of all.</param>
    /// <param name="cancellation">Stops; what is written stays in the work file.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="InvalidOperationException">The work file is of another writer, or of other annotations.</exception>
    public async Task<BuildReport> BuildAsync(
        IReadOnlyList<AnnotatedImage> images, string output, IProgress<(int Done, int All)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentException.ThrowIfNullOrEmpty(output);
        var report = new BuildReport { Images = images.Count, Asked = images.Count * _options.Kinds.Count };
        string work = WorkFileOf(output);
        var lines = new WorkFile(work);
        lines.Require(writer);
        Dictionary<string, DatasetSample> earlier = lines.Read();
        (AnnotatedImage Image, InstructionKind Kind)[] tasks =
            [.. images.SelectMany(image => _options.Kinds.Select(kind => (image, kind)))];
        (AnnotatedImage Image, InstructionKind Kind)[] open = [.. tasks.Where(task => !earlier.ContainsKey(LineOf(task.Image, task.Kind)))];
        lines.RequireSame(earlier, open.Select(task => (IdOf(task.Image, task.Kind), LineOf(task.Image, task.Kind))));
        report.FromEarlierRun = tasks.Length - open.Length;
        await WriteOpen(open, work, report, tasks.Length, progress, cancellation).ConfigureAwait(false);

        Dictionary<string, DatasetSample> written = lines.Read();
        IEnumerable<(InstructionKind Kind, DatasetSample Sample)> samples = tasks
            .Select(task => (task.Kind, Sample: Find(written, task)))
            .Where(one => one.Sample is not null).Select(one => (one.Kind, one.Sample!));
        WriteResult(Keep(samples, report), output);
        return report;
    }

    /// <summary>Filters samples; what is dropped is counted by reason in a report.</summary>
    internal List<DatasetSample> Keep(IEnumerable<(InstructionKind Kind, DatasetSample Sample)> samples, BuildReport report)
    {
        var kept = new List<DatasetSample>();
        var overlaps = new List<(string, Contamination)>();
        DuplicateFinder? texts = _options.NearDuplicates is { } similarity ? new DuplicateFinder(similarity) : null;
        foreach ((InstructionKind kind, DatasetSample sample) in samples)
        {
            string? reason = _options.Filter.Reject(sample);
            if (reason is null && _options.Evaluation?.Find(sample) is { } overlap)
            {
                overlaps.Add((sample.Id, overlap));
                reason = $"in {overlap.Set} ({overlap.Reason})";
            }

            // The same words about two pictures are two samples; about one picture they are one.
            string text = string.Join(
                '\n', sample.Media.Select(media => media.Name).Concat(sample.Messages.Select(message => message.Text)));
            if (reason is null && texts?.Add(text) is { } twice)
            {
                reason = twice.Similarity >= 1 ? "duplicate" : "near duplicate";
            }

            if (reason is null)
            {
                kept.Add(sample);
            }

            SortedDictionary<string, int> counts = reason is null ? report.Kept : report.Dropped;
            string name = reason ?? kind.ToString();
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        report.Overlaps = overlaps;
        return kept;
    }

    private static string IdOf(AnnotatedImage image, InstructionKind kind) => $"{image.Id}-{kind}";

    private static string LineOf(AnnotatedImage image, InstructionKind kind) => WorkFile.LineId(image, IdOf(image, kind));

    private DatasetSample? Find(Dictionary<string, DatasetSample> written, (AnnotatedImage Image, InstructionKind Kind) task) =>
        written.TryGetValue(LineOf(task.Image, task.Kind), out DatasetSample? sample) && sample.Messages.Count > 0
            ? Sample(task.Image, task.Kind, sample.Messages)
            : null;

    private async Task WriteOpen(
        (AnnotatedImage Image, InstructionKind Kind)[] open, string work, BuildReport report, int all, IProgress<(int Done, int All)>? progress,
        CancellationToken cancellation)
    {
        var failures = new List<(string, string)>();
        using var gate = new SemaphoreSlim(1);
        bool endsInHalf = File.Exists(work) && EndsInHalfLine(work);
        using var file = new StreamWriter(work, append: true, new UTF8Encoding(false)) { NewLine = "\n" };
        if (endsInHalf)
        {
            await file.WriteLineAsync().ConfigureAwait(false);
        }

        _retried = 0;
        int done = all - open.Length;
        var limits = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, _options.Parallelism), CancellationToken = cancellation };
        await Parallel.ForEachAsync(open, limits, async (task, stop) =>
        {
            string id = IdOf(task.Image, task.Kind);
            (IReadOnlyList<DataMessage>? turns, string? failure) = await Write(task.Image, task.Kind, stop).ConfigureAwait(false);
            await gate.WaitAsync(stop).ConfigureAwait(false);
            try
            {
                if (turns is null)
                {
                    failures.Add((id, failure!));
                }
                else
                {
                    report.Written += turns.Count > 0 ? 1 : 0;
                    report.NotEnoughKnown += turns.Count > 0 ? 0 : 1;
                    await file.WriteLineAsync(LlavaRows.Line(
                        new DatasetSample { Id = LineOf(task.Image, task.Kind), Messages = turns })).ConfigureAwait(false);
                    await file.FlushAsync(stop).ConfigureAwait(false);
                }

                progress?.Report((++done, all));
            }
            finally
            {
                gate.Release();
            }
        }).ConfigureAwait(false);
        report.Failures = [.. failures.OrderBy(one => one.Item1, StringComparer.Ordinal)];
        report.Retried = _retried;
    }

    private async Task<(IReadOnlyList<DataMessage>? Turns, string? Failure)> Write(
        AnnotatedImage image, InstructionKind kind, CancellationToken cancellation)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                IReadOnlyList<DataMessage> turns = await writer.WriteAsync(image, kind, cancellation).ConfigureAwait(false);
                return turns.Any(turn => turn.Text.Contains(DataColumns.Default.ImageMark, StringComparison.Ordinal))
                    ? throw new InvalidDataException(
                        $"The writer wrote {DataColumns.Default.ImageMark}, which stands for pictures. Use another writer.")
                    : (turns, null);
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                if (attempt >= _options.Retries)
                {
                    return (null, error.Message);
                }

                Interlocked.Increment(ref _retried);
                await Task.Delay(_options.RetryDelay * Math.Pow(2, attempt), cancellation).ConfigureAwait(false);
            }
        }
    }

    private static bool EndsInHalfLine(string path)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length == 0)
        {
            return false;
        }

        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }

    private static void WriteResult(List<DatasetSample> samples, string output)
    {
        bool isLines = Path.GetExtension(output).Equals(".jsonl", StringComparison.OrdinalIgnoreCase);
        string beside = output + ".part";
        using (var file = new StreamWriter(beside, append: false, new UTF8Encoding(false)) { NewLine = "\n" })
        {
            file.Write(isLines ? "" : "[\n");
            for (int i = 0; i < samples.Count; i++)
            {
                file.WriteLine(LlavaRows.Line(samples[i]) + (isLines || i == samples.Count - 1 ? "" : ","));
            }

            file.Write(isLines ? "" : "]\n");
        }

        File.Move(beside, output, overwrite: true);
    }
}
