using System.Text.Json;

namespace Percept.Text;

/// <summary>Loads a tokenizer from whatever files a model's folder has.</summary>
public static class TokenizerLoader
{
    // Beyond any tokenizer: a file that is longer is none.
    private const long MaxFileBytes = 512L << 20;

    private const string Json = "tokenizer.json";
    private const string Config = "tokenizer_config.json";
    private const string Model = "config.json";

    /// <summary>The class that takes a <c>tokenizer.json</c> as it is written.</summary>
    private const string Plain = "TokenizersBackend";

    private static readonly string[] s_models = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model"];

    /// <summary>Loads the tokenizer of a folder.</summary>
    /// <param name="folder">The folder: <c>tokenizer.json</c>, or a SentencePiece model, or <c>vocab.json</c> and
    /// <c>merges.txt</c>, or <c>vocab.txt</c>; beside them <c>tokenizer_config.json</c> and what belongs to it.</param>
    /// <param name="loading">Whose word counts where files and class disagree.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has no tokenizer; the message lists what was looked for.</exception>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    /// <exception cref="NotSupportedException">The tokenizer is of a kind that Percept does not have.</exception>
    public static LoadedTokenizer FromFolder(
        string folder, TokenizerLoading loading = TokenizerLoading.AsTransformers)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}'. Name the folder of a downloaded model.");
        }

        TokenizerConfig config = ReadConfig(folder);
        if (Read(folder, Json) is { Length: > 0 } json)
        {
            if (TokenizerFamilies.IsAsWritten(TokenizerFamilies.NameOf(config.TokenizerClass), TextIn(folder, Model, "model_type")))
            {
                config = config with { TokenizerClass = Plain };
            }

            return InFile(folder, Json, () => TokenizerAssembly.FromJson(json, config, loading));
        }

        if (config.TokenizerClass is null && TokenizerFamilies.ClassOfModel(TextIn(folder, Model, "model_type")) is { } usual)
        {
            config = config with { TokenizerClass = usual };
        }

        foreach (string name in s_models)
        {
            if (Read(folder, name) is { Length: > 0 } model)
            {
                return InFile(folder, name, () => TokenizerAssembly.FromSentencePieces(SentencePieceModel.Read(model.Span), config));
            }
        }

        ReadOnlyMemory<byte> tokens = Read(folder, "vocab.json");
        ReadOnlyMemory<byte> merges = Read(folder, "merges.txt");
        if (tokens.Length > 0 && merges.Length > 0)
        {
            return InFile(folder, "vocab.json", () => VocabularyTokenizers.FromMerges(
                VocabularyFiles.ReadJson(tokens.Span), VocabularyFiles.ReadMerges(merges.Span), config));
        }

        return Read(folder, "vocab.txt") is { Length: > 0 } list
            ? InFile(folder, "vocab.txt", () => VocabularyTokenizers.FromWordPieces(VocabularyFiles.ReadList(list.Span), config))
            : throw NotFound(folder, tokens.Length > 0, merges.Length > 0);
    }

    /// <summary>Reads a file: an error names it, and what to do.</summary>
    private static LoadedTokenizer InFile(string folder, string name, Func<LoadedTokenizer> read)
    {
        string path = Path.Combine(folder, name);
        try
        {
            return read();
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{path}': {error.Message} Download the file again.", error);
        }
        catch (NotSupportedException error) when (error is not TextLimitException)
        {
            throw new NotSupportedException($"'{path}': {error.Message}", error);
        }
    }

    /// <summary>Makes a tokenizer of the content of a <c>tokenizer.json</c> and settings.</summary>
    /// <param name="json">The bytes of <c>tokenizer.json</c>.</param>
    /// <param name="config">The settings; <see cref="TokenizerConfigReader"/> reads them.</param>
    /// <param name="loading">Whose word counts where file and class disagree.</param>
    /// <param name="vocabulary">Tokens, merges and rules that the file leaves out; null when it is complete.</param>
    /// <exception cref="InvalidDataException">The file is broken.</exception>
    /// <exception cref="NotSupportedException">It uses something that is not supported.</exception>
    public static LoadedTokenizer FromJson(
        ReadOnlyMemory<byte> json,
        TokenizerConfig config,
        TokenizerLoading loading = TokenizerLoading.AsTransformers,
        VocabularyData? vocabulary = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        return TokenizerAssembly.FromJson(json, config, loading, vocabulary);
    }

    /// <summary>Makes a tokenizer of a SentencePiece model and settings that name a class.</summary>
    /// <param name="model">The model.</param>
    /// <param name="config">The settings; <see cref="TokenizerConfigReader"/> reads them.</param>
    /// <exception cref="InvalidDataException">The model lacks a token that the class needs.</exception>
    /// <exception cref="NotSupportedException">The class is not supported; the message lists those that
    /// are.</exception>
    public static LoadedTokenizer FromSentencePieces(SentencePieceModel model, TokenizerConfig config)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(config);
        return TokenizerAssembly.FromSentencePieces(model, config);
    }

    /// <summary>Makes a tokenizer of a GGUF file's vocabulary, with its control tokens by role and its chat template.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <exception cref="NotSupportedException">The kind of vocabulary, or its way of cutting text, is not known.</exception>
    public static LoadedTokenizer FromGguf(GgufVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var named = new Dictionary<string, NamedToken>(StringComparer.Ordinal);
        foreach ((string role, int? id) in (ReadOnlySpan<(string, int?)>)[
            ("bos_token", vocabulary.BosId), ("eos_token", vocabulary.EosId), ("unk_token", vocabulary.UnknownId),
            ("sep_token", vocabulary.SeparatorId), ("pad_token", vocabulary.PaddingId), ("cls_token", vocabulary.ClassificationId),
            ("mask_token", vocabulary.MaskId)])
        {
            if (id is { } known)
            {
                named[role] = new NamedToken(vocabulary.Tokens[known]);
            }
        }

        var config = new TokenizerConfig
        {
            NamedTokens = named,
            ChatTemplates = vocabulary.ChatTemplate is { } template
                ? new Dictionary<string, string> { ["default"] = template }
                : new Dictionary<string, string>(),
        };
        return new LoadedTokenizer(GgufTokenizer.Make(vocabulary), config, string.Empty, null);
    }

    /// <summary>Makes a byte-level tokenizer of a rank file of tiktoken.</summary>
    /// <param name="ranks">The rank file.</param>
    /// <param name="pattern">The pattern that cuts text, in the syntax of Rust's <c>fancy-regex</c>.</param>
    /// <param name="specialTokens">The control tokens and their ids.</param>
    /// <exception cref="ArgumentException">The pattern is not valid, or a control token has an id of the rank file.</exception>
    public static Tokenizer FromRanks(
        TiktokenRanks ranks, string pattern, IReadOnlyDictionary<string, int>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        return VocabularyTokenizers.FromRanks(ranks, pattern, specialTokens ?? new Dictionary<string, int>());
    }

    /// <summary>Reads the settings of a folder: <c>tokenizer_config.json</c> and the files that belong to it; empty without.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    public static TokenizerConfig ReadConfig(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ReadOnlyMemory<byte> template = Read(folder, "chat_template.jinja");
        string? rendered = template.Length > 0
            ? System.Text.Encoding.UTF8.GetString(template.Span)
            : TextIn(folder, "chat_template.json", "chat_template") ?? TextIn(folder, "processor_config.json", "chat_template");
        TokenizerConfig config = TokenizerConfigReader.Read(
            Read(folder, Config),
            Read(folder, "special_tokens_map.json"),
            Read(folder, "added_tokens.json"),
            rendered);
        string further = Path.Combine(folder, "additional_chat_templates");
        return Directory.Exists(further) ? config with { ChatTemplates = WithFurther(config.ChatTemplates, further) } : config;
    }

    /// <summary>Templates beside the usual one stand in files of their own, named as they are asked for (<c>tool_use.jinja</c>).</summary>
    private static Dictionary<string, string> WithFurther(IReadOnlyDictionary<string, string> templates, string folder)
    {
        var all = new Dictionary<string, string>(templates, StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*.jinja"))
        {
            all[Path.GetFileNameWithoutExtension(file)] = System.Text.Encoding.UTF8.GetString(Read(folder, Path.GetFileName(file)).Span);
        }

        return all;
    }

    /// <summary>A text of a JSON file; null when there is no such file, or no text of this name in it.</summary>
    private static string? TextIn(string folder, string file, string name)
    {
        if (Read(folder, file) is not { Length: > 0 } bytes)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String
                    ? text.GetString()
                    : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{Path.Combine(folder, file)}' is broken: {error.Message}", error);
        }
    }

    // Empty when there is no such file.
    private static ReadOnlyMemory<byte> Read(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        var file = new FileInfo(path);

        // Pipes and devices state no length; to open one might never end.
        return !file.Exists || file.Length == 0 ? default
            : file.Length <= MaxFileBytes ? File.ReadAllBytes(path)
            : throw new InvalidDataException(
                $"'{path}' has {file.Length} bytes, expected at most {MaxFileBytes}. Is it another file by this name?");
    }

    private static FileNotFoundException NotFound(string folder, bool hasVocabulary, bool hasMerges)
    {
        if (File.Exists(Path.Combine(folder, Json)))
        {
            return new FileNotFoundException($"'{Path.Combine(folder, Json)}' is empty. Download it again.");
        }

        string half = hasVocabulary ? " There is a 'vocab.json' without 'merges.txt'."
            : hasMerges ? " There is a 'merges.txt' without 'vocab.json'."
            : "";
        return new FileNotFoundException(
            $"'{folder}' has no tokenizer. Looked for '{Json}', '{string.Join("', '", s_models)}', 'vocab.json' with "
            + $"'merges.txt', and 'vocab.txt'.{half} Download the model's tokenizer files.");
    }
}
