using Percept.Tensors;

namespace Percept.Training;

/// <summary>Codes replaced by the nearest entries of a code book.</summary>
/// <param name="Loss">The loss, float32 [].</param>
/// <param name="Codes">
/// The entries, float32 [N, E]; their gradient goes to the codes as if nothing had been replaced.
/// </param>
/// <param name="Places">The places of the entries in the book, I64 [N].</param>
public sealed record QuantizedCodes(Tensor Loss, Tensor Codes, Tensor Places);
