namespace Percept.Checkpoints;

/// <summary>What a conversion did.</summary>
/// <param name="Files">The files that were written.</param>
/// <param name="Tensors">How many tensors of each type they hold.</param>
/// <param name="BytesBefore">What the tensors took.</param>
/// <param name="BytesAfter">What they take.</param>
/// <param name="Ignored">The tensors of the input that were left out, each with the reason.</param>
/// <param name="UnreadKeys">Keys of the configuration that nothing looked at.</param>
public sealed record ConvertReport(
    IReadOnlyList<string> Files,
    IReadOnlyDictionary<string, int> Tensors,
    long BytesBefore,
    long BytesAfter,
    IReadOnlyList<KeyValuePair<string, string>> Ignored,
    IReadOnlyList<string> UnreadKeys);
