using System.CommandLine;
using System.Text;
using System.Text.Json;
using Percept.Text;
using Spectre.Console;

namespace Percept.Cli;

/// <summary><c>percept tokens --tokenizer PATH "text" [--count] [--ids] [--json]</c>: how a tokenizer cuts a text.</summary>
internal static class TokensCommand
{
    /// <summary>Background colours that neighbouring tokens take in turn.</summary>
    private static readonly Color[] s_colors = [Color.SteelBlue, Color.DarkGreen, Color.Purple4, Color.DarkOrange3, Color.Teal];

    internal static Command Create(TextWriter output)
    {
        var text = new Argument<string?>("text")
        {
            Description = "The text; - or nothing reads standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var tokenizer = new Option<string>("--tokenizer", "-t")
        {
            Description = "A model's folder, or a tokenizer.json, tokenizer.model, .tiktoken, vocab.txt or GGUF file.",
            Required = true,
        };
        var noSpecial = new Option<bool>("--no-special")
        {
            Description = "Leave out the tokens that the post-processor adds (beginning, end, separators).",
        };
        var user = new Option<bool>("--user-text")
        {
            Description = "Treat the text as a user's: control tokens written in it stay plain text.",
        };
        var count = new Option<bool>("--count") { Description = "Print the number of tokens and nothing else." };
        var onlyIds = new Option<bool>("--ids") { Description = "Print the ids and nothing else." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("tokens", "Shows the tokens of a text: pieces, ids and offsets in code points.")
        {
            text, tokenizer, noSpecial, user, count, onlyIds, asJson,
        };
        command.SetAction(parsed =>
        {
            string path = CommandPaths.Expand(parsed.GetValue(tokenizer)!);
            TextTokens loaded = Load(path);
            string input = parsed.GetValue(text) is { } given and not "-" ? given : Console.In.ReadToEnd();
            var options = new EncodeOptions
            {
                AddSpecialTokens = !parsed.GetValue(noSpecial),
                AllowSpecial = !parsed.GetValue(user),
            };
            if (parsed.GetValue(count) || parsed.GetValue(onlyIds))
            {
                WriteIds(output, loaded.EncodeIds(input, options), parsed.GetValue(onlyIds), parsed.GetValue(asJson));
                return 0;
            }

            TokenEncoding encoding = loaded.Encode(input, options);
            if (parsed.GetValue(asJson))
            {
                JsonOutput.Write(output, json => WriteJson(json, path, input, loaded, encoding));
            }
            else
            {
                Print(new Screen(output), input, loaded, encoding);
            }

            return 0;
        });
        return command;
    }

    private static TextTokens Load(string path) => path.Length == 0
        ? throw new CommandException("the path of the tokenizer is empty; name a folder or a tokenizer's file")
        : TokenizerFiles.Load(path);

    private static void WriteIds(TextWriter output, IReadOnlyList<int> ids, bool all, bool asJson)
    {
        if (asJson)
        {
            JsonOutput.Write(output, json =>
            {
                json.WriteStartObject();
                json.WriteNumber("count", ids.Count);
                if (all)
                {
                    json.WriteStartArray("ids");
                    foreach (int id in ids)
                    {
                        json.WriteNumberValue(id);
                    }

                    json.WriteEndArray();
                }

                json.WriteEndObject();
            });
            return;
        }

        output.WriteLine(all ? string.Join(' ', ids.Select(Number)) : Number(ids.Count));
    }

    private static void Print(Screen screen, string input, TextTokens tokenizer, TokenEncoding encoding)
    {
        var pieces = new List<(string Text, Color Color)>();
        for (int i = 0; i < encoding.Count; i++)
        {
            pieces.Add((Visible(encoding.Tokens[i]), s_colors[i % s_colors.Length]));
        }

        screen.Pieces(pieces);
        screen.Line();
        int[] starts = Starts(input);
        List<string[]> rows = [["#", "id", "token", "offsets", "text"]];
        for (int i = 0; i < encoding.Count; i++)
        {
            TokenOffset offset = encoding.Offsets[i];
            string part = input[starts[offset.Start]..starts[offset.End]];
            bool added = encoding.SpecialTokensMask[i] == 1;
            rows.Add(
            [
                Number(i), Number(encoding.Ids[i]), Visible(encoding.Tokens[i]),
                added ? "added" : $"{Number(offset.Start)}–{Number(offset.End)}",
                added ? "" : Visible(part),
            ]);
        }

        screen.Table(rows, row => row == 0 ? Color.Grey : null);
        screen.Line();
        int codePoints = starts.Length - 1;
        screen.Line(FormattableString.Invariant(
            $"{encoding.Count} tokens for {codePoints} characters ({Encoding.UTF8.GetByteCount(input)} bytes); vocabulary of {tokenizer.VocabularySize}"));
    }

    /// <summary>The UTF-16 index of every code point of a text, and of its end.</summary>
    private static int[] Starts(string text)
    {
        var starts = new List<int>(text.Length + 1);
        for (int i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
        {
            starts.Add(i);
        }

        starts.Add(text.Length);
        return [.. starts];
    }

    /// <summary>A text on one line: control characters as they are escaped in C#.</summary>
    private static string Visible(string text)
    {
        var visible = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            visible.Append(rune.Value switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < 0x20 or 0x7F or (>= 0x80 and < 0xA0) => FormattableString.Invariant($"\\u{rune.Value:X4}"),
                _ => rune.ToString(),
            });
        }

        return visible.ToString();
    }

    private static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void WriteJson(
        Utf8JsonWriter json, string path, string input, TextTokens tokenizer, TokenEncoding encoding)
    {
        json.WriteStartObject();
        json.WriteString("tokenizer", path);
        json.WriteNumber("vocabulary", tokenizer.VocabularySize);
        json.WriteString("text", input);
        json.WriteNumber("count", encoding.Count);
        json.WriteStartArray("tokens");
        for (int i = 0; i < encoding.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", encoding.Ids[i]);
            json.WriteString("token", encoding.Tokens[i]);
            json.WriteNumber("start", encoding.Offsets[i].Start);
            json.WriteNumber("end", encoding.Offsets[i].End);
            json.WriteBoolean("added", encoding.SpecialTokensMask[i] == 1);
            json.WriteBoolean("special", tokenizer.IsSpecial(encoding.Ids[i]));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
