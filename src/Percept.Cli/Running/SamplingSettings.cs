using System.CommandLine;
using Percept.Inference;
using Percept.Text;

namespace Percept.Cli;

/// <summary>The options that say how tokens are chosen; what is not given is the model's own.</summary>
internal sealed class SamplingSettings
{
    private readonly Option<int?> _maxTokens = new("--max-tokens", "-n") { Description = "The most tokens of an answer." };

    private readonly Option<double?> _temperature = new("--temperature")
    {
        Description = "Spread of the draws; 0 always takes the most likely token.",
    };

    private readonly Option<double?> _topP = new("--top-p") { Description = "Draw from the most likely tokens of this probability together." };

    private readonly Option<int?> _topK = new("--top-k") { Description = "Draw from this many most likely tokens; 0 for all." };

    private readonly Option<double?> _minP = new("--min-p") { Description = "Leave out tokens less likely than this share of the best." };

    private readonly Option<double?> _repetition = new("--repetition-penalty") { Description = "Above 1: tokens that stand already become less likely." };

    private readonly Option<int?> _beams = new("--beams") { Description = "Search with this many beams." };

    private readonly Option<int?> _lookup = new("--lookup")
    {
        Description = "Guess up to so many tokens ahead from the prompt; the answer stays the same.",
    };

    private readonly Option<ulong?> _seed = new("--seed") { Description = "The same seed gives the same draws." };

    private readonly Option<string[]> _stop = new("--stop") { Description = "End the answer before this text; may be repeated." };

    private readonly Option<string?> _schema = new("--json-schema") { Description = "A JSON schema that the answer must follow: a file, or the schema itself, beginning with {." };

    private readonly Option<string?> _regex = new("--regex") { Description = "A regular expression that the whole answer must match." };

    private readonly Option<string?> _style = new("--style")
    {
        Description = $"A classic conversation style instead of the model's chat template: {string.Join(", ", ConversationStyle.Names)}.",
    };

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[
            _maxTokens, _temperature, _topP, _topK, _minP, _repetition, _beams, _lookup, _seed, _stop, _schema, _regex, _style])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>How an answer is made.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="own">The model's own settings.</param>
    /// <param name="error">Where it says that an option changes nothing.</param>
    /// <exception cref="CommandException">A value is out of range.</exception>
    internal AnswerOptions Read(ParseResult parsed, GenerationSettings own, TextWriter error)
    {
        Check(parsed);
        if (parsed.GetValue(_seed) is not null && !Draws(own, parsed))
        {
            error.WriteLine("percept: --seed changes nothing: the most likely token is always taken; draw with --temperature 0.7, say");
        }

        return new AnswerOptions
        {
            JsonSchema = parsed.GetValue(_schema) is { } schema ? Schema(schema) : null,
            Regex = parsed.GetValue(_regex),
            Style = parsed.GetValue(_style) is { } style ? ConversationStyle.Named(style) : null,
            Adjust = own => Adjust(own, parsed),
        };
    }

    /// <summary>The schema in a file, or what is a schema itself.</summary>
    private static string Schema(string given)
    {
        if (given.TrimStart().StartsWith('{') && !File.Exists(given))
        {
            return given;
        }

        string path = CommandPaths.Expand(given);
        CommandPaths.CheckFile("file of a JSON schema", path);
        return File.ReadAllText(path);
    }

    private void Check(ParseResult parsed)
    {
        double? temperature = parsed.GetValue(_temperature);
        if (temperature is { } heat && !(heat >= 0 && double.IsFinite(heat)))
        {
            throw new CommandException(FormattableString.Invariant($"--temperature is {heat}, expected 0 or more"));
        }

        if (parsed.GetValue(_topP) is { } share && !(share >= 0 && share <= 1))
        {
            throw new CommandException(FormattableString.Invariant($"--top-p is {share}, expected 0 to 1"));
        }

        if (parsed.GetValue(_maxTokens) is < 1 and { } most)
        {
            throw new CommandException($"--max-tokens is {most}, expected 1 or more");
        }
    }

    /// <summary>Whether tokens are drawn rather than the most likely one taken.</summary>
    private bool Draws(GenerationSettings own, ParseResult parsed) => parsed.GetValue(_temperature) is { } temperature
        ? temperature > 0
        : own.DoSample || parsed.GetValue(_topP) is not null || parsed.GetValue(_topK) is not null || parsed.GetValue(_minP) is not null;

    private GenerationSettings Adjust(GenerationSettings own, ParseResult parsed)
    {
        double? temperature = parsed.GetValue(_temperature);
        string[] stops = parsed.GetValue(_stop) ?? [];
        return own with
        {
            MaxNewTokens = parsed.GetValue(_maxTokens) ?? own.MaxNewTokens,
            DoSample = Draws(own, parsed),
            Temperature = temperature is > 0 ? temperature.Value : own.Temperature,
            TopP = parsed.GetValue(_topP) ?? own.TopP,
            TopK = parsed.GetValue(_topK) ?? own.TopK,
            MinP = parsed.GetValue(_minP) ?? own.MinP,
            RepetitionPenalty = parsed.GetValue(_repetition) ?? own.RepetitionPenalty,
            NumBeams = parsed.GetValue(_beams) ?? own.NumBeams,
            PromptLookupNumTokens = parsed.GetValue(_lookup) ?? own.PromptLookupNumTokens,
            Seed = parsed.GetValue(_seed) ?? own.Seed,
            StopStrings = stops.Length > 0 ? stops : own.StopStrings,
        };
    }
}
