using Spectre.Console;

namespace Percept.Cli;

/// <summary>
/// Writes lines to a terminal or a file: coloured where the terminal can, never wrapped where it is a file.
/// </summary>
internal sealed class Screen
{
    // Wide enough that no line is broken into two.
    private const int UnlimitedWidth = 10_000;

    private readonly IAnsiConsole _console;

    // Where nothing is coloured, lines need no console to lay them out: texts of a million tokens are printed at once.
    private readonly TextWriter? _plain;

    internal Screen(TextWriter output)
    {
        bool terminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        _console.Profile.Width = UnlimitedWidth;
        _plain = _console.Profile.Capabilities.ColorSystem == ColorSystem.NoColors ? output : null;
    }

    /// <summary>Writes a line as it is, but for what a terminal would obey: names come from files.</summary>
    internal void Line(string text = "")
    {
        text = Printable(text);
        if (_plain is { } plain)
        {
            plain.WriteLine(text);
        }
        else
        {
            _console.WriteLine(text);
        }
    }

    /// <summary>Writes a line in a colour.</summary>
    internal void Line(string text, Color color) => Line(text, new Style(color));

    /// <summary>Writes a heading.</summary>
    internal void Heading(string text) => Line(text, new Style(decoration: Decoration.Bold));

    /// <summary>Writes pieces of text side by side, each on its own background; parted by bars where there are no colours.</summary>
    internal void Pieces(IReadOnlyList<(string Text, Color Color)> pieces)
    {
        if (_plain is not null)
        {
            Line(string.Join('|', pieces.Select(piece => piece.Text)));
            return;
        }

        foreach ((string text, Color color) in pieces)
        {
            _console.Write(Printable(text), new Style(Color.White, color));
        }

        Line();
    }

    /// <summary>Writes rows of cells in columns of equal width.</summary>
    /// <param name="rows">The rows, all of the same length.</param>
    /// <param name="color">The colour of a row by its index; null for none.</param>
    internal void Table(IReadOnlyList<string[]> rows, Func<int, Color?>? color = null)
    {
        if (rows.Count == 0)
        {
            return;
        }

        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Max(row => row[i].Length))];
        for (int r = 0; r < rows.Count; r++)
        {
            string text = "  " + string.Join("  ", rows[r].Select((cell, i) => cell.PadRight(widths[i])));
            if (color?.Invoke(r) is { } tint)
            {
                Line(text.TrimEnd(), tint);
            }
            else
            {
                Line(text.TrimEnd());
            }
        }
    }

    /// <summary>The text with a question mark for each control letter but ends of lines and tabs.</summary>
    internal static string Printable(string text) => text.Any(IsControl)
        ? string.Concat(text.Select(letter => IsControl(letter) ? '?' : letter))
        : text;

    private static bool IsControl(char letter) => char.IsControl(letter) && letter is not '\n' and not '\r' and not '\t';

    private void Line(string text, Style style)
    {
        text = Printable(text);
        if (_plain is { } plain)
        {
            plain.WriteLine(text);
        }
        else
        {
            _console.WriteLine(text, style);
        }
    }
}
