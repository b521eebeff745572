using System.Runtime.CompilerServices;
using System.Text;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Inference;

/// <summary>
/// A model to talk with about pictures:
/// <c>using var chat = MultimodalChat.Load("model"); Console.WriteLine(chat.Ask("What is this?", "photo.jpg"));</c>
/// </summary>
/// <remarks>Safe for several threads; answers of several callers are computed together.</remarks>
public sealed class MultimodalChat : IDisposable
{
    private readonly Lock _lock = new();
    private readonly GenerationSettings _defaults;
    private TokenBytes? _bytes;
    private TokenVocabulary? _vocabulary;

    /// <summary>Puts the parts together.</summary>
    /// <param name="model">The model.</param>
    /// <param name="processor">Its processor.</param>
    /// <param name="defaults">Its settings of generation.</param>
    /// <param name="options">How its engine runs; null for the defaults.</param>
    public MultimodalChat(LoadedModel model, IProcessor processor, GenerationSettings defaults, EngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(defaults);
        Model = model;
        Processor = processor;
        _defaults = defaults with { EosTokenIds = [.. defaults.EosTokenIds.Union(processor.StopIds)] };
        options ??= new EngineOptions();
        Engine = new InferenceEngine(
            model.Model, options with { Prompt = model.Prompt ?? options.Prompt, Adapters = model.Adapters ?? options.Adapters });
    }

    /// <summary>The model.</summary>
    public LoadedModel Model { get; }

    /// <summary>The processor.</summary>
    public IProcessor Processor { get; }

    /// <summary>The engine.</summary>
    public InferenceEngine Engine { get; }

    /// <summary>The model's own settings of generation, with every id that ends an answer.</summary>
    public GenerationSettings Defaults => _defaults;

    /// <summary>Loads a model.</summary>
    /// <param name="model">A folder, a GGUF file, or a name in the hub's cache (<c>org/name</c>).</param>
    /// <param name="options">How its engine runs; null for the defaults.</param>
    /// <param name="precision">How products with weights that are not float32 are computed.</param>
    /// <param name="adapters">Adapters of the model, of which each answer may choose one by its name; null for none.</param>
    /// <exception cref="FileNotFoundException">There is no such model, or a file of it is missing.</exception>
    /// <exception cref="InvalidDataException">Files are damaged or do not fit each other.</exception>
    /// <exception cref="NotSupportedException">The model is of a kind that Percept does not have.</exception>
    public static MultimodalChat Load(
        string model, EngineOptions? options = null, LinearPrecision precision = LinearPrecision.Fast, AdapterSet? adapters = null)
    {
        string path = ModelLocator.Resolve(model);
        IProcessor processor = ProcessorLoader.Load(path);
        LoadedModel loaded = ModelLoader.Load(path, new ModelLoadOptions(new LoadOptions { Precision = precision }) { Adapters = adapters });
        return new MultimodalChat(loaded, processor, GenerationSettings.Load(path), options);
    }

    /// <summary>Asks one question about media.</summary>
    /// <param name="question">The question.</param>
    /// <param name="files">Pictures and clips.</param>
    /// <returns>The answer.</returns>
    public string Ask(string question, params IReadOnlyList<string> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return AnswerAsync([ChatTurn.User(question, [.. files.Select(file => MediaLoader.Load(file))])])
            .GetAwaiter().GetResult().Text;
    }

    /// <summary>Answers a conversation.</summary>
    /// <param name="turns">The conversation, the user's question last.</param>
    /// <param name="options">How to answer; null for the model's own way.</param>
    /// <param name="cancellation">Stops the answer.</param>
    public async Task<ChatAnswer> AnswerAsync(
        IReadOnlyList<ChatTurn> turns, AnswerOptions? options = null, CancellationToken cancellation = default)
    {
        ChatStream stream = Start(turns, options, cancellation);
        var text = new StringBuilder();
        await foreach (string piece in stream.Pieces(cancellation).ConfigureAwait(false))
        {
            text.Append(piece);
        }

        EngineResult result = await stream.Completion.ConfigureAwait(false);
        return new ChatAnswer(text.ToString(), result.Best.Finish, result.Usage)
        {
            FollowsFormat = stream.FollowsFormat(text.ToString(), result.Best.Finish),
        };
    }

    /// <summary>Starts an answer that comes piece by piece.</summary>
    /// <param name="turns">The conversation, the user's question last.</param>
    /// <param name="options">How to answer; null for the model's own way.</param>
    /// <param name="cancellation">Stops the answer.</param>
    /// <exception cref="ArgumentException">Conversation and model do not fit.</exception>
    /// <exception cref="ContextLengthException">The conversation does not fit into the model's context.</exception>
    public ChatStream Start(
        IReadOnlyList<ChatTurn> turns, AnswerOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(turns);
        options ??= new AnswerOptions();
        (string prompt, IReadOnlyList<MediaContent> media) = Write(Processor, turns, options);
        return Start(prompt, media, options, cancellation);
    }

    /// <summary>The prompt that a conversation becomes, as <see cref="Start(IReadOnlyList{ChatTurn}, AnswerOptions, CancellationToken)"/> sends it.</summary>
    /// <param name="processor">The model's processor.</param>
    /// <param name="turns">The conversation.</param>
    /// <param name="options">How to answer; null for the model's own way.</param>
    /// <exception cref="NotSupportedException">There is no chat template.</exception>
    public static string PromptOf(IProcessor processor, IReadOnlyList<ChatTurn> turns, AnswerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(turns);
        return Write(processor, turns, options ?? new AnswerOptions()).Prompt;
    }

    /// <summary>Continues a prompt that is rendered already.</summary>
    /// <param name="prompt">The text, with a mark for each medium. Control tokens in it count; text of a user goes through
    /// <see cref="IProcessor.Quote"/> first.</param>
    /// <param name="media">The media in the order of their marks.</param>
    /// <param name="options">How to answer; null for the model's own way.</param>
    /// <param name="cancellation">Stops the answer.</param>
    public ChatStream Start(
        string prompt, IReadOnlyList<MediaContent> media, AnswerOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new AnswerOptions();
        PreparedPrompt prepared = Processor.Prepare(prompt, media);
        try
        {
            GenerationSettings settings = Settings(options, prepared.Ids.Count);
            TokenConstraint? constraint = Constraint(options);
            var pieces = new TextPieces(Processor.Tokenizer.Tokenizer, settings.StopStrings);
            EngineRun run = Engine.Start(
                new EngineRequest
                {
                    Prompt = prepared,
                    Settings = settings,
                    Constraint = constraint,
                    TokenBytes = settings.StopStrings.Count > 0 ? Bytes() : null,
                    Adapter = options.Adapter,
                },
                cancellation);
            return new ChatStream(run, prepared, prompt, pieces, constraint);
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    /// <summary>Ends all answers and the engine.</summary>
    public void Dispose() => Engine.Dispose();

    private static (string Prompt, IReadOnlyList<MediaContent> Media) Write(
        IProcessor processor, IReadOnlyList<ChatTurn> turns, AnswerOptions options)
    {
        (ChatTemplateInput input, IReadOnlyList<MediaContent> media) = ChatMessages.Write(
            turns, processor, options.Tools, options.TemplateVariables, options.AllowControlTokens);
        return (options.Style is { } style ? processor.Render(input, style) : processor.Render(input), media);
    }

    /// <summary>The model's settings, adjusted; without a greatest length of the caller's the answer may fill the context.</summary>
    private GenerationSettings Settings(AnswerOptions options, int promptLength)
    {
        GenerationSettings settings = options.Adjust?.Invoke(_defaults) ?? _defaults;
        if (options.Style?.AnswerEnd is { } end)
        {
            // A control token or a text, as the tokenizer has it.
            settings = Processor.Tokenizer.Tokenizer.SpecialToId(end) is { } id
                ? settings with { EosTokenIds = [.. settings.EosTokenIds.Union([id])] }
                : settings with { StopStrings = [.. settings.StopStrings.Union([end])] };
        }

        int room = Engine.ContextLength - promptLength;
        if (room <= 0)
        {
            throw new ContextLengthException(promptLength + 1, Engine.ContextLength);
        }

        // What the model's file says bends to the context; what the caller says is kept, or refused.
        bool ownCount = settings.MaxNewTokens is null || settings.MaxNewTokens == _defaults.MaxNewTokens;
        bool ownLength = settings.MaxLength is null || settings.MaxLength == _defaults.MaxLength;
        if (!ownCount || (settings.MaxNewTokens is null && !ownLength))
        {
            return settings;
        }

        int most = settings.MaxNewTokens ?? (settings.MaxLength > promptLength ? settings.MaxLength.Value - promptLength : room);
        return settings with { MaxNewTokens = Math.Min(most, room), MaxLength = null };
    }

    private TokenConstraint? Constraint(AnswerOptions options) => (options.JsonSchema, options.Regex) switch
    {
        (null, null) => null,
        ({ } schema, null) => TokenConstraint.FromJsonSchema(schema, Vocabulary()),
        (null, { } regex) => TokenConstraint.FromRegex(regex, Vocabulary()),
        _ => throw new ArgumentException("Give a JSON schema or a regular expression, not both.", nameof(options)),
    };

    private TokenBytes Bytes()
    {
        lock (_lock)
        {
            return _bytes ??= TokenBytes.Of(Processor.Tokenizer.Tokenizer);
        }
    }

    private TokenVocabulary Vocabulary()
    {
        TokenBytes bytes = Bytes();
        lock (_lock)
        {
            return _vocabulary ??= new TokenVocabulary(bytes);
        }
    }
}
