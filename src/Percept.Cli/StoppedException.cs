namespace Percept.Cli;

/// <summary>Ends a command that the user stopped: one line on the error stream and the exit code of an interrupt.</summary>
internal sealed class StoppedException(string message) : Exception(message);
