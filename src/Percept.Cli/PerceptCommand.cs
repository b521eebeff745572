using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Percept.Cli;

/// <summary>The <c>percept</c> command.</summary>
public static class PerceptCommand
{
    /// <summary>The exit code when a check did not hold, or an answer was cut before it followed its schema.</summary>
    public const int Unmet = 1;

    /// <summary>The exit code when the command could not do what was asked.</summary>
    public const int Failure = 2;

    /// <summary>The exit code when the user stopped the command.</summary>
    public const int Stopped = 130;

    /// <summary>Runs the command.</summary>
    /// <param name="args">The command line without the program's name.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where the one line of an error goes.</param>
    /// <returns>0 for success, 1 when a check did not hold or an answer was cut before it followed its schema, 2 when the command could not do what was asked, 130 when it was
    /// stopped.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error) => Run(args, output, error, CommandInput.Standard());

    /// <summary>Runs the command with another input than the process has.</summary>
    internal static int Run(string[] args, TextWriter output, TextWriter error, CommandInput input)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        var root = new RootCommand("Percept: vision, audio and language models in pure C#.")
        {
            RunCommand.Create(output, error, input),
            CaptionCommand.Create(output, error, input),
            EmbedCommand.Create(output, error, input),
            DemoCommand.Create(output),
            ShowCommand.Create(output, error),
            BenchCommand.Create(output, error),
            TrainCommand.Create(output, error),
            EvalCommand.Create(output, error),
            CompareCommand.Create(output, error),
            VerifyCommand.Create(output),
            DoctorCommand.Create(output),
            InspectCommand.Create(output),
            TokensCommand.Create(output),
            PullCommand.Create(output),
            ListCommand.Create(output),
            ConvertCommand.Create(output),
            MergeCommand.Create(output, error),
            AverageCommand.Create(output, error),
            DataCommand.Create(output),
        };
        ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (Misspelt(root, parsed, args) is { } wrong)
        {
            return Fail(error, wrong);
        }

        if (parsed.Action is ParseErrorAction)
        {
            return Fail(
                error, Missing(parsed) ?? (parsed.Errors.Count > 0 ? Unread(parsed, parsed.Errors[0]) : "a command is missing; see --help"));
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,

                // Training ends its step and writes its state before it stops.
                ProcessTerminationTimeout = parsed.CommandResult.Command.Name == "train" ? TrainCommand.TimeToStop : TimeSpan.FromSeconds(2),
            });
        }
        catch (StoppedException stopped)
        {
            _ = Fail(error, stopped.Message);
            return Stopped;
        }
        catch (Exception failure) when (Failures.IsForTheUser(failure))
        {
            return Fail(error, Failures.MessageOf(failure));
        }
    }

    /// <summary>What is wrong with the first word that is no command, or the first option that the command lacks.</summary>
    private static string? Misspelt(RootCommand root, ParseResult parsed, string[] args)
    {
        Command command = parsed.CommandResult.Command;
        if (command == root && args.Length > 0 && !args[0].StartsWith('-'))
        {
            string known = string.Join(", ", root.Subcommands.Select(sub => sub.Name));
            return $"there is no command '{args[0]}'; the commands are {known}";
        }

        // A command that takes paths would take an unknown option for one; behind "--" all words are paths.
        Option[] options = [.. command.Options, .. root.Options.Where(option => option.Recursive)];
        foreach (string arg in args.TakeWhile(arg => arg != "--").Where(arg => arg.Length > 1 && arg[0] == '-'))
        {
            // A negative number is a value.
            if (char.IsAsciiDigit(arg[1]))
            {
                continue;
            }

            string name = arg.Split('=', ':')[0];
            if (!options.Any(option => option.Name == name || option.Aliases.Contains(name)))
            {
                return $"unknown option '{arg}'; see percept {(command == root ? "" : NameOf(command) + " ")}--help";
            }
        }

        return null;
    }

    /// <summary>What to say of the first argument that the command needs and that is not given; null where all are.</summary>
    private static string? Missing(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        Argument? missing = command.Arguments.FirstOrDefault(argument => argument.Arity.MinimumNumberOfValues > 0
            && (parsed.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MinimumNumberOfValues);
        return missing is null ? null : $"<{missing.Name}> is missing; see percept {NameOf(command)} --help";
    }

    /// <summary>An error of parsing in words that name the option and, where there are few, its values.</summary>
    private static string Unread(ParseResult parsed, ParseError problem)
    {
        string value = problem.SymbolResult is OptionResult given ? string.Join(' ', given.Tokens.Select(token => token.Value)) : "";
        if (problem.SymbolResult is not OptionResult { Option: { } option } || value.Length == 0)
        {
            return problem.Message;
        }

        int among = problem.Message.IndexOf("Must be one of:", StringComparison.Ordinal);
        string expected = among >= 0
            ? "expected " + string.Join(
                " or ", problem.Message[(among + 15)..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            : $"which is not understood; see percept {NameOf(parsed.CommandResult.Command)} --help";
        return $"{option.Name} is '{value}', {expected}";
    }

    /// <summary>A command's name behind those of the commands that it is part of.</summary>
    private static string NameOf(Command command) => string.Join(
        ' ', command.Parents.OfType<Command>().Where(parent => parent is not RootCommand).Select(parent => parent.Name).Append(command.Name));

    /// <summary>Writes the one line of an error, and gives the exit code for it.</summary>
    internal static int Fail(TextWriter error, string message)
    {
        // Names come from files and hubs: what a terminal would obey must not reach it.
        string line = Screen.Printable(message.ReplaceLineEndings(" ").Trim());
        error.WriteLine($"percept: {line}");
        return Failure;
    }
}
