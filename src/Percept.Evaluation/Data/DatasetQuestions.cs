using Percept.Data;

namespace Percept.Evaluation;

/// <summary>Takes the questions out of a dataset of conversations.</summary>
public static class DatasetQuestions
{
    /// <summary>
    /// A sample for each answer of an assistant: the question is what the user says before it, the media are those shown up to there. Of
    /// a sample without conversation the caption, or the class's name, is the reference.
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
        DataMessage[] answers = [.. sample.Messages.Where(message => message.Role == DataRoles.Assistant)];
        if (answers.Length == 0 && (sample.Caption ?? sample.Label) is { } known)
        {
            yield return new EvaluationSample
            {
                Id = sample.Id, Question = sample.Messages.LastOrDefault()?.Text ?? string.Empty, Media = [.. sample.Media], References = [known],
                Category = sample.Label,
            };
        }

        string question = string.Empty;
        var media = new List<MediaReference>();
        int number = 0;
        foreach (DataMessage message in sample.Messages)
        {
            media.AddRange(message.Media);
            if (message.Role == DataRoles.User)
            {
                question = message.Text.Trim();
            }
            else if (message.Role == DataRoles.Assistant)
            {
                yield return new EvaluationSample
                {
                    Id = answers.Length == 1 ? sample.Id : FormattableString.Invariant($"{sample.Id}#{++number}"),
                    Question = question, Media = [.. media], References = [message.Text.Trim()], Category = sample.Label,
                    Group = answers.Length == 1 ? null : sample.Id,
                };
            }
        }
    }
}
