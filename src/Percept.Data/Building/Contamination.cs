namespace Percept.Data;

/// <summary>Why a training sample is not apart from an evaluation set.</summary>
/// <param name="Set">The evaluation set.</param>
/// <param name="Id">The sample there.</param>
/// <param name="Reason">What they share: <c>text</c>, <c>picture</c> or <c>similar picture</c>.</param>
public sealed record Contamination(string Set, string Id, string Reason);
