using System.Text.Json;
using Percept.Text;

namespace Percept.Checkpoints;

/// <summary>Takes the tokenizer of a folder of the hub as a GGUF vocabulary.</summary>
internal static class HubVocabulary
{
    private const string Space = "\u2581";

    private static readonly string[] s_files = ["tokenizer.json", "tokenizer.model", "vocab.json"];

    /// <summary>Whether a folder has a tokenizer that could be taken.</summary>
    internal static bool IsIn(string folder) => s_files.Any(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>The tokenizer of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="rows">How many tokens the model has; missing ones get names of their own.</param>
    /// <exception cref="FileNotFoundException">It has no tokenizer.</exception>
    /// <exception cref="NotSupportedException">GGUF has no such tokenizer.</exception>
    /// <exception cref="InvalidDataException">It is broken, or has more tokens than the model.</exception>
    internal static GgufVocabulary Read(string folder, int rows)
    {
        TokenizerConfig config = TokenizerLoader.ReadConfig(folder);
        string model = Path.Combine(folder, "tokenizer.model"), json = Path.Combine(folder, "tokenizer.json");
        var pieces = File.Exists(model) && IsSentencePieces(model) ? SentencePieceModel.Read(File.ReadAllBytes(model)) : null;
        Parts parts = pieces is not null ? Guard(model, () => OfPieces(pieces, config, folder))
            : File.Exists(json) ? Guard(json, () => OfJson(json, config))
            : Guard(Path.Combine(folder, "vocab.json"), () => OfMerges(folder, config));
        (bool? bos, bool? eos) = Frame(folder, config);
        string? template = config.ChatTemplates.GetValueOrDefault("default");
        int? Id(string role) => (config.Token(role) ?? (config.EmptyRoles.Contains(role) ? null : parts.Roles.GetValueOrDefault(role))) is { } token
            && parts.Ids.TryGetValue(token, out int id) ? id : null;
        Fill(parts, rows, folder);
        return new GgufVocabulary
        {
            Model = parts.Model,
            PreTokenizer = parts.PreTokenizer,
            Tokens = parts.Tokens,
            Scores = parts.Scores,
            Types = parts.Types,
            Merges = parts.Merges,
            AddBos = bos,
            AddEos = eos,
            AddSpacePrefix = parts.AddSpacePrefix,
            BosId = Id("bos_token"),
            EosId = Id("eos_token"),
            UnknownId = Id("unk_token"),
            PaddingId = Id("pad_token"),
            ChatTemplate = template,
        };
    }

    /// <summary>A tokenizer.model may be a rank file of tiktoken instead.</summary>
    private static bool IsSentencePieces(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return stream.ReadByte() == 0x0A;
    }

    private static Parts OfPieces(SentencePieceModel model, TokenizerConfig config, string folder)
    {
        if (model.Kind != SentencePieceKind.Bpe)
        {
            throw new NotSupportedException(
                $"'{Path.Combine(folder, "tokenizer.model")}' is a SentencePiece model of the kind {model.Kind}, which GGUF language models " +
                "do not use. Use the safetensors files as they are.");
        }

        if (model.RemoveExtraWhitespaces || !model.Rules.IsEmpty || model.TreatWhitespaceAsSuffix)
        {
            throw new NotSupportedException(
                $"'{Path.Combine(folder, "tokenizer.model")}' changes text before it cuts it (spaces, or the rules '{model.NormalizerName}'), " +
                "which GGUF files of this kind can't say.");
        }

        var parts = new Parts("llama", "default") { AddSpacePrefix = config.AddPrefixSpace ?? model.AddDummyPrefix, Scores = [] };
        foreach (SentencePieceEntry piece in model.Pieces)
        {
            parts.Add(parts.Tokens.Count, piece.Piece, piece.Type, piece.Score);
            if (piece.Type == SentencePieceType.Unknown)
            {
                parts.Roles["unk_token"] = piece.Piece;
            }
        }

        (parts.Roles["bos_token"], parts.Roles["eos_token"]) = (model.BosPiece, model.EosPiece);

        foreach (AddedToken token in config.AddedTokens ?? [])
        {
            parts.Add(token.Id, token.Content, token.Special ? SentencePieceType.Control : SentencePieceType.UserDefined, -1000);
        }

        return parts;
    }

    private static Parts OfMerges(string folder, TokenizerConfig config)
    {
        string vocabulary = Path.Combine(folder, "vocab.json"), merges = Path.Combine(folder, "merges.txt");
        if (!File.Exists(vocabulary) || !File.Exists(merges))
        {
            throw new FileNotFoundException(
                $"'{folder}' has no tokenizer: neither tokenizer.model, tokenizer.json nor vocab.json with merges.txt. Finish the download.");
        }

        string? name = config.TokenizerClass?.Replace("Fast", "", StringComparison.Ordinal) switch
        {
            "Qwen2Tokenizer" => "qwen2",
            "GPT2Tokenizer" => "gpt-2",
            _ => null,
        };
        var parts = new Parts("gpt2", name ?? throw new NotSupportedException(
            $"'{folder}' has a tokenizer of the class '{config.TokenizerClass}' without tokenizer.json, whose way to cut text is not known. " +
            "Add the tokenizer.json."));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(vocabulary));
        foreach (JsonProperty entry in json.RootElement.EnumerateObject())
        {
            parts.Add(entry.Value.GetInt32(), entry.Name, SentencePieceType.Normal, 0);
        }

        parts.Merges = [.. File.ReadAllLines(merges).Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))];
        foreach (AddedToken token in config.AddedTokens ?? [])
        {
            parts.Add(token.Id, token.Content, token.Special ? SentencePieceType.Control : SentencePieceType.UserDefined, 0);
        }

        return parts;
    }

    private static Parts OfJson(string path, TokenizerConfig config)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = document.RootElement, model = root.GetProperty("model");
        if (Text(model, "type") is not (null or "BPE") || !model.TryGetProperty("merges", out JsonElement merges))
        {
            throw new NotSupportedException($"'{path}' holds a tokenizer of the kind '{Text(model, "type")}', GGUF language models use BPE.");
        }

        string[] pairs = [.. merges.EnumerateArray().Select(Merge)];
        bool fallback = Flag(model, "byte_fallback");
        var parts = fallback
            ? new Parts("llama", "default") { AddSpacePrefix = config.AddPrefixSpace ?? PrependsSpace(root), Scores = [] }
            : new Parts("gpt2", PreTokenizer(root, Flag(model, "ignore_merges"), path)) { Merges = pairs };
        Dictionary<string, float> scores = fallback ? Scores(pairs) : [];
        string? unknown = Text(model, "unk_token");
        foreach (JsonProperty entry in model.GetProperty("vocab").EnumerateObject())
        {
            SentencePieceType type = entry.Name == unknown && fallback ? SentencePieceType.Unknown
                : fallback && IsByte(entry.Name) ? SentencePieceType.Byte
                : SentencePieceType.Normal;
            parts.Add(entry.Value.GetInt32(), entry.Name, type, scores.GetValueOrDefault(entry.Name, -(pairs.Length + 1f)));
        }

        foreach (JsonElement token in root.GetProperty("added_tokens").EnumerateArray())
        {
            string content = Text(token, "content") ?? "";
            SentencePieceType type = content == unknown && fallback ? SentencePieceType.Unknown
                : Flag(token, "special") ? SentencePieceType.Control : SentencePieceType.UserDefined;
            parts.Add(token.GetProperty("id").GetInt32(), content, type, 0);
        }

        return parts;
    }

    /// <summary>Says which file is broken, whatever in it breaks the reading.</summary>
    private static Parts Guard(string path, Func<Parts> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"'{path}' is broken: {error.Message} Download it again.", error);
        }
    }

    /// <summary>
    /// The scores that cut text as merges do: SentencePiece joins what gives the piece of the highest score, and each piece
    /// counts by its first merge.
    /// </summary>
    private static Dictionary<string, float> Scores(string[] merges)
    {
        var scores = new Dictionary<string, float>(merges.Length, StringComparer.Ordinal);
        for (int i = 0; i < merges.Length; i++)
        {
            scores.TryAdd(merges[i].Remove(merges[i].IndexOf(' ', 1), 1), -i);
        }

        return scores;
    }

    private static string Merge(JsonElement merge) => merge.ValueKind == JsonValueKind.String
        ? merge.GetString()!
        : $"{merge[0].GetString()} {merge[1].GetString()}";

    private static string PreTokenizer(JsonElement root, bool ignoreMerges, string path)
    {
        var patterns = new List<string>();
        Collect(root.GetProperty("pre_tokenizer"), patterns, path);
        return GgufTokenizer.NameOf(patterns, ignoreMerges) ?? throw new NotSupportedException(
            $"'{path}' cuts text by '{string.Join("', '", patterns)}', which llama.cpp has no name for, so a GGUF file can't say it.");
    }

    private static void Collect(JsonElement step, List<string> patterns, string path)
    {
        switch (Text(step, "type"))
        {
            case "Sequence":
                foreach (JsonElement inner in step.GetProperty("pretokenizers").EnumerateArray())
                {
                    Collect(inner, patterns, path);
                }

                break;
            case "Split" when step.GetProperty("pattern").TryGetProperty("Regex", out JsonElement regex):
                patterns.Add(regex.GetString()!);
                break;
            case "Digits" when Flag(step, "individual_digits"):
                patterns.Add(@"\p{N}");
                break;
            case "ByteLevel":
                if (!step.TryGetProperty("use_regex", out JsonElement use) || use.GetBoolean())
                {
                    patterns.Add(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");
                }

                break;
            case string other:
                throw new NotSupportedException($"'{path}' cuts text by a step '{other}', which a GGUF file can't say.");
            default:
                throw new NotSupportedException($"'{path}' does not say how it cuts text, which a GGUF file must.");
        }
    }

    /// <summary>Whether a tokenizer.json with byte fallback takes texts as if they began with a space.</summary>
    private static bool PrependsSpace(JsonElement root)
    {
        static bool Find(JsonElement step) => step.ValueKind == JsonValueKind.Object && Text(step, "type") switch
        {
            "Prepend" => Text(step, "prepend") == Space,
            "Metaspace" => Text(step, "prepend_scheme") is { } scheme
                ? scheme != "never"
                : !step.TryGetProperty("add_prefix_space", out JsonElement add) || add.GetBoolean(),
            "Sequence" => (step.TryGetProperty("normalizers", out JsonElement inner) || step.TryGetProperty("pretokenizers", out inner))
                && inner.EnumerateArray().Any(Find),
            _ => false,
        };

        return (root.TryGetProperty("normalizer", out JsonElement normalizer) && Find(normalizer))
            || (root.TryGetProperty("pre_tokenizer", out JsonElement cutter) && Find(cutter));
    }

    /// <summary>Whether start and end tokens are put around a text, as the tokenizer itself does it.</summary>
    private static (bool? Bos, bool? Eos) Frame(string folder, TokenizerConfig config)
    {
        LoadedTokenizer loaded;
        try
        {
            loaded = TokenizerLoader.FromFolder(folder);
        }
        catch (NotSupportedException)
        {
            // A class of its own around a SentencePiece model; those of language models put the start token in front.
            return (config.AddBosToken ?? true, config.AddEosToken ?? false);
        }

        IReadOnlyList<int> ids = loaded.Tokenizer.Encode("a", null, new EncodeOptions { AddSpecialTokens = true }).Ids;
        return (
            loaded.TokenId("bos_token") is { } bos ? ids.Count > 0 && ids[0] == bos : config.AddBosToken,
            loaded.TokenId("eos_token") is { } eos ? ids.Count > 1 && ids[^1] == eos : config.AddEosToken);
    }

    /// <summary>Gives names to ids that have none; the model has rows for them.</summary>
    private static void Fill(Parts parts, int rows, string folder)
    {
        if (parts.Tokens.Count > rows)
        {
            throw new InvalidDataException(
                $"The tokenizer of '{folder}' has {parts.Tokens.Count} tokens, the model {rows}. " +
                "Use the tokenizer that was published with the weights.");
        }

        for (int id = 0; id < rows; id++)
        {
            if (id >= parts.Tokens.Count || parts.Tokens[id].Length == 0)
            {
                parts.Add(id, $"[PAD{id}]", SentencePieceType.Unused, -1000);
            }
        }
    }

    private static bool IsByte(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && !token.AsSpan(3, 2).ContainsAnyExcept("0123456789ABCDEF");

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static bool Flag(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    /// <summary>A vocabulary that is being put together.</summary>
    private sealed class Parts(string model, string preTokenizer)
    {
        // Beyond any vocabulary: an id this high is a broken file.
        private const int MaxTokens = 16_000_000;

        internal string Model { get; } = model;

        internal string PreTokenizer { get; } = preTokenizer;

        internal List<string> Tokens { get; } = [];

        internal List<SentencePieceType> Types { get; } = [];

        internal List<float>? Scores { get; init; }

        internal IReadOnlyList<string>? Merges { get; set; }

        internal bool? AddSpacePrefix { get; init; }

        internal Dictionary<string, int> Ids { get; } = new(StringComparer.Ordinal);

        /// <summary>The tokens of roles that the vocabulary itself tells.</summary>
        internal Dictionary<string, string> Roles { get; } = new(StringComparer.Ordinal);

        /// <summary>Puts a token at an id; one that stands there already keeps its score.</summary>
        internal void Add(int id, string token, SentencePieceType type, float score)
        {
            if (id is < 0 or >= MaxTokens)
            {
                throw new InvalidDataException($"The token '{token}' has the id {id}, expected 0 to {MaxTokens - 1}. Download the tokenizer again.");
            }

            bool isNew = id >= Tokens.Count || Tokens[id].Length == 0;
            while (Tokens.Count <= id)
            {
                Tokens.Add("");
                Types.Add(SentencePieceType.Unused);
                Scores?.Add(-1000);
            }

            // Looked for in the text as it was typed, with spaces.
            Tokens[id] = type == SentencePieceType.UserDefined && Model == "llama" ? token.Replace(Space, " ", StringComparison.Ordinal) : token;
            Types[id] = type;
            Ids[token] = id;
            if (isNew && Scores is not null)
            {
                Scores[id] = score;
            }
        }
    }
}
