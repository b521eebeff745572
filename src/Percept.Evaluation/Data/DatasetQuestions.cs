using Percept.Data;

namespace Percept.Evaluation;

/// <summary>Takes the questions out of a dataset of conversations.</summary>
public static class DatasetQuestions
{
    /// <summary>
    /// A sample for each answer of an assistant: the question is what the user says before it, with the media shown there. What the
    /// conversation has before that, the right answers included, is told first; where turns stand apart only what they have in common, whose
    /// answers the model writes itself, unless the data gives them to it. Of a sample without answers the caption, or the class's name,
    /// is the reference.
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="name">What it is called in reports.</param>
    /// <exception cref="InvalidDataException">The dataset has no answers.</exception>
    public static EvaluationData Of(IDataset dataset, string name)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        DatasetSample[] all = [.. Enumerable.Range(0, dataset.Count).Select(i => dataset[i])];
        return new EvaluationData(name, EvaluationData.HashOf(all.Select(sample => sample.ContentHash())), [.. all.SelectMany(Questions)]);
    }

    private static IEnumerable<EvaluationSample> Questions(DatasetSample sample)
    {
        DataMessage[] messages = [.. sample.Messages];
        int answers = messages.Count(message => message.Role == DataRoles.Assistant);
        if (answers == 0 && (sample.Caption ?? sample.Label) is { } known)
        {
            yield return Question(sample, messages.Length - 1) with { Question = messages.LastOrDefault()?.Text ?? string.Empty, References = [known] };
        }

        int asked = -1;
        int number = 0;
        for (int i = 0; i < messages.Length; i++)
        {
            if (messages[i].Role == DataRoles.User)
            {
                asked = i;
            }
            else if (messages[i].Role == DataRoles.Assistant && !(sample.TurnsApart && i < sample.CommonMessages && !messages[i].IsSupervised))
            {
                EvaluationSample question = Question(sample, asked) with { References = [messages[i].Text.Trim()] };
                yield return answers == 1 ? question : question with
                {
                    Id = FormattableString.Invariant($"{sample.Id}#{++number}"), Group = sample.Id,
                };
            }
        }
    }

    /// <summary>The last question of a sample with its right answer.</summary>
    internal static EvaluationSample Last(DatasetSample sample) =>
        Question(sample, sample.Messages.Count - 2) with { References = [sample.Messages[^1].Text.Trim()] };

    private static bool IsAlone(DatasetSample sample) => sample.TurnsApart && sample.CommonMessages == 0;

    /// <summary>The question in a message of a sample, behind all messages before it; an empty one where there is no such message.</summary>
    private static EvaluationSample Question(DatasetSample sample, int asked) => new()
    {
        Id = sample.Id, Source = sample.Source, Category = sample.Label,
        Question = asked < 0 ? string.Empty : sample.Messages[asked].Text.Trim(),
        Media = asked < 0 ? [] : [.. (IsAlone(sample) ? sample.Messages.Take(asked + 1) : [sample.Messages[asked]]).SelectMany(message => message.Media)],
        History = IsAlone(sample) ? [] :
        [
            .. sample.Messages.Take(sample.TurnsApart ? Math.Min(asked, sample.CommonMessages) : asked)
                .Select(message => new EvaluationTurn(message.Role, message.Text.Trim(), [.. message.Media])
            {
                // What all questions follow on is asked first; the right answers would tell what is to be found out.
                IsOwn = sample.TurnsApart && message is { Role: DataRoles.Assistant, IsSupervised: true },
            }),
        ],
    };
}
