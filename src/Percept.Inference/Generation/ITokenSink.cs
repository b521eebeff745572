namespace Percept.Inference;

/// <summary>Takes tokens as they are generated.</summary>
/// <remarks>Called by the thread that generates, in the order of generation; with beams only at the end.</remarks>
public interface ITokenSink
{
    /// <summary>Takes a token.</summary>
    /// <param name="sequence">The answer's number: prompts in order, the answers of a prompt together.</param>
    /// <param name="token">The id, end tokens included.</param>
    /// <param name="finish">Why the row ends with it; null when it goes on.</param>
    void Put(int sequence, int token, FinishReason? finish);
}
