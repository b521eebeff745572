namespace Percept.Text;

/// <summary>The settings of a <c>tokenizer_config.json</c>, with those of the files beside it.</summary>
/// <remarks>Names and defaults are those of Hugging Face transformers.</remarks>
public sealed record TokenizerConfig
{
    /// <summary>The class that transformers makes of it; null when not said.</summary>
    public string? TokenizerClass { get; init; }

    /// <summary>The tokens with a role, by their names there: <c>bos_token</c>, <c>eos_token</c>, <c>unk_token</c>,
    /// <c>sep_token</c>, <c>pad_token</c>, <c>cls_token</c>, <c>mask_token</c>, and others such as
    /// <c>image_token</c>.</summary>
    public IReadOnlyDictionary<string, NamedToken> NamedTokens { get; init; } = new Dictionary<string, NamedToken>();

    /// <summary>The roles that the settings leave without a token on purpose.</summary>
    public IReadOnlyList<string> EmptyRoles { get; init; } = [];

    /// <summary>Further control tokens without a role.</summary>
    public IReadOnlyList<NamedToken> ExtraTokens { get; init; } = [];

    /// <summary>The added tokens with their ids; null when not said.</summary>
    public IReadOnlyList<AddedToken>? AddedTokens { get; init; }

    /// <summary>The longest input in tokens; null when there is no limit.</summary>
    public long? ModelMaxLength { get; init; }

    /// <summary>The side that is filled up; null when not said.</summary>
    public TextSide? PaddingSide { get; init; }

    /// <summary>The side that is cut.</summary>
    public TextSide TruncationSide { get; init; }

    /// <summary>Whether spaces before punctuation go when ids are turned into text. Kept for reading: the reference
    /// does not do it any more (5.x).</summary>
    public bool CleanUpTokenizationSpaces { get; init; }

    /// <summary>Whether the start token is added; null when not said.</summary>
    public bool? AddBosToken { get; init; }

    /// <summary>Whether the end token is added; null when not said.</summary>
    public bool? AddEosToken { get; init; }

    /// <summary>Whether a text is taken as if it began with a space; null when not said.</summary>
    public bool? AddPrefixSpace { get; init; }

    /// <summary>The old treatment of spaces of Llama tokenizers; null when not said.</summary>
    public bool? Legacy { get; init; }

    /// <summary>Whether text is turned to lower case; null when not said.</summary>
    public bool? DoLowerCase { get; init; }

    /// <summary>Whether accents are taken off (BERT's vocabulary files); null for as lower case says.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether Chinese characters stand alone (BERT's vocabulary files); null for yes.</summary>
    public bool? TokenizeChineseChars { get; init; }

    /// <summary>The chat templates by name; a single one is <c>default</c>.</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates { get; init; } = new Dictionary<string, string>();

    /// <summary>The token of a role; null when there is none.</summary>
    /// <param name="role">The role's name, as in <see cref="NamedTokens"/>.</param>
    public string? Token(string role) => NamedTokens.GetValueOrDefault(role)?.Content;
}
