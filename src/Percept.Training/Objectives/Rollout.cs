using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// The answers to a micro-batch's questions, with what is known of their tokens: arrays of [answers, T], where T is the greatest number of
/// tokens of an answer.
/// </summary>
internal sealed class Rollout
{
    private readonly int[] _places;

    /// <summary>Takes answers, those to one question side by side.</summary>
    internal Rollout(IReadOnlyList<Completion> completions, float[] rewards, int length)
    {
        Completions = completions;
        Rewards = rewards;
        Length = length;
        Mask = new float[completions.Count * length];
        _places = new int[Mask.Length];
        Tokens = completions.Sum(completion => completion.Tokens.Count);
        _places.AsSpan().Fill(Tokens);
        int next = 0;
        for (int row = 0; row < completions.Count; row++)
        {
            for (int i = 0; i < completions[row].Tokens.Count; i++)
            {
                Mask[(row * length) + i] = 1;
                _places[(row * length) + i] = next++;
            }
        }
    }

    internal IReadOnlyList<Completion> Completions { get; }

    /// <summary>The reward of each answer.</summary>
    internal float[] Rewards { get; }

    /// <summary>T.</summary>
    internal int Length { get; }

    /// <summary>How many tokens all answers have.</summary>
    internal int Tokens { get; }

    /// <summary>1 for tokens of an answer.</summary>
    internal float[] Mask { get; }

    /// <summary>The log-probabilities when the answers were written; null where they are those of the first update.</summary>
    internal float[]? Old { get; set; }

    /// <summary>The reference model's log-probabilities; null where nobody asks for them.</summary>
    internal float[]? Reference { get; set; }

    /// <summary>How much better than expected: of each token, or of each answer.</summary>
    internal float[] Advantages { get; set; } = [];

    /// <summary>The values when the answers were written; empty without a value head.</summary>
    internal float[] Values { get; set; } = [];

    /// <summary>What was earned from each token on; empty without a value head.</summary>
    internal float[] Returns { get; set; } = [];

    /// <summary>A tensor of an array: float32 [answers, T].</summary>
    internal Tensor Of(float[] values) => Tensor.From<float>(values, [Completions.Count, Length]);

    /// <summary>Numbers of all tokens, one after the other, at their places: float32 [tokens] → [answers, T], 0 behind answers.</summary>
    internal Tensor Spread(Tensor packed)
    {
        Tensor all = Ops.Concat([packed, Ops.Zeros([1])], 0);
        return Ops.Reshape(Ops.IndexSelect(all, Tensor.From<int>(_places, [_places.Length]), 0), [Completions.Count, Length]);
    }
}
