using System.Text;

namespace Percept.Text;

/// <summary>How the turns of a conversation are joined.</summary>
public enum ConversationSeparators
{
    /// <summary>One separator after every turn: <c>Human: Hi###Assistant:</c>.</summary>
    Single,

    /// <summary>
    /// One separator after the user's turns, another after the assistant's: <c>USER: Hi ASSISTANT: Yo&lt;/s&gt;</c>.
    /// </summary>
    Two,

    /// <summary>Role, text and separator without anything between them: ChatML.</summary>
    Mpt,

    /// <summary><c>[INST] … [/INST]</c> around the user's turns, the system prompt inside the first.</summary>
    Llama2,

    /// <summary>The texts alone, without roles.</summary>
    Plain,
}

/// <summary>
/// A classic conversation format, from before models carried chat templates: Vicuna, Llama 2, ChatML, MPT and their
/// kin, as in LLaVA's
/// <c>conversation.py</c>.
/// </summary>
public sealed partial record ConversationStyle
{
    /// <summary>How turns are joined.</summary>
    public ConversationSeparators Separators { get; init; }

    /// <summary>The system prompt, in the form in which it stands in the text.</summary>
    public string System { get; init; } = "";

    /// <summary>The separator after turns; with <see cref="ConversationSeparators.Two"/> after the user's.</summary>
    public string Separator { get; init; } = "###";

    /// <summary>The separator after the assistant's turns, where it is another.</summary>
    public string? SecondSeparator { get; init; }

    /// <summary>The names of the user and the assistant.</summary>
    public (string User, string Assistant) Roles { get; init; } = ("USER", "ASSISTANT");

    /// <summary>What ends a turn of the assistant, blanks around it left out, and so an answer; null where nothing but blanks does.</summary>
    public string? AnswerEnd
    {
        get
        {
            string? end = Separators is ConversationSeparators.Single or ConversationSeparators.Mpt ? Separator : SecondSeparator;
            return string.IsNullOrWhiteSpace(end) ? null : end.Trim();
        }
    }

    /// <summary>Puts a conversation into the text that the model is given.</summary>
    /// <param name="turns">The turns in order: the role and the text; a null text is the turn that the model is to
    /// write.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentException">
    /// The assistant has spoken but the style has no separator for its turns, or the first turn of a Llama 2
    /// conversation is no text of the user.
    /// </exception>
    public string Render(params ReadOnlySpan<(string Role, string? Text)> turns)
    {
        var text = new StringBuilder();
        switch (Separators)
        {
            case ConversationSeparators.Llama2:
                RenderLlama2(text, turns);
                break;
            case ConversationSeparators.Plain:
                RenderPlain(text, turns);
                break;
            case ConversationSeparators.Mpt:
                text.Append(System).Append(Separator);
                foreach ((string role, string? turn) in turns)
                {
                    text.Append(role);
                    if (!string.IsNullOrEmpty(turn))
                    {
                        text.Append(turn).Append(Separator);
                    }
                }

                break;
            default:
                RenderNamed(text, turns);
                break;
        }

        return text.ToString();
    }

    private void RenderNamed(StringBuilder text, ReadOnlySpan<(string Role, string? Text)> turns)
    {
        string? second = Separators == ConversationSeparators.Two ? SecondSeparator : Separator;
        text.Append(System).Append(Separator);
        for (int i = 0; i < turns.Length; i++)
        {
            (string role, string? turn) = turns[i];
            text.Append(role).Append(':');
            if (!string.IsNullOrEmpty(turn))
            {
                text.Append(' ').Append(turn).Append(i % 2 == 0 ? Separator : Second(second, i));
            }
        }
    }

    private void RenderPlain(StringBuilder text, ReadOnlySpan<(string Role, string? Text)> turns)
    {
        text.Append(System);
        for (int i = 0; i < turns.Length; i++)
        {
            if (turns[i].Text is { Length: > 0 } turn)
            {
                text.Append(turn).Append(i % 2 == 0 ? Separator : Second(SecondSeparator, i));
            }
        }
    }

    private string Second(string? separator, int turn) => separator ?? throw new ArgumentException(
        $"Turn {turn + 1} has a text, but the style has no separator for the assistant's turns; set {nameof(SecondSeparator)}.");

    private void RenderLlama2(StringBuilder text, ReadOnlySpan<(string Role, string? Text)> turns)
    {
        for (int i = 0; i < turns.Length; i++)
        {
            (string role, string? turn) = turns[i];
            if (i == 0 && (string.IsNullOrEmpty(turn) || role != Roles.User))
            {
                throw new ArgumentException(
                    $"The first turn must be a text of '{Roles.User}', found '{role}'{(turn is null ? " without text" : "")}.", nameof(turns));
            }

            if (string.IsNullOrEmpty(turn))
            {
                continue;
            }

            if (i % 2 == 1)
            {
                text.Append(' ').Append(turn).Append(' ').Append(Second(SecondSeparator, i));
                continue;
            }

            string system = i == 0 && System.Length > 0 ? $"<<SYS>>\n{System}\n<</SYS>>\n\n" : "";
            text.Append(Separator).Append("[INST] ").Append(system).Append(turn).Append(" [/INST]");
        }

        // The separator before the very first turn is the tokenizer's to add.
        int start = 0;
        while (Separator.Length > 0 && start < text.Length && Separator.Contains(text[start]))
        {
            start++;
        }

        text.Remove(0, start);
    }
}
