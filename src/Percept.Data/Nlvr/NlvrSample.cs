using Percept.Media;

namespace Percept.Data;

/// <summary>Statements about one scene, of which a sample is made in one of its forms.</summary>
/// <param name="Id">The sample's name.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Scene">The picture by its content.</param>
/// <param name="Statements">The statements, and whether each is true.</param>
internal readonly record struct NlvrSample(
    string Id, SampleSource Source, NlvrScene Scene, IReadOnlyList<(string Text, bool Label)> Statements)
{
    /// <summary>Makes the sample.</summary>
    /// <param name="options">The form.</param>
    /// <param name="draw">Draws the picture.</param>
    /// <param name="drawBox">Draws one of its boxes.</param>
    internal DatasetSample Make(NlvrSampleOptions options, Func<Image> draw, Func<int, Image> drawBox)
    {
        var messages = new List<DataMessage>();
        if (options.Lists is NlvrLists.Before or NlvrLists.Instead)
        {
            bool given = options.Lists == NlvrLists.Instead;
            messages.Add(DataMessage.User([.. given ? [] : Pictures(options, draw, drawBox), NlvrList.Question]));
            messages.Add(DataMessage.Assistant(NlvrList.Of(Scene)) with { IsSupervised = !given });
        }

        int common = messages.Count;
        foreach ((string text, bool label) in Statements)
        {
            string asked = $"{text.Trim()} {NlvrDataset.Question}";
            messages.Add(messages.Count > 0 ? DataMessage.User(asked) : DataMessage.User([.. Pictures(options, draw, drawBox), asked]));
            messages.Add(DataMessage.Assistant(Word(label)));
        }

        if (options.Lists == NlvrLists.Behind)
        {
            messages.Add(DataMessage.User(NlvrList.Question));
            messages.Add(DataMessage.Assistant(NlvrList.Of(Scene)));
        }

        // Without tables the questions are those that they were before there were any.
        IEnumerable<(string Question, string Answer)> more =
        [
            .. options.Tables > 0 ? NlvrTables.Ask(new GeneratorRandom(0, Id + "/tables", 0), Scene, options.Tables) : [],
            .. options.Questions > 0 ? NlvrQuestions.Ask(new GeneratorRandom(0, Id, 0), Scene, options.Questions) : [],
        ];
        foreach ((string question, string answer) in more)
        {
            messages.Add(DataMessage.User(question));
            messages.Add(DataMessage.Assistant(answer));
        }

        bool first = Statements[0].Label;
        return new DatasetSample
        {
            Id = Id,
            Source = Source,
            Messages = messages,
            TurnsApart = messages.Count > 2,
            CommonMessages = common,
            Label = Word(first),
            LabelIndex = first ? 1 : 0,
        };
    }

    private static string Word(bool label) => label ? "true" : "false";

    private DataPart[] Pictures(NlvrSampleOptions options, Func<Image> draw, Func<int, Image> drawBox)
    {
        if (!options.BoxesApart)
        {
            return [MediaReference.Drawn(Id, draw)];
        }

        var parts = new DataPart[Scene.Boxes.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            int box = i;
            parts[i] = MediaReference.Drawn(FormattableString.Invariant($"{Id}/{i + 1}"), () => drawBox(box));
        }

        return parts;
    }
}
