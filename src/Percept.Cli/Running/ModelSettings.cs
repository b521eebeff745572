using System.CommandLine;
using System.Diagnostics;
using Percept.Checkpoints;
using Percept.Inference;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Threading;

namespace Percept.Cli;

/// <summary>The options that every command with a model has, and the model that they ask for.</summary>
internal sealed class ModelSettings
{
    private readonly Argument<string> _model = new("model")
    {
        Description = "A model's folder, a GGUF file, or the name of a downloaded model (org/name).",
    };

    private readonly Option<string> _precision = new("--precision")
    {
        Description = "fast: also round inputs of products to bfloat16 or 8 bits, as the weights' type allows; exact: compute in float32.",
        DefaultValueFactory = _ => "fast",
    };

    private readonly Option<string> _cache = new("--cache")
    {
        Description = "How past keys and values are stored: f32, f16 or q8.",
        DefaultValueFactory = _ => "f16",
    };

    private readonly Option<int?> _context = new("--context") { Description = "The greatest number of tokens, prompt and answer together." };

    private readonly Option<string[]> _adapters = new("--adapter")
    {
        Description = "An adapter's folder, or NAME=FOLDER; several may be given, of which the first answers until another is chosen.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<int?> _threads = new("--threads") { Description = "How many threads compute (default: one a core)." };

    /// <summary>Adds the argument and the options to a command.</summary>
    internal void AddTo(Command command)
    {
        command.Arguments.Insert(0, _model);
        AddOptionsTo(command);
    }

    /// <summary>Adds the options alone to a command that names its models itself.</summary>
    internal void AddOptionsTo(Command command)
    {
        _precision.AcceptOnlyFromAmong("fast", "exact");
        _cache.AcceptOnlyFromAmong("f32", "f16", "q8");
        command.Options.Add(_precision);
        command.Options.Add(_cache);
        command.Options.Add(_context);
        command.Options.Add(_threads);
    }

    /// <summary>Adds the option that names adapters.</summary>
    internal void AddAdaptersTo(Command command) => command.Options.Add(_adapters);

    /// <summary>Adds what concerns a model without a cache of tokens.</summary>
    internal void AddEncoderTo(Command command)
    {
        _precision.AcceptOnlyFromAmong("fast", "exact");
        command.Arguments.Insert(0, _model);
        command.Options.Add(_precision);
        command.Options.Add(_threads);
    }

    /// <summary>The model as the command line names it.</summary>
    internal string Word(ParseResult parsed) => parsed.GetValue(_model)!;

    /// <summary>The folder or file of the model.</summary>
    /// <exception cref="CommandException">A picture stands where the model should.</exception>
    internal string Path(ParseResult parsed) => Path(parsed, Word(parsed));

    private static string Path(ParseResult parsed, string word)
    {
        string path = CommandPaths.Expand(RunWords.Unquoted(word));
        return RunWords.HasEnding(path) && !Directory.Exists(path)
            ? throw new CommandException(
                $"'{word}' is a picture, clip or sound, and it stands where the model belongs; put the model in front: " +
                $"percept {parsed.CommandResult.Command.Name} MODEL …")
            : ModelLocator.Resolve(word);
    }

    /// <summary>Applies the number of threads.</summary>
    internal void Configure(ParseResult parsed)
    {
        if (parsed.GetValue(_threads) is { } threads)
        {
            WorkerPool.Configure(threads is >= 1 and <= 1024
                ? threads
                : throw new CommandException($"--threads is {threads}, expected 1 to 1024"));
        }
    }

    /// <summary>How weights are taken.</summary>
    internal LoadOptions Load(ParseResult parsed) => new()
    {
        Precision = parsed.GetValue(_precision) == "exact" ? LinearPrecision.Exact : LinearPrecision.Fast,
    };

    /// <summary>What of the options answers depend on.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Computed(ParseResult parsed) =>
    [
        KeyValuePair.Create("precision", parsed.GetValue(_precision)!), KeyValuePair.Create("cache", parsed.GetValue(_cache)!),
    ];

    /// <summary>How the engine runs.</summary>
    internal EngineOptions Engine(ParseResult parsed) => new()
    {
        CacheType = parsed.GetValue(_cache) switch { "f32" => KvCacheType.F32, "q8" => KvCacheType.Q8, _ => KvCacheType.F16 },
        ContextLength = parsed.GetValue(_context) is { } context
            ? context >= 1 ? context : throw new CommandException($"--context is {context}, expected 1 or more")
            : null,
    };

    /// <summary>Loads the model with its processor and engine.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="error">Where it shows that loading goes on.</param>
    /// <param name="loading">How long it took.</param>
    internal MultimodalChat Open(ParseResult parsed, TextWriter error, out TimeSpan loading) =>
        Open(parsed, Word(parsed), error, out loading);

    /// <summary>Loads a model that the command names itself.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="word">How the model is named.</param>
    /// <param name="error">Where it shows that loading goes on.</param>
    /// <param name="loading">How long it took.</param>
    internal MultimodalChat Open(ParseResult parsed, string word, TextWriter error, out TimeSpan loading)
    {
        Configure(parsed);
        string path = Path(parsed, word);
        ModelKinds.RequireAnswers(path);
        EngineOptions engine = Engine(parsed);
        LinearPrecision precision = Load(parsed).Precision;
        AdapterSet? adapters = Adapters(parsed);
        long start = Stopwatch.GetTimestamp();
        MultimodalChat chat = Waiting.While(error, $"loading {path}", () => MultimodalChat.Load(path, engine, precision, adapters));
        loading = Stopwatch.GetElapsedTime(start);
        return chat;
    }

    private AdapterSet? Adapters(ParseResult parsed)
    {
        if (!parsed.CommandResult.Command.Options.Contains(_adapters) || parsed.GetValue(_adapters) is not { Length: > 0 } words)
        {
            return null;
        }

        Adapter[] adapters = [.. words.Select(word =>
        {
            int cut = AdapterFolder.Is(CommandPaths.Expand(word)) ? -1 : word.IndexOf('=', StringComparison.Ordinal);
            string folder = CommandPaths.Expand(cut < 0 ? word : word[(cut + 1)..]);
            return AdapterFolder.Is(folder)
                ? Adapter.Open(folder, cut <= 0 ? null : word[..cut])
                : throw new CommandException(
                    $"--adapter: '{folder}' is no adapter: it needs {AdapterConfig.FileName} and {Adapter.WeightsFileName}; a run's folder has " +
                    "them in 'model'");
        })];
        return adapters.GroupBy(adapter => adapter.Name).FirstOrDefault(group => group.Count() > 1) is { } same
            ? throw new CommandException($"--adapter: two adapters are called '{same.Key}'; write NAME={words[^1]} for one of them")
            : adapters.Any(adapter => adapter.Name == AdapterSet.None)
            ? throw new CommandException($"--adapter: an adapter is called '{AdapterSet.None}', which means the model without one; write NAME=FOLDER")
            : new AdapterSet(adapters);
    }
}
