namespace Percept.Checkpoints;

/// <summary>Where a value of the metadata stands.</summary>
/// <param name="Type">Its type.</param>
/// <param name="ElementType">The type of its elements, for an array; else its type.</param>
/// <param name="Count">How many elements.</param>
/// <param name="Offset">The first byte of its value, behind type and number.</param>
/// <param name="End">The first byte behind it.</param>
internal readonly record struct GgufEntry(GgufValueType Type, GgufValueType ElementType, int Count, int Offset, int End);
