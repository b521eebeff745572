using System.Text.Json;
using Percept.Inference;
using Percept.Models;
using Percept.Text;

namespace Percept.Training;

/// <summary>A conversation rendered whole, and the beginnings of it that end where an answer begins or ends.</summary>
internal sealed class RenderedTurns
{
    private readonly IProcessor _processor;
    private readonly ChatTurn[] _turns;
    private readonly JsonElement? _tools;
    private readonly IReadOnlyDictionary<string, TemplateValue>? _variables;

    internal RenderedTurns(
        IProcessor processor, ChatTurn[] turns, JsonElement? tools, IReadOnlyDictionary<string, TemplateValue>? variables)
    {
        _processor = processor;
        _turns = turns;
        _tools = tools;
        _variables = variables;
        (Whole, Media) = Render(turns.Length, isOpen: false);
    }

    /// <summary>The text of the whole conversation, with marks of media.</summary>
    internal string Whole { get; }

    /// <summary>The media in the order of their marks.</summary>
    internal IReadOnlyList<MediaContent> Media { get; }

    /// <summary>The text up to where a message of the assistant begins.</summary>
    /// <exception cref="TemplatePrefixException">It is no beginning of the whole.</exception>
    internal (string Text, int Media) Before(int message)
    {
        (string text, IReadOnlyList<MediaContent> media) = Render(message, isOpen: true);
        string shared = text.TrimEnd();
        if (!Whole.StartsWith(shared, StringComparison.Ordinal))
        {
            throw Differs(shared, $"the prompt for message {message + 1}");
        }

        if (Whole.StartsWith(text, StringComparison.Ordinal))
        {
            return (text, media.Count);
        }

        // Some templates write other blanks before an answer than where one is to begin; no blank is part of the answer.
        int start = shared.Length;
        while (start < Whole.Length && char.IsWhiteSpace(Whole[start]))
        {
            start++;
        }

        return (Whole[..start], media.Count);
    }

    /// <summary>The text up to where a message ends.</summary>
    /// <exception cref="TemplatePrefixException">It is no beginning of the whole.</exception>
    internal (string Text, int Media) Through(int message)
    {
        if (message == _turns.Length - 1)
        {
            return (Whole, Media.Count);
        }

        (string text, IReadOnlyList<MediaContent> media) = Render(message + 1, isOpen: false);
        return Whole.StartsWith(text, StringComparison.Ordinal)
            ? (text, media.Count)
            : throw Differs(text, $"the conversation up to message {message + 1}");
    }

    private (string Text, IReadOnlyList<MediaContent> Media) Render(int count, bool isOpen)
    {
        (ChatTemplateInput input, IReadOnlyList<MediaContent> media) = ChatMessages.Write(_turns[..count], _processor, _tools, _variables);
        return (_processor.Render(input with { AddGenerationPrompt = isOpen }), media);
    }

    private TemplatePrefixException Differs(string part, string name)
    {
        int at = part.AsSpan().CommonPrefixLength(Whole);
        string template = _processor.Tokenizer.ClassName is { Length: > 0 } className ? $"the chat template of {className}" : "the model's chat template";
        return new TemplatePrefixException(
            $"With {template}, {name} is no beginning of the whole conversation: after {at} letters it has '{Piece(part, at)}' and the "
            + $"whole '{Piece(Whole, at)}'. " +
            "Learn only the last answer (mask_history), or set the template's variables so that it writes earlier messages the same.");
    }

    private static string Piece(string text, int at) => text.Substring(at, Math.Min(24, text.Length - at)).ReplaceLineEndings("\\n");
}
