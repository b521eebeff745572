namespace Percept.Training;

/// <summary>
/// A chat template writes the beginning of a conversation differently when more follows, so that nobody can tell which part of the text
/// is an answer.
/// </summary>
/// <param name="message">Which template, which message, and what differs.</param>
public sealed class TemplatePrefixException(string message) : Exception(message);
