using Percept.Text.Templates;

namespace Percept.Text;

/// <summary>
/// A chat template: the program, in the Jinja language, that a model folder carries to turn a conversation into the
/// text the model was trained on.
/// </summary>
/// <remarks>
/// Immutable once read; any number of threads may render with one instance. Templates are not trusted: they reach
/// nothing but the values given, and <see cref="TemplateLimits"/> bounds what they take. The language and its
/// environment are those of Hugging Face transformers (jinja2's immutable sandbox with <c>trim_blocks</c>,
/// <c>lstrip_blocks</c>, loop controls and
/// <c>{% generation %}</c>). Includes, imports and inheritance are not supported: a chat template stands alone.
/// </remarks>
public sealed class ChatTemplate
{
    private readonly SourceText _source;
    private readonly Body _body;
    private readonly Unit _unit;
    private readonly ScopeEntry[] _entries;
    private readonly (string Name, int Slot)[] _resolved;

    private ChatTemplate(SourceText source)
    {
        _source = source;
        var parser = new Parser(source);
        _body = parser.ParseTemplate();
        _unit = new Unit(null);
        var scope = new SymbolScope(null, _unit);
        _body.Declare(scope);
        _entries = scope.Complete();
        _body.Bind(new BindPlace(scope, source, parser.Blocks, IsTopLevel: true, IsSoft: false, InLoop: false));
        _resolved = [.. _unit.Resolved];
    }

    /// <summary>Reads a template.</summary>
    /// <param name="text">Its source.</param>
    /// <returns>The template, to be kept and used for every rendering.</returns>
    /// <exception cref="TemplateException">The source is no valid template, or uses what is not supported.</exception>
    public static ChatTemplate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ChatTemplate(new SourceText(text));
    }

    /// <summary>Renders the template with nothing but the given variables.</summary>
    /// <param name="variables">The variables by name.</param>
    /// <param name="now">The local time for <c>strftime_now</c>; the clock's when null.</param>
    /// <param name="limits">What the rendering may take; <see cref="TemplateLimits.Default"/> when null.</param>
    /// <returns>The text and what of it lies in generation blocks.</returns>
    /// <exception cref="TemplateException">The template refuses its inputs, fails, or takes more than
    /// allowed.</exception>
    public RenderedChat Render(
        IReadOnlyDictionary<string, TemplateValue> variables, DateTime? now = null, TemplateLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(variables);
        using var c = new RenderContext(_source, variables, now ?? DateTime.Now, limits ?? TemplateLimits.Default);
        c.Frame = Scopes.Open(c, _unit, _resolved, null);
        Scopes.Enter(c, _entries);
        _ = _body.Run(c);
        TextSpan[] spans = [.. c.Spans.Select(span => new TextSpan(span.Start, span.End))];
        return new RenderedChat(c.Output.Span.ToString(), spans);
    }

    /// <summary>Renders a conversation, as <c>apply_chat_template</c> of transformers does.</summary>
    /// <param name="input">The conversation and what goes with it.</param>
    /// <param name="limits">What the rendering may take; <see cref="TemplateLimits.Default"/> when null.</param>
    /// <returns>The text and what of it lies in generation blocks.</returns>
    /// <exception cref="ArgumentException">The messages are no list, or the final message cannot be
    /// continued.</exception>
    /// <exception cref="TemplateException">The template refuses its inputs, fails, or takes more than
    /// allowed.</exception>
    public RenderedChat Render(ChatTemplateInput input, TemplateLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        (Dictionary<string, TemplateValue> variables, string? finalText) = ChatVariables.Prepare(input);
        RenderedChat rendered = Render(variables, input.Now, limits);
        return finalText is null ? rendered : ChatVariables.Cut(rendered, finalText);
    }
}
