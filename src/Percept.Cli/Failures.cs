using Percept.Text;

namespace Percept.Cli;

/// <summary>Tells errors whose message is for the user from mistakes of the program.</summary>
internal static class Failures
{
    /// <summary>Whether an error says what is wrong with what the command was given.</summary>
    internal static bool IsForTheUser(Exception error) => error is CommandException or IOException or UnauthorizedAccessException
        or InvalidDataException or NotSupportedException or ArgumentException or InvalidOperationException or OutOfMemoryException
        or KeyNotFoundException or TimeoutException or TemplateException;
}
