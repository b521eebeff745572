using System.Globalization;
using System.Text;
using Percept.Text;

namespace Percept.Training;

/// <summary>Writes a prepared sample for people: what is learned stands in brackets, media as their number of rows.</summary>
internal static class SampleView
{
    private const int MostLetters = 4000;

    /// <summary>The text of an item.</summary>
    internal static string Of(TrainingItem item, TrainedModel model)
    {
        string text = item switch
        {
            TokenItem token => Tokens(token, model),
            PreferenceItem pair => $"better: {Tokens(pair.Chosen, model)}\nworse: {Tokens(pair.Rejected, model)}",
            MaskedTextItem hidden => string.Create(
                CultureInfo.InvariantCulture, $"a text of {hidden.Ids.Count} tokens, {hidden.Places.Count} of which are to be guessed"),
            JudgedItem judged => (judged.IsDesirable ? "good: " : "bad: ") + Tokens(judged.Answered, model),
            DistillationItem both => Tokens(both.Student, model),
            PromptItem asked => Tokens(asked.Prompt, [.. asked.Prompt.Ids.Select(_ => SupervisedPrompt.Ignored)], model),
            PictureItem { Text.Count: 0 } picture => $"a picture {picture.Pixels.Shape}",
            PictureItem picture => string.Create(
                CultureInfo.InvariantCulture, $"a picture {picture.Pixels.Shape} and {picture.Text.Count} tokens of text"),
            _ => item.Sample.ToString(),
        };
        return text.Length <= MostLetters ? text : text[..MostLetters] + "…";
    }

    private static string Tokens(TokenItem item, TrainedModel model) => Tokens(item.Conversation.Prompt, item.Conversation.Labels, model);

    private static string Tokens(Models.PreparedPrompt prompt, IReadOnlyList<int> labels, TrainedModel model)
    {
        Tokenizer tokenizer = model.NeedProcessor().Tokenizer.Tokenizer;
        IReadOnlyList<int> ids = prompt.Ids;
        var text = new StringBuilder();
        for (int start = 0, end; start < ids.Count; start = end)
        {
            bool learned = labels[start] != SupervisedPrompt.Ignored;
            Models.MediaSpan? medium = null;
            foreach (Models.MediaSpan span in prompt.Spans)
            {
                medium = start >= span.Start && start < span.Start + span.Count ? span : medium;
            }

            if (medium is { } shown)
            {
                end = shown.Start + shown.Count;
                text.Append(CultureInfo.InvariantCulture, $"[{shown.Media.Kind}: {shown.Count} rows]");
                continue;
            }

            end = start + 1;
            while (end < ids.Count && labels[end] != SupervisedPrompt.Ignored == learned
                && !prompt.Spans.Any(span => span.Start == end))
            {
                end++;
            }

            string piece = tokenizer.Decode([.. ids.Skip(start).Take(end - start)]);
            text.Append(learned ? $"⟦{piece}⟧" : piece);
        }

        return text.ToString();
    }
}
