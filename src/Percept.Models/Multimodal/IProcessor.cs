using Percept.Text;

namespace Percept.Models;

/// <summary>
/// Turns a conversation with media into what a model takes; the only place that says how many tokens a medium becomes.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
public interface IProcessor
{
    /// <summary>The tokenizer with its settings and chat template.</summary>
    LoadedTokenizer Tokenizer { get; }

    /// <summary>The kinds of media that it takes.</summary>
    IReadOnlyCollection<MediaKind> Kinds { get; }

    /// <summary>
    /// Whether <see cref="Render(ChatTemplateInput)"/> takes contents as lists of parts; else a medium stands in the text as <see cref="Mark"/>.
    /// </summary>
    bool TakesParts => Kinds.Count > 0;

    /// <summary>What stands for a medium in a prompt's text.</summary>
    /// <param name="kind">The kind of medium.</param>
    string Mark(MediaKind kind) => kind == MediaKind.Video ? "<video>" : kind == MediaKind.Audio ? "<audio>" : "<image>";

    /// <summary>
    /// Writes text of a user, a document or a tool so that it may stand in the contents given to <see cref="Render(ChatTemplateInput)"/>: control
    /// tokens and marks of media in it stay text in what <see cref="Prepare"/> makes of the prompt.
    /// </summary>
    /// <param name="text">The text.</param>
    string Quote(string text) =>
        Tokenizer.Tokenizer.Quote(text, Mark(MediaKind.Image), Mark(MediaKind.Video), Mark(MediaKind.Audio));

    /// <summary>Ids that end an answer, as the tokenizer's settings and the chat template tell.</summary>
    IReadOnlyCollection<int> StopIds { get; }

    /// <summary>The prompt of a conversation: its chat template, with a mark for each medium.</summary>
    /// <param name="input">The messages, with parts <c>{"type": "image"}</c> and the like for media, and texts that <see cref="Quote"/>
    /// has written.</param>
    /// <exception cref="NotSupportedException">There is no chat template.</exception>
    string Render(ChatTemplateInput input);

    /// <summary>The prompt of a conversation in a style of one's own choice, with what the model has around its pictures.</summary>
    /// <param name="input">As for the other.</param>
    /// <param name="style">How turns are joined.</param>
    string Render(ChatTemplateInput input, ConversationStyle style)
    {
        ArgumentNullException.ThrowIfNull(style);
        return style.Render(input, Mark(MediaKind.Image));
    }

    /// <summary>The prompt as the model takes it.</summary>
    /// <param name="prompt">The text, with a mark for each medium.</param>
    /// <param name="media">The media in the order of their marks.</param>
    /// <exception cref="ArgumentException">Marks and media differ in number or kind.</exception>
    PreparedPrompt Prepare(string prompt, IReadOnlyList<MediaContent> media);

    /// <summary>How many tokens of the prompt a medium takes.</summary>
    /// <param name="media">The medium.</param>
    int CountTokens(MediaContent media);
}
