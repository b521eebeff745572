namespace Percept.Conformance;

/// <summary>How one output compares with what is wanted.</summary>
/// <param name="Name">The output's name.</param>
/// <param name="Matches">Whether it is there, has the wanted shape, and every element is within its tolerance.</param>
/// <param name="Error">The error of the element that is worst against its tolerance; null when nothing could be
/// compared.</param>
/// <param name="Allowed">What is allowed at that element.</param>
/// <param name="Problem">Why it does not match, in one sentence; null when it matches.</param>
public sealed record OutputResult(string Name, bool Matches, double? Error, double? Allowed, string? Problem);
