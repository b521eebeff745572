using Percept.Models;

namespace Percept.Training;

/// <summary>A conversation as a model takes it, with what it is to learn.</summary>
public sealed class SupervisedPrompt : IDisposable
{
    /// <summary>The label of a token that is not learnt.</summary>
    public const int Ignored = -100;

    internal SupervisedPrompt(PreparedPrompt prompt, IReadOnlyList<(int Start, int End)> spans, ApartTurns? apart = null)
    {
        Prompt = prompt;
        Apart = apart;
        Spans = spans;
        int[] labels = new int[prompt.Ids.Count];
        Array.Fill(labels, Ignored);
        foreach ((int start, int end) in spans)
        {
            for (int i = start; i < end; i++)
            {
                labels[i] = prompt.Ids[i];
            }
        }

        foreach (MediaSpan media in prompt.Spans)
        {
            labels.AsSpan(media.Start, media.Count).Fill(Ignored);
        }

        Labels = labels;
        SupervisedCount = labels.Count(label => label != Ignored);
    }

    /// <summary>The turns where each is learned as if it stood alone behind the media; null for one conversation.</summary>
    internal ApartTurns? Apart { get; }

    /// <summary>Ids and media.</summary>
    public PreparedPrompt Prompt { get; }

    /// <summary>
    /// For each id the same id where it is learnt, else <see cref="Ignored"/>. Not shifted: the loss at a position compares what the model
    /// says there with the label of the next.
    /// </summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The tokens that are learnt, as ranges of ids: start, and end not included.</summary>
    public IReadOnlyList<(int Start, int End)> Spans { get; }

    /// <summary>How many tokens are learnt.</summary>
    public int SupervisedCount { get; }

    /// <summary>Frees the media.</summary>
    public void Dispose() => Prompt.Dispose();
}
