using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>
/// What transformers does around a template: reasoning under both its names, and the open final message.
/// </summary>
internal static class ChatVariables
{
    /// <summary>Marks where the final message ends; the text is cut there.</summary>
    private const string EndTag = "CONTINUE_FINAL_MESSAGE_TAG ";

    internal static (Dictionary<string, Value> Variables, string? FinalText) Prepare(ChatTemplateInput input)
    {
        if (input.Messages.Ref is not PyList messages)
        {
            throw new ArgumentException(
                $"The messages are a {PyText.TypeName(input.Messages)}, expected a list of dictionaries.", nameof(input));
        }

        if (input.AddGenerationPrompt && input.ContinueFinalMessage)
        {
            throw new ArgumentException("A conversation either begins a new answer or continues the final message, not both.", nameof(input));
        }

        Value[] prepared = Array.ConvertAll(messages.Span.ToArray(), WithReasoning);
        string? finalText = null;
        if (input.ContinueFinalMessage)
        {
            if (prepared.Length == 0 || prepared[^1].Ref is not PyDict final)
            {
                throw new ArgumentException("There is no final message to continue.", nameof(input));
            }

            (prepared[^1], finalText) = Open(final);
        }

        var variables = new Dictionary<string, Value>(input.Variables.Count + 5, StringComparer.Ordinal)
        {
            ["messages"] = new Value(new PyList(ValueKind.List, prepared, prepared.Length)),
            ["tools"] = Given(input.Tools),
            ["documents"] = Given(input.Documents),
            ["add_generation_prompt"] = Value.From(input.AddGenerationPrompt),
        };
        foreach ((string name, Value value) in input.Variables)
        {
            variables[name] = Given(value);
        }

        return (variables, finalText);
    }

    /// <summary>Cuts a rendered text where the final message ends.</summary>
    internal static RenderedChat Cut(RenderedChat rendered, string finalText)
    {
        ReadOnlySpan<char> tag = EndTag.AsSpan().TrimEnd();
        int at = rendered.Text.AsSpan().LastIndexOf(tag, StringComparison.Ordinal);
        if (at < 0 || !rendered.Text.Contains(TextUnits.Trim(finalText).ToString(), StringComparison.Ordinal))
        {
            throw new ArgumentException(
                "The template leaves the final message out, or changes it, so that it cannot be continued.", nameof(rendered));
        }

        // A template that trims messages has trimmed the tag's own space too, so it would have trimmed the text
        // before the tag.
        bool isTrimmed = !rendered.Text.AsSpan(at).StartsWith(EndTag, StringComparison.Ordinal);
        ReadOnlySpan<char> text = rendered.Text.AsSpan(0, at);
        string cut = (isTrimmed ? TextUnits.TrimEnd(text) : text).ToString();
        TextSpan[] spans =
        [
            .. rendered.GenerationSpans.Where(span => span.Start < cut.Length)
                .Select(span => span with { End = Math.Min(span.End, cut.Length) }),
        ];
        return new RenderedChat(cut, spans);
    }

    private static Value Given(Value value) => value.IsMissing ? Value.None : value;

    private static Value WithReasoning(Value message)
    {
        if (message.Ref is not PyDict dict)
        {
            return message;
        }

        foreach (string name in (ReadOnlySpan<string>)["reasoning_content", "thinking", "reasoning"])
        {
            if (dict.TryGet(name, out Value reasoning) && !reasoning.IsNone)
            {
                PyDict copy = dict.Copy(2);
                copy.Set(new Value("reasoning_content"), reasoning);
                copy.Set(new Value("thinking"), reasoning);
                return new Value(copy);
            }
        }

        return message;
    }

    private static (Value Message, string FinalText) Open(PyDict message)
    {
        _ = message.TryGet("content", out Value content);
        PyDict copy = message.Copy();
        if (content.TryText(out string text))
        {
            copy.Set(new Value("content"), new Value(text + EndTag));
            return (new Value(copy), text);
        }

        if (content.Ref is PyList parts)
        {
            for (int i = parts.Count - 1; i >= 0; i--)
            {
                if (parts.Items[i].Ref is PyDict part && part.TryGet("text", out Value partText) && partText.TryText(out text))
                {
                    PyDict open = part.Copy();
                    open.Set(new Value("text"), new Value(text + EndTag));
                    Value[] items = parts.Span.ToArray();
                    items[i] = new Value(open);
                    copy.Set(new Value("content"), new Value(new PyList(ValueKind.List, items, items.Length)));
                    return (new Value(copy), text);
                }
            }
        }

        throw new ArgumentException("The final message has no text to continue.", nameof(message));
    }
}
