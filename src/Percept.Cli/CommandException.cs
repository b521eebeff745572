namespace Percept.Cli;

/// <summary>Ends a command with one line on the error stream and exit code 2.</summary>
internal sealed class CommandException(string message) : Exception(message);
