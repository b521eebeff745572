using Percept.Tensors;

namespace Percept.Models;

/// <summary>A text encoder that guesses tokens from what stands on both sides of them.</summary>
public interface IMaskedLanguageModel : ITextEncoder
{
    /// <summary>How many tokens the head tells apart.</summary>
    int VocabularySize { get; }

    /// <summary>Whether <see cref="NextSentence"/> can be asked.</summary>
    bool JudgesPairs { get; }

    /// <summary>The logits of tokens.</summary>
    /// <param name="states">Float32 [n, hidden], as <see cref="ITextEncoder.Encode"/> gives them.</param>
    /// <returns>Float32 [n, vocabulary].</returns>
    Tensor Logits(Tensor states);

    /// <summary>The logits of a pair's second text following the first one, or not.</summary>
    /// <param name="pooled">Float32 [B, hidden], as <see cref="ITextEncoder.Encode"/> gives it.</param>
    /// <returns>Float32 [B, 2].</returns>
    /// <exception cref="NotSupportedException">The checkpoint has no such head.</exception>
    Tensor NextSentence(Tensor pooled);
}
