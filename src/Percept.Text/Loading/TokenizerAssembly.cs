using System.Text.Json;

namespace Percept.Text;

/// <summary>Puts tokenizers together from the content of files.</summary>
internal static class TokenizerAssembly
{
    /// <summary>From a <c>tokenizer.json</c> and settings.</summary>
    internal static LoadedTokenizer FromJson(
        ReadOnlyMemory<byte> json, TokenizerConfig config, TokenizerLoading loading, VocabularyData? vocabulary = null)
    {
        TokenizerParts parts = TokenizerJson.Read(json, vocabulary);
        string name = loading == TokenizerLoading.AsWritten ? "" : TokenizerFamilies.NameOf(config.TokenizerClass);
        string post = Member(json, "post_processor") ?? TokenizerComponents.Frame(null, null);
        TokenizerComponents? components = loading == TokenizerLoading.AsWritten
            ? null
            : TokenizerFamilies.Around(name, config, post);
        TokenizerComponents? added = components;
        if (components is not null)
        {
            config = WithDefaults(config, TokenizerFamilies.DefaultTokens(name));
            IReadOnlyList<AddedToken> own = config.AddedTokens is null ? parts.AddedTokens : [];
            parts = components.Apply(parts) with { AddedTokens = own };
        }
        else if (loading == TokenizerLoading.AsTransformers && parts.PostProcessor is null)
        {
            // The reference puts a step that does nothing in the place of none.
            using JsonDocument frame = JsonDocument.Parse(post);
            parts = parts with { PostProcessor = TokenizerJson.ReadPostProcessor(frame.RootElement) };
            added = new TokenizerComponents(null, null, post, null);
        }

        return Finish(parts, config, components is null ? "" : name, added);
    }

    /// <summary>From a SentencePiece model and settings.</summary>
    internal static LoadedTokenizer FromSentencePieces(SentencePieceModel model, TokenizerConfig config)
    {
        string name = TokenizerFamilies.NameOf(config.TokenizerClass);
        config = WithDefaults(config, TokenizerFamilies.DefaultTokens(name));
        SentencePieceLayout layout = name switch
        {
            "T5Tokenizer" => SentencePieceLayout.T5,
            "XLMRobertaTokenizer" => SentencePieceLayout.Fairseq,
            "LlamaTokenizer" or "AlbertTokenizer" => SentencePieceLayout.AsIs,
            _ => throw new NotSupportedException(
                $"A tokenizer of the class '{config.TokenizerClass}' cannot be made of a SentencePiece model alone; supported "
                + "are LlamaTokenizer, T5Tokenizer, XLMRobertaTokenizer and AlbertTokenizer. Convert it to a tokenizer.json."),
        };
        VocabularyData data = SentencePieceLayouts.Make(model, layout);
        Vocabulary vocabulary = Vocabulary.FromList(data.Tokens);
        TokenModel cutter = model.Kind switch
        {
            SentencePieceKind.Bpe => new BpeModel(
                vocabulary, data.Merges!, new BpeOptions { FuseUnknown = true, ByteFallback = true }),
            SentencePieceKind.Unigram => new UnigramModel(
                data.Tokens, data.Scores!, IdOf(vocabulary, config, "unk_token").Id, model.ByteFallback),
            _ => throw new NotSupportedException(
                $"A SentencePiece model that cuts into {model.Kind} pieces has no place in a tokenizer of transformers."),
        };
        TokenizerComponents components = name switch
        {
            "T5Tokenizer" => TokenizerFamilies.T5(IdOf(vocabulary, config, "eos_token")),
            "XLMRobertaTokenizer" => TokenizerFamilies.XlmRoberta(
                IdOf(vocabulary, config, "bos_token"), IdOf(vocabulary, config, "eos_token")),
            "AlbertTokenizer" => TokenizerFamilies.Albert(
                IdOf(vocabulary, config, "cls_token"), IdOf(vocabulary, config, "sep_token"), keepAccents: false,
                config.DoLowerCase ?? true),
            _ => TokenizerFamilies.Llama(config, TokenizerComponents.Frame(
                config.AddBosToken ?? true ? IdOf(vocabulary, config, "bos_token") : null,
                config.AddEosToken ?? false ? IdOf(vocabulary, config, "eos_token") : null)),
        };
        TokenizerParts parts = components.Apply(new TokenizerParts(cutter), data.Charsmap);
        parts = parts with { AddedTokens = Pieces(model, layout, vocabulary, config) };
        return Finish(parts, config, name, components);
    }

    /// <summary>Adds the tokens that the settings name.</summary>
    internal static LoadedTokenizer Finish(
        TokenizerParts parts, TokenizerConfig config, string name, TokenizerComponents? components)
    {
        parts = parts with { AddedTokens = Added(parts, config) };
        return new LoadedTokenizer(new Tokenizer(parts), config, name, components);
    }

    /// <summary>The settings with tokens for roles that they do not name.</summary>
    internal static TokenizerConfig WithDefaults(TokenizerConfig config, IReadOnlyDictionary<string, string> tokens)
    {
        var named = new Dictionary<string, NamedToken>(config.NamedTokens, StringComparer.Ordinal);
        foreach ((string role, string token) in tokens)
        {
            // A role that the settings set to null has no token.
            if (!config.EmptyRoles.Contains(role))
            {
                named.TryAdd(role, new NamedToken(token));
            }
        }

        return config with { NamedTokens = named };
    }

    // The tokens of the files first, then those that only the settings name, numbered behind all others.
    private static List<AddedToken> Added(TokenizerParts parts, TokenizerConfig config)
    {
        var tokens = new List<AddedToken>(parts.AddedTokens);
        var known = new HashSet<string>(tokens.Select(token => token.Content), StringComparer.Ordinal);
        int next = Math.Max(parts.Model.Vocabulary.Count, tokens.Count == 0 ? 0 : tokens.Max(token => token.Id) + 1);
        IEnumerable<AddedToken> named = TokenizerConfigReader.s_roles
            .Where(config.NamedTokens.ContainsKey).Concat(config.NamedTokens.Keys)
            .Select(role => config.NamedTokens[role])
            .Concat(config.ExtraTokens)
            .Select(token => token.Rules ?? new AddedToken(token.Content, -1) { Special = true });
        foreach (AddedToken token in (config.AddedTokens ?? []).Concat(named))
        {
            if (token.Content.Length > 0 && known.Add(token.Content))
            {
                int id = parts.Model.Vocabulary.TryGetId(token.Content, out int of) ? of : next++;
                tokens.Add(token with { Id = id });
            }
        }

        return tokens;
    }

    // Control and user-defined pieces are searched in the text, unless the settings list all added tokens.
    private static List<AddedToken> Pieces(
        SentencePieceModel model, SentencePieceLayout layout, Vocabulary vocabulary, TokenizerConfig config)
    {
        var tokens = new List<AddedToken>();
        if (config.AddedTokens is not null)
        {
            return tokens;
        }

        foreach (SentencePieceEntry piece in model.Pieces)
        {
            if (piece.Type is SentencePieceType.Control or SentencePieceType.UserDefined
                && vocabulary.TryGetId(piece.Piece, out int id))
            {
                tokens.Add(new AddedToken(piece.Piece, id) { Special = piece.Type == SentencePieceType.Control });
            }
        }

        if (layout == SentencePieceLayout.T5)
        {
            tokens.AddRange(vocabulary.Ids
                .Where(token => token.Key.StartsWith("<extra_id_", StringComparison.Ordinal))
                .OrderBy(token => token.Value)
                .Select(token => new AddedToken(token.Key, token.Value) { Special = true }));
        }

        return tokens;
    }

    private static (string Token, int Id) IdOf(Vocabulary vocabulary, TokenizerConfig config, string role) =>
        config.Token(role) is not { } token
            ? throw new InvalidDataException($"The settings name no '{role}', which this tokenizer needs.")
            : vocabulary.TryGetId(token, out int id)
                ? (token, id)
                : throw new InvalidDataException($"The '{role}' is '{token}', which is not in the vocabulary.");

    private static string? Member(ReadOnlyMemory<byte> json, string name)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value.GetRawText()
            : null;
    }
}
