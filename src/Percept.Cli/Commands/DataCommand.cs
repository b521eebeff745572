using System.CommandLine;

namespace Percept.Cli;

/// <summary><c>percept data validate|show|build</c>: looks at datasets before a training, and makes instruction data.</summary>
internal static class DataCommand
{
    internal static Command Create(TextWriter output) => new("data", "Checks, shows and builds datasets.")
    {
        DataValidateCommand.Create(output), DataShowCommand.Create(output), DataBuildCommand.Create(output),
    };
}
