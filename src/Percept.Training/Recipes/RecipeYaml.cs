using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Percept.Training;

/// <summary>Reads and writes the YAML of recipes: names with values, lists and texts; no anchors, no tags, one document.</summary>
internal static class RecipeYaml
{
    private const int MostLetters = 1 << 20;
    private const int Deepest = 32;

    /// <summary>Reads a recipe's text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="file">The file, for errors.</param>
    /// <exception cref="InvalidDataException">It is no such YAML; the message names file and line.</exception>
    internal static RecipeNode Parse(string text, string file)
    {
        if (text.Length > MostLetters)
        {
            throw new InvalidDataException(
                $"'{file}' has {text.Length} letters, more than the {MostLetters} that a recipe may have. Name datasets by their files.");
        }

        try
        {
            var parser = new Parser(new StringReader(text));
            Expect<StreamStart>(parser);
            if (parser.Current is StreamEnd)
            {
                throw new InvalidDataException($"'{file}' is empty. Write a recipe, or begin with a built-in one: percept train --help names them.");
            }

            Expect<DocumentStart>(parser);
            RecipeNode root = Read(parser, file, 0);
            Expect<DocumentEnd>(parser);
            if (parser.Current is not StreamEnd)
            {
                throw Wrong(file, parser.Current!.Start.Line, "a second document begins; a recipe is one");
            }

            return root.Pairs is not null
                ? root
                : throw Wrong(file, root.Line, $"a recipe is names with values, this is {root.Kind}");
        }
        catch (YamlException error)
        {
            throw new InvalidDataException($"'{file}', line {error.Start.Line}: {error.Message} Mend the YAML.", error);
        }
    }

    /// <summary>The value that a text stands for on a command line.</summary>
    internal static RecipeNode ParseValue(string text)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            Expect<StreamStart>(parser);
            if (parser.Current is StreamEnd)
            {
                return RecipeNode.Scalar(string.Empty, quoted: true);
            }

            Expect<DocumentStart>(parser);
            return Read(parser, "--set", 0);
        }
        catch (YamlException)
        {
            return RecipeNode.Scalar(text, quoted: true);
        }
    }

    /// <summary>Writes YAML that <see cref="Parse"/> reads as the same.</summary>
    internal static string Write(RecipeNode root)
    {
        var yaml = new StringBuilder();
        Write(yaml, root, 0);
        return yaml.ToString();
    }

    private static RecipeNode Read(Parser parser, string file, int depth)
    {
        ParsingEvent here = parser.Current!;
        int line = (int)here.Start.Line;
        if (depth > Deepest)
        {
            throw Wrong(file, line, $"it nests deeper than {Deepest} levels");
        }

        if (here is AnchorAlias || (here is NodeEvent { Anchor.IsEmpty: false }))
        {
            throw Wrong(file, line, "anchors and aliases are not read; write the value where it is meant");
        }

        if (here is NodeEvent { Tag.IsEmpty: false, Tag.IsNonSpecific: false } tagged)
        {
            throw Wrong(file, line, $"the tag '{tagged.Tag}' is not read; write the value without it");
        }

        parser.MoveNext();
        switch (here)
        {
            case Scalar scalar:
                return RecipeNode.Scalar(scalar.Value, line, scalar.Style is not ScalarStyle.Plain);
            case SequenceStart:
                var list = RecipeNode.List(line);
                while (parser.Current is not SequenceEnd)
                {
                    list.SetItem(list.Items!.Count, Read(parser, file, depth + 1));
                }

                parser.MoveNext();
                return list;
            default:
                return ReadPairs(parser, file, depth, line);
        }
    }

    private static RecipeNode ReadPairs(Parser parser, string file, int depth, int line)
    {
        var mapping = RecipeNode.Mapping(line);
        while (parser.Current is not MappingEnd)
        {
            ParsingEvent at = parser.Current!;
            if (at is not Scalar { Value: var name })
            {
                throw Wrong(file, at.Start.Line, "a name must be a text");
            }

            parser.MoveNext();
            RecipeNode value = Read(parser, file, depth + 1);
            if (mapping.Find(name) is { } earlier)
            {
                throw Wrong(file, at.Start.Line, $"'{name}' stands twice, first in line {earlier.Line}; remove one");
            }

            mapping.Set(name, value);
        }

        parser.MoveNext();
        return mapping;
    }

    private static void Write(StringBuilder yaml, RecipeNode node, int depth)
    {
        foreach ((string name, RecipeNode value) in node.Pairs!)
        {
            yaml.Append(' ', 2 * depth).Append(Quoted(name, false)).Append(':');
            WriteValue(yaml, value, depth);
        }
    }

    private static void WriteValue(StringBuilder yaml, RecipeNode value, int depth)
    {
        if (value.Text is { } text)
        {
            yaml.Append(' ').Append(Quoted(text, value.IsQuoted)).Append('\n');
        }
        else if (value.Pairs is { } pairs)
        {
            yaml.Append(pairs.Count == 0 ? " {}\n" : "\n");
            Write(yaml, value, depth + 1);
        }
        else if (value.Items!.All(item => item.Text is not null))
        {
            yaml.Append(" [").AppendJoin(", ", value.Items!.Select(item => Quoted(item.Text!, item.IsQuoted))).Append("]\n");
        }
        else
        {
            yaml.Append('\n');
            foreach (RecipeNode item in value.Items!)
            {
                // A list of names with values; lists of lists are in no recipe.
                var block = new StringBuilder();
                Write(block, item, depth + 2);
                int indent = 2 * (depth + 1);
                yaml.Append(' ', indent).Append("- ").Append(block.ToString().AsSpan(indent + 2));
            }
        }
    }

    private static string Quoted(string text, bool quoted)
    {
        bool plain = text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '/' or '+' or '-')
            && text[0] is not '-' and not '.';
        bool number = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        if (!quoted && (plain || number))
        {
            return text;
        }

        if (quoted && plain && !number && text is not ("null" or "true" or "false"))
        {
            return text;
        }

        var escaped = new StringBuilder("\"");
        foreach (char letter in text)
        {
            _ = letter switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\t' => escaped.Append("\\t"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}"),
                _ => escaped.Append(letter),
            };
        }

        return escaped.Append('"').ToString();
    }

    private static void Expect<T>(Parser parser)
        where T : ParsingEvent
    {
        // A parser begins before its first event.
        if (parser.Current is null)
        {
            parser.MoveNext();
        }

        if (parser.Current is not T)
        {
            throw new YamlException(parser.Current!.Start, parser.Current.End, $"{typeof(T).Name} is missing here.");
        }

        parser.MoveNext();
    }

    private static InvalidDataException Wrong(string file, long line, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"'{file}', line {line}: {what}."));
}
