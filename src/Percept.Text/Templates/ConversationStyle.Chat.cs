using System.Text;
using Percept.Text.Templates;

namespace Percept.Text;

/// <content>Conversations as chat templates take them.</content>
public sealed partial record ConversationStyle
{
    /// <summary>Puts messages, as a chat template takes them, into the text that the model is given.</summary>
    /// <param name="input">
    /// Messages whose content is a text or a list of parts; a first message of the role <c>system</c> takes the place of
    /// <see cref="System"/>; then user and assistant take turns.
    /// </param>
    /// <param name="imageMark">What stands for a part of the type <c>image</c>; it goes before the texts, on a line of its own.</param>
    /// <exception cref="ArgumentException">Messages are of another form, or there are tools.</exception>
    public string Render(ChatTemplateInput input, string imageMark)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(imageMark);
        if (input.Messages.Ref is not PyList messages)
        {
            throw new ArgumentException($"The messages are a {PyText.TypeName(input.Messages)}, expected a list.", nameof(input));
        }

        if (!input.Tools.IsNone && !input.Tools.IsMissing)
        {
            throw new ArgumentException("A classic conversation style has no place for tools.", nameof(input));
        }

        ConversationStyle style = this;
        var turns = new List<(string Role, string? Text)>();
        foreach (TemplateValue message in messages.Span)
        {
            (string role, string text) = Turn(message, imageMark);
            if (role == "system" && turns.Count == 0)
            {
                style = style with { System = WithSystem(text) };
                continue;
            }

            string expected = turns.Count % 2 == 0 ? "user" : "assistant";
            turns.Add(role == expected
                ? (turns.Count % 2 == 0 ? Roles.User : Roles.Assistant, text)
                : throw new ArgumentException($"Message {turns.Count + 1} is of the role '{role}', expected '{expected}'.", nameof(input)));
        }

        if (input.AddGenerationPrompt)
        {
            turns.Add((Roles.Assistant, null));
        }

        return style.Render([.. turns]);
    }

    /// <summary>A system prompt in the form in which it stands in the text.</summary>
    private string WithSystem(string text)
    {
        // The system prompts of ChatML and Llama 3 have their role in front, on a line or two of its own.
        int line = Separators == ConversationSeparators.Mpt ? System.IndexOf('\n', StringComparison.Ordinal) : -1;
        while (line >= 0 && line + 1 < System.Length && System[line + 1] == '\n')
        {
            line++;
        }

        return line >= 0 ? System[..(line + 1)] + text : text;
    }

    private static (string Role, string Text) Turn(TemplateValue message, string imageMark)
    {
        if (message.Ref is not PyDict dict || !dict.TryGet("role", out TemplateValue role) || !role.TryText(out string name)
            || !dict.TryGet("content", out TemplateValue content))
        {
            throw new ArgumentException("A message is no dictionary with 'role' and 'content'.", nameof(message));
        }

        if (content.TryText(out string text))
        {
            return (name, text);
        }

        if (content.Ref is not PyList parts)
        {
            throw new ArgumentException(
                $"The content of a message is a {PyText.TypeName(content)}, expected a text or a list of parts.", nameof(message));
        }

        var marks = new StringBuilder();
        var words = new StringBuilder();
        foreach (TemplateValue part in parts.Span)
        {
            string? type = part.Ref is PyDict fields && fields.TryGet("type", out TemplateValue kind) && kind.TryText(out string found)
                ? found
                : null;
            switch (type)
            {
                case "image":
                    marks.Append(imageMark).Append('\n');
                    break;
                case "text" when ((PyDict)part.Ref!).TryGet("text", out TemplateValue own) && own.TryText(out string said):
                    words.Append(said);
                    break;
                default:
                    throw new ArgumentException(
                        $"A part of a message is of the type '{type}', expected 'text' or 'image'.", nameof(message));
            }
        }

        return (name, marks.Append(words).ToString());
    }
}
