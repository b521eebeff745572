namespace Percept.Cli;

/// <summary>Where a command reads from.</summary>
/// <param name="Reader">The lines.</param>
/// <param name="IsPiped">Whether all of it is given beforehand (a pipe or a file), rather than typed.</param>
/// <param name="OpenBytes">Opens the same as bytes.</param>
internal sealed record CommandInput(TextReader Reader, bool IsPiped, Func<Stream> OpenBytes)
{
    /// <summary>Standard input.</summary>
    internal static CommandInput Standard() => new(Console.In, Console.IsInputRedirected, Console.OpenStandardInput);
}
