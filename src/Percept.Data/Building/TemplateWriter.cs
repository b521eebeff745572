namespace Percept.Data;

/// <summary>Writes instructions by sentences with places for facts, without any model. It says nothing that the annotations do not say.</summary>
/// <param name="seed">What the choice of wordings follows from, together with the picture's id.</param>
/// <param name="maxTurns">The most questions of a conversation.</param>
public sealed class TemplateWriter(ulong seed = 0, int maxTurns = 4) : IInstructionWriter
{
    private static readonly string[] s_detailQuestions =
    [
        "Describe the picture in detail.",
        "What can be seen in this picture? Be thorough.",
        "Give a full description of the image.",
        "Write down everything of note in the image.",
    ];

    /// <inheritdoc/>
    public string Description => FormattableString.Invariant($"sentences with places for facts, seed {seed}, at most {maxTurns} questions");

    /// <inheritdoc/>
    public Task<IReadOnlyList<DataMessage>> WriteAsync(
        AnnotatedImage image, InstructionKind kind, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        cancellation.ThrowIfCancellationRequested();
        ulong hash = 14695981039346656037;
        foreach (char letter in image.Id)
        {
            hash = (hash ^ letter) * 1099511628211;
        }

        var random = new SeededRandom(seed, hash, (ulong)kind);
        var facts = new ImageFacts(image);
        return Task.FromResult<IReadOnlyList<DataMessage>>(kind switch
        {
            InstructionKind.Conversation => Conversation(facts, ref random),
            InstructionKind.Detail => Detail(facts, ref random),
            _ => Reasoning(facts, ref random),
        });
    }

    private List<DataMessage> Conversation(ImageFacts facts, ref SeededRandom random)
    {
        var pairs = new List<(string Question, string Answer)>();
        pairs.AddRange(facts.Image.Questions.Select(one => (Question(one.Question), Wording.Sentence(one.Answer))));
        if (facts.Kinds.Count > 0)
        {
            pairs.Add((
                "Which kinds of things are marked in the picture?",
                Wording.Sentence($"I see {Wording.List(facts.Kinds)}")));
        }

        foreach ((string name, int count) in facts.Counts)
        {
            pairs.Add((
                $"How many {Wording.Plural(name)} are there?",
                Wording.Sentence(count == 1 ? $"There is one {name}" : $"There are {Wording.Count(count, name)}")));
        }

        foreach (AnnotatedObject one in facts.Unique.Where(one => one.Attributes.Count > 0))
        {
            pairs.Add(($"What does the {one.Name} look like?", Wording.Sentence($"The {one.Name} is {Wording.List(one.Attributes)}")));
        }

        foreach ((AnnotatedObject subject, string verb, AnnotatedObject other) in Relations(facts))
        {
            pairs.Add((
                $"How does the {subject.Name} stand to the {other.Name}?",
                Wording.Sentence($"The {subject.Name} {verb} the {other.Name}")));
        }

        foreach (AnnotatedObject one in facts.Unique)
        {
            if (facts.Place(one) is { } place)
            {
                pairs.Add(($"Where in the picture is the {one.Name}?", Wording.Sentence($"The {one.Name} is {place}")));
            }
        }

        var messages = new List<DataMessage>();
        int[] order = random.Permutation(pairs.Count);
        foreach (int i in order.Take(maxTurns))
        {
            messages.Add(DataMessage.User(pairs[i].Question));
            messages.Add(DataMessage.Assistant(pairs[i].Answer));
        }

        return messages;
    }

    private static List<DataMessage> Detail(ImageFacts facts, ref SeededRandom random)
    {
        var sentences = new List<string>();
        sentences.AddRange(facts.Captions.Select(Wording.Sentence));
        if (facts.Kinds.Count > 0)
        {
            sentences.Add(Wording.Sentence((sentences.Count > 0 ? "in all, " : "") + $"the picture shows {Wording.List(facts.Kinds)}"));
        }

        sentences.AddRange(facts.Unique.Where(one => one.Attributes.Count > 0)
            .Select(one => Wording.Sentence($"the {one.Name} is {Wording.List(one.Attributes)}")));
        sentences.AddRange(Relations(facts).Select(one => Wording.Sentence($"the {one.Subject.Name} {one.Verb} the {one.Object.Name}")));
        sentences.AddRange(facts.Unique.Select(one => (one.Name, Place: facts.Place(one))).Where(one => one.Place is not null)
            .Select(one => Wording.Sentence($"the {one.Name} is {one.Place}")));
        return sentences.Count < 2
            ? []
            :
            [
                DataMessage.User(s_detailQuestions[random.Below(s_detailQuestions.Length)]),
                DataMessage.Assistant(string.Join(' ', sentences.Distinct())),
            ];
    }

    private static List<DataMessage> Reasoning(ImageFacts facts, ref SeededRandom random)
    {
        var pairs = new List<(string Question, string Answer)>();
        if (facts.Counts.Count > 1)
        {
            (string first, int many) = facts.Counts[0];
            (string second, int few) = facts.Counts[1];
            pairs.Add((
                $"Are there more {Wording.Plural(first)} or more {Wording.Plural(second)}, and how do you know?",
                $"I count {Wording.Count(many, first)} and {Wording.Count(few, second)}. "
                + (many == few ? $"Both numbers are {Wording.Number(many)}, so there are as many of one as of the other."
                    : $"{Wording.Sentence(Wording.Number(Math.Max(many, few)))[..^1]} is more than "
                        + $"{Wording.Number(Math.Min(many, few))}, so there are more {Wording.Plural(many > few ? first : second)}.")));
        }

        foreach ((AnnotatedObject subject, string verb, AnnotatedObject other) in Relations(facts).Where(one => one.Subject.Attributes.Count > 0))
        {
            pairs.Add((
                $"Which thing {verb} the {other.Name}, and what does it look like?",
                $"The thing that {verb} the {other.Name} is the {subject.Name}. The {subject.Name} is "
                + $"{Wording.List(subject.Attributes)}."));
        }

        AnnotatedObject[] unique = [.. facts.Unique.Where(one => one.Width > 0 && one.Height > 0)];
        if (unique.Length > 1)
        {
            AnnotatedObject[] byArea = [.. unique.OrderByDescending(one => one.Width * one.Height)];
            double ratio = byArea[0].Width * byArea[0].Height / (byArea[1].Width * byArea[1].Height);
            if (ratio >= 1.2)
            {
                pairs.Add((
                    $"Between {Wording.List([.. unique.Select(one => "the " + one.Name)])}, which takes the most room in the picture, "
                    + "and why?",
                    FormattableString.Invariant(
                        $"The {byArea[0].Name} takes the most room. Its box is {byArea[0].Width:0}×{byArea[0].Height:0} pixels, ")
                    + FormattableString.Invariant($"{ratio:0.0} times the area of the {byArea[1].Name}'s, which comes next.")));
            }
        }

        if (pairs.Count == 0)
        {
            return [];
        }

        (string question, string answer) = pairs[random.Below(pairs.Count)];
        return [DataMessage.User(question), DataMessage.Assistant(answer)];
    }

    /// <summary>Relations that can be said of one thing, with their verb; such as "with a" or "wear" are none.</summary>
    private static IEnumerable<(AnnotatedObject Subject, string Verb, AnnotatedObject Object)> Relations(ImageFacts facts) => facts.ClearRelations
        .Select(one => (one.Subject, Verb: Wording.Verb(one.Predicate), one.Object))
        .Where(one => one.Verb is not null)
        .Select(one => (one.Subject, one.Verb!, one.Object));

    private static string Question(string text)
    {
        string trimmed = text.Trim();
        return trimmed.EndsWith('?') ? trimmed : trimmed + "?";
    }
}
