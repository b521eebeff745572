using Percept.Data;
using Percept.Text;
using Percept.Training;

namespace Percept.Cli;

/// <summary>Tells errors whose message is for the user from mistakes of the program.</summary>
internal static class Failures
{
    /// <summary>Whether an error says what is wrong with what the command was given.</summary>
    internal static bool IsForTheUser(Exception error) => error is CommandException or IOException or UnauthorizedAccessException
        or InvalidDataException or NotSupportedException or ArgumentException or InvalidOperationException or OutOfMemoryException
        or KeyNotFoundException or TimeoutException or HttpRequestException or TemplateException or TemplatePrefixException
        || (error is PreparationException prepared && IsForTheUser(prepared.InnerException!));

    /// <summary>An error's message on one line, without the names that the code gives to what is wrong.</summary>
    internal static string MessageOf(Exception error)
    {
        string message = error.Message;
        int names = error is ArgumentException ? message.IndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        return (names > 0 ? message[..names] : message).ReplaceLineEndings(" ");
    }
}
