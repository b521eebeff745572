namespace Percept.Inference;

/// <summary>Changes the logits of one row before a token is chosen.</summary>
/// <remarks>
/// A processor belongs to one generation and is called by one thread at a time. It owns its buffers: once they have
/// grown to the vocabulary, a call allocates nothing. A forbidden token has the logit −∞.
/// </remarks>
public interface ILogitsProcessor
{
    /// <summary>The name that the reference gives the step.</summary>
    string Name { get; }

    /// <summary>Changes logits in place.</summary>
    /// <param name="context">The row.</param>
    /// <param name="logits">Its logits [V]; with beam search the log-probabilities.</param>
    void Process(in LogitsContext context, Span<float> logits);
}
