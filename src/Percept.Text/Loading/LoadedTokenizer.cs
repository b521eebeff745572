using Percept.Text.Templates;

namespace Percept.Text;

/// <summary>A tokenizer with what its settings say: tokens with roles, limits, sides and chat templates.</summary>
public sealed class LoadedTokenizer
{
    private readonly string[] _roles;

    internal LoadedTokenizer(Tokenizer tokenizer, TokenizerConfig config, string className, TokenizerComponents? components)
    {
        Tokenizer = tokenizer;
        Config = config;
        ClassName = className;
        Components = components;
        PaddingSide = config.PaddingSide ?? TokenizerFamilies.PaddingSide(className);
        _roles =
        [
            .. TokenizerConfigReader.s_roles,
            .. config.NamedTokens.Keys.Where(role => !TokenizerConfigReader.s_roles.Contains(role)),
        ];
        SpecialTokens =
        [
            .. _roles.Select(Token).OfType<string>().Concat(config.ExtraTokens.Select(token => token.Content)).Distinct(),
        ];
    }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The settings.</summary>
    public TokenizerConfig Config { get; }

    /// <summary>The class of transformers that it works as; empty when as its own files describe it.</summary>
    public string ClassName { get; }

    /// <summary>The side that is filled up.</summary>
    public TextSide PaddingSide { get; }

    /// <summary>All control tokens: those with a role in the reference's order, then the others.</summary>
    public IReadOnlyList<string> SpecialTokens { get; }

    /// <summary>The number of different tokens.</summary>
    public int TokenCount =>
        Tokenizer.Parts.Model.Vocabulary.Count
        + Tokenizer.Parts.AddedTokens.Select(token => token.Content).Distinct()
            .Count(token => !Tokenizer.Parts.Model.Vocabulary.TryGetId(token, out _));

    internal TokenizerComponents? Components { get; }

    /// <summary>The token of a role; null when there is none.</summary>
    /// <param name="role">The role's name, such as <c>bos_token</c> or <c>image_token</c>.</param>
    public string? Token(string role)
    {
        ArgumentNullException.ThrowIfNull(role);
        return Config.Token(role);
    }

    /// <summary>
    /// A step that was put in the place of the file's own, as <c>tokenizer.json</c> writes it; null when there is none.
    /// </summary>
    /// <param name="name"><c>normalizer</c>, <c>pre_tokenizer</c>, <c>post_processor</c> or <c>decoder</c>.</param>
    public string? ComponentJson(string name) => name switch
    {
        "normalizer" => Components?.Normalizer,
        "pre_tokenizer" => Components?.PreTokenizer,
        "post_processor" => Components?.PostProcessor,
        "decoder" => Components?.Decoder,
        _ => throw new ArgumentException($"There is no step '{name}'.", nameof(name)),
    };

    /// <summary>
    /// Renders a conversation by the model's own template: the one for tools where there are tools and such a one, else the default.
    /// </summary>
    /// <param name="input">The conversation. The tokens of roles (<c>bos_token</c> …) need not be among its variables.</param>
    /// <exception cref="InvalidOperationException">The model came without a template.</exception>
    /// <exception cref="TemplateException">The template is broken, or refuses the conversation.</exception>
    public RenderedChat RenderChat(ChatTemplateInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        const string Default = "default";
        const string ToolUse = "tool_use";
        IReadOnlyDictionary<string, string> templates = Config.ChatTemplates;
        string? source = input.Tools.Kind != ValueKind.None && templates.TryGetValue(ToolUse, out string? tooled) ? tooled
            : templates.GetValueOrDefault(Default);
        if (source is null)
        {
            throw new InvalidOperationException(templates.Count == 0
                ? "The model came without a chat template; name one of the classic conversation styles (--style in the command)."
                : $"The model has no template '{Default}', only {string.Join(", ", templates.Keys)}; parse one of those.");
        }

        var variables = Config.NamedTokens.ToDictionary(
            token => token.Key, token => TemplateValue.From(token.Value.Content), StringComparer.Ordinal);
        foreach ((string name, TemplateValue value) in input.Variables)
        {
            variables[name] = value;
        }

        return ChatTemplate.Parse(source).Render(input with { Variables = variables });
    }

    /// <summary>The id of the token of a role; null when there is none.</summary>
    /// <param name="role">The role's name, such as <c>bos_token</c> or <c>image_token</c>.</param>
    public int? TokenId(string role) => Token(role) is { } token ? Tokenizer.TokenToId(token) : null;
}
