namespace Percept.Models;

/// <summary>The marks of media in a prompt: their number and kinds, and the placeholders that they become.</summary>
internal static class MediaMarks
{
    /// <summary>Checks that marks and media agree.</summary>
    /// <param name="marks">What the marks stand for, in order.</param>
    /// <param name="media">The media in order.</param>
    /// <exception cref="ArgumentException">They differ in number or kind.</exception>
    internal static void Require(IReadOnlyList<MediaKind> marks, IReadOnlyList<MediaContent> media)
    {
        if (marks.Count != media.Count)
        {
            throw new ArgumentException(
                $"The prompt has {marks.Count} marks of media, but {media.Count} media are given. " +
                "Write one mark for each, or give the media to the messages.",
                nameof(media));
        }

        for (int i = 0; i < marks.Count; i++)
        {
            if (marks[i] != media[i].Kind)
            {
                throw new ArgumentException(
                    $"Mark {i + 1} of the prompt stands for {marks[i]}, but medium {i + 1} is {media[i].Kind}.", nameof(media));
            }
        }
    }

    /// <summary>Puts as many placeholders in the place of each mark as its medium has rows.</summary>
    /// <param name="ids">The ids with one mark a medium.</param>
    /// <param name="placeholderOf">The placeholder of a mark; null for an id that is none.</param>
    /// <param name="inputs">The media in the order of their marks; they belong to the prompt then.</param>
    internal static PreparedPrompt Widen(IReadOnlyList<int> ids, Func<int, int?> placeholderOf, IReadOnlyList<MediaInput> inputs)
    {
        var wide = new List<int>(ids.Count + inputs.Sum(input => input.Tokens));
        var spans = new List<MediaSpan>(inputs.Count);
        foreach (int id in ids)
        {
            if (placeholderOf(id) is not { } placeholder)
            {
                wide.Add(id);
                continue;
            }

            MediaInput input = inputs[spans.Count];
            spans.Add(new MediaSpan(wide.Count, input.Tokens, input));
            wide.AddRange(Enumerable.Repeat(placeholder, input.Tokens));
        }

        return new PreparedPrompt { Ids = wide, Spans = spans };
    }
}
