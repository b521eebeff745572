using Percept.Models;
using Percept.Training;

namespace Percept.Cli;

/// <summary>Neighbouring ids of a prompt that are all learnt, all not, or all placeholders of one medium.</summary>
/// <param name="Start">The first id's place.</param>
/// <param name="End">The place after the last one's.</param>
/// <param name="Kind">learnt, medium, or empty for what is read alone.</param>
/// <param name="Text">The text that the ids stand for, or what the medium is.</param>
internal readonly record struct TokenRun(int Start, int End, string Kind, string Text)
{
    /// <summary>All runs of a prompt, in order.</summary>
    internal static List<TokenRun> Of(IProcessor processor, SupervisedPrompt prompt)
    {
        var runs = new List<TokenRun>();
        for (int start = 0; start < prompt.Prompt.Ids.Count; start = runs[^1].End)
        {
            runs.Add(At(processor, prompt, start));
        }

        return runs;
    }

    private static TokenRun At(IProcessor processor, SupervisedPrompt prompt, int start)
    {
        IReadOnlyList<int> ids = prompt.Prompt.Ids;
        foreach (MediaSpan span in prompt.Prompt.Spans)
        {
            if (span.Start == start)
            {
                return new TokenRun(start, start + span.Count, "medium", FormattableString.Invariant($"{span.Media.Kind} as {span.Count} tokens"));
            }
        }

        bool isLearnt = prompt.Labels[start] != SupervisedPrompt.Ignored;
        int next = prompt.Prompt.Spans.Where(span => span.Start > start).Select(span => span.Start).DefaultIfEmpty(ids.Count).Min();
        int end = start + 1;
        while (end < next && (prompt.Labels[end] != SupervisedPrompt.Ignored) == isLearnt)
        {
            end++;
        }

        return new TokenRun(
            start, end, isLearnt ? "learnt" : "", processor.Tokenizer.Tokenizer.Decode([.. ids.Skip(start).Take(end - start)]));
    }
}
