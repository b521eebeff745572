namespace Percept.Conformance;

/// <summary>A run asks for a verb or an operation that Percept does not have; the run counts as not run.</summary>
internal sealed class NotUnderstoodException(string message) : Exception(message);
