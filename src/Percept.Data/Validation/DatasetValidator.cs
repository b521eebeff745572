using System.Collections.Concurrent;

namespace Percept.Data;

/// <summary>Finds every record of a dataset that a training could not use, before one starts.</summary>
/// <remarks>For one validation at a time.</remarks>
public sealed class DatasetValidator
{
    private readonly IDataset _dataset;
    private readonly ValidationOptions _options;

    // A picture is often spoken of in many records: it is decoded once.
    private readonly ConcurrentDictionary<string, Lazy<(DataProblemKind Kind, string Message, string NextStep)?>> _media = new();
    private readonly Dictionary<string, SampleSource> _ids = [];

    /// <summary>Prepares a validation.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">What to look at.</param>
    public DatasetValidator(IDataset dataset, ValidationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        _dataset = dataset;
        _options = options ?? new ValidationOptions();
        if (_options.MaxTokens is not null && _options.CountTokens is null)
        {
            throw new ArgumentException("A limit of tokens needs something that counts them; set CountTokens.", nameof(options));
        }
    }

    /// <summary>How many records have been looked at.</summary>
    public int Checked { get; private set; }

    /// <summary>How many of them have a problem.</summary>
    public int Bad { get; private set; }

    /// <summary>The greatest number of tokens of a sample; 0 where nobody counts.</summary>
    public int LongestTokens { get; private set; }

    /// <summary>Looks at every record and gives its problems, in the order of the records, as they are found.</summary>
    /// <param name="cancellation">Ends the validation.</param>
    public IEnumerable<DataProblem> Validate(CancellationToken cancellation = default)
    {
        (Checked, Bad, LongestTokens) = (0, 0, 0);
        _ids.Clear();
        var results = new Prefetcher<int, (string? Id, SampleSource Source, IReadOnlyList<DataProblem> Problems, int Tokens)>(
            Enumerable.Range(0, Math.Min(_dataset.Count, _options.MaxSamples ?? int.MaxValue)), Check, _options.Work, cancellation);
        foreach ((string? id, SampleSource source, IReadOnlyList<DataProblem> problems, int tokens) in results)
        {
            Checked++;
            LongestTokens = Math.Max(LongestTokens, tokens);
            DataProblem? twice = id is null || _ids.TryAdd(id, source) ? null : new DataProblem(
                source, id, DataProblemKind.DuplicateId, $"the id '{id}' also stands at {_ids[id]}",
                "Give each record an id of its own, or none");
            Bad += problems.Count > 0 || twice is not null ? 1 : 0;
            foreach (DataProblem problem in problems)
            {
                yield return problem;
            }

            if (twice is not null)
            {
                yield return twice;
            }
        }
    }

    private (string? Id, SampleSource Source, IReadOnlyList<DataProblem> Problems, int Tokens) Check(
        int index, CancellationToken cancellation)
    {
        ProblemList problems;
        DatasetSample? sample;
        if (_dataset is ICheckedDataset own)
        {
            problems = new ProblemList(own.SourceOf(index));
            sample = own.Read(index, problems);
        }
        else
        {
            (sample, problems) = ReadOther(index);
        }

        if (sample is null)
        {
            return (problems.Id, problems.Source, problems.Problems, 0);
        }

        CheckMessages(sample, problems);
        IEnumerable<MediaReference> media = sample.Media
            .Concat((sample.Chosen ?? []).Concat(sample.Rejected ?? []).SelectMany(message => message.Media));
        foreach (MediaReference medium in _options.Media == MediaCheck.None ? [] : media)
        {
            if (Check(medium, cancellation) is { } found)
            {
                problems.Add(found.Kind, found.Message, found.NextStep);
            }
        }

        return (problems.Id, problems.Source, problems.Problems, problems.Problems.Count == 0 ? CountTokens(sample, problems) : 0);
    }

    private (DatasetSample? Sample, ProblemList Problems) ReadOther(int index)
    {
        try
        {
            DatasetSample sample = _dataset[index];
            return (sample, new ProblemList(sample.Source) { Id = sample.Id });
        }
        catch (InvalidDataException error)
        {
            var problems = new ProblemList(new SampleSource("the dataset", index + 1));
            problems.Add(DataProblemKind.Malformed, error.Message.TrimEnd('.'), "Mend the record");
            return (null, problems);
        }
    }

    private int CountTokens(DatasetSample sample, ProblemList problems)
    {
        if (_options.CountTokens is not { } count)
        {
            return 0;
        }

        try
        {
            int tokens = count(sample);
            if (tokens > _options.MaxTokens)
            {
                problems.Add(
                    DataProblemKind.TooLong, $"the sample has {tokens} tokens, more than {_options.MaxTokens}",
                    "Shorten or split it, make its media smaller, or raise the limit");
            }

            return tokens;
        }
        catch (Exception error) when (error is not OperationCanceledException and not OutOfMemoryException)
        {
            problems.Add(
                DataProblemKind.Malformed, $"the model's processor does not take the sample: {error.Message.TrimEnd('.')}",
                "Change it to what the model takes");
            return 0;
        }
    }

    private void CheckMessages(DatasetSample sample, ProblemList problems)
    {
        IReadOnlyList<DataMessage> messages = sample.Messages;
        CheckOrder(messages, problems);
        bool isPair = sample.Chosen is not null && sample.Rejected is not null;
        if (isPair)
        {
            CheckEnd("better", sample.Chosen!, problems);
            CheckEnd("worse", sample.Rejected!, problems);
            if (messages.Count > 0 && messages[^1].Role == DataRoles.Assistant)
            {
                problems.Add(
                    DataProblemKind.RoleOrder, "the conversation before a pair of answers ends with an answer", "End it with a question");
            }

            return;
        }

        int last = messages.Count - 1;
        if (last >= 0 && !_options.NeedsAnswers)
        {
            return;
        }

        if (last < 0 || messages[last].Role != DataRoles.Assistant)
        {
            problems.Add(
                DataProblemKind.EmptyAnswer, last < 0 ? "there are no messages" : $"the last message is the {messages[last].Role}'s, "
                    + "not an answer",
                "Add the answer");
        }
        else if (!messages.Any(message => message.IsSupervised))
        {
            problems.Add(DataProblemKind.EmptyAnswer, "no answer is marked as one to learn", "Mark at least one, or remove the record");
        }

        CheckEmpty(messages, problems);
    }

    private static void CheckEnd(string name, IReadOnlyList<DataMessage> end, ProblemList problems)
    {
        if (end.Count == 0 || end[0].Role != DataRoles.Assistant)
        {
            problems.Add(DataProblemKind.EmptyAnswer, $"the {name} answer of the pair is no answer of the assistant", "Write it");
        }

        CheckEmpty(end, problems);
    }

    private static void CheckEmpty(IReadOnlyList<DataMessage> messages, ProblemList problems)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i].IsSupervised && string.IsNullOrWhiteSpace(messages[i].Text) && !messages[i].Media.Any())
            {
                problems.Add(
                    DataProblemKind.EmptyAnswer, $"the answer in message {i + 1} is empty", "Write the answer, or remove the record");
            }
        }
    }

    private static void CheckOrder(IReadOnlyList<DataMessage> messages, ProblemList problems)
    {
        string? before = null;
        for (int i = 0; i < messages.Count; i++)
        {
            string role = messages[i].Role;
            string? wrong = (before, role) switch
            {
                (null, DataRoles.Assistant) => "the first message is an answer",
                (DataRoles.User or DataRoles.Assistant or DataRoles.Tool, DataRoles.System) => $"message {i + 1} is the system's, "
                    + "behind others",
                (DataRoles.User, DataRoles.User) => $"messages {i} and {i + 1} are both the user's",
                (DataRoles.Assistant, DataRoles.Assistant) => $"messages {i} and {i + 1} are both the assistant's",
                (DataRoles.System, DataRoles.Assistant) => "the first message behind the system's is an answer",
                (not (DataRoles.Assistant or DataRoles.Tool), DataRoles.Tool) => $"message {i + 1} is a tool's, with no answer that "
                    + "calls one before it",
                _ => null,
            };
            if (wrong is not null)
            {
                problems.Add(DataProblemKind.RoleOrder, wrong, "Let question and answer take turns, the system's message first");
                return;
            }

            before = role;
        }
    }

    private (DataProblemKind Kind, string Message, string NextStep)? Check(MediaReference medium, CancellationToken cancellation) =>
        medium.Path is { } path
            ? _media.GetOrAdd(
                $"{medium.Kind} {path}", _ => new Lazy<(DataProblemKind Kind, string Message, string NextStep)?>(() => MediumProblem.Find(medium, _options.Media, cancellation))).Value
            : MediumProblem.Find(medium, _options.Media, cancellation);
}
