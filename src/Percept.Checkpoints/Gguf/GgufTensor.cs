namespace Percept.Checkpoints;

/// <summary>What a GGUF file says of a tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dimensions">Its lengths, the fastest-running axis first, as in the file.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Bytes">Its bytes; null when the type is one that Percept does not know.</param>
public sealed record GgufTensor(
    string Name, IReadOnlyList<long> Dimensions, GgufTensorType Type, long Offset, long? Bytes);
