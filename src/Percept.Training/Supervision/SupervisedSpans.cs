using System.Text.Json;
using Percept.Data;
using Percept.Inference;
using Percept.Models;
using Percept.Text;

namespace Percept.Training;

/// <summary>
/// Turns conversations into ids and labels. Which tokens belong to answers is found by rendering the chat template message by message:
/// what a rendering has beyond the one that ends where the answer begins is the answer, up to the token that ends the turn.
/// </summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class SupervisedSpans
{
    private readonly IProcessor _processor;
    private readonly SupervisionOptions _options;

    /// <summary>Prepares for a model.</summary>
    /// <param name="processor">The model's processor.</param>
    /// <param name="options">What is learnt.</param>
    public SupervisedSpans(IProcessor processor, SupervisionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(processor);
        _processor = processor;
        _options = options ?? new SupervisionOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.ClipFrames, 1, nameof(options));
    }

    /// <summary>Prepares a conversation.</summary>
    /// <param name="sample">A sample with answers in its messages.</param>
    /// <param name="cancellation">Ends decoding.</param>
    /// <exception cref="ArgumentException">No message is to be learnt.</exception>
    /// <exception cref="TemplatePrefixException">The template does not let answers be told from the rest.</exception>
    /// <exception cref="NotSupportedException">There is no chat template, or a medium is not supported.</exception>
    /// <exception cref="TemplateException">The template refuses the conversation.</exception>
    /// <exception cref="IOException">A medium cannot be read.</exception>
    /// <exception cref="InvalidDataException">A medium is damaged.</exception>
    public SupervisedPrompt Prepare(DatasetSample sample, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ChatTurn[] turns = Turns(sample.Messages, [], cancellation);
        return Prepare(sample, sample.Messages, turns, 0);
    }

    /// <summary>Prepares both conversations of a preference pair; only their different ends are learnt.</summary>
    /// <param name="sample">A sample with a better and a worse end.</param>
    /// <param name="cancellation">Ends decoding.</param>
    /// <returns>The conversation with the better end, and that with the worse one; media are decoded once and prepared twice.</returns>
    /// <exception cref="ArgumentException">The sample is no preference pair.</exception>
    /// <exception cref="TemplatePrefixException">The template does not let answers be told from the rest.</exception>
    /// <exception cref="NotSupportedException">There is no chat template, or a medium is not supported.</exception>
    public (SupervisedPrompt Chosen, SupervisedPrompt Rejected) PreparePair(DatasetSample sample, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.Chosen is not { } better || sample.Rejected is not { } worse)
        {
            throw new ArgumentException($"{sample} is no preference pair. Give one with 'chosen' and 'rejected'.", nameof(sample));
        }

        var decoded = new Dictionary<MediaReference, MediaContent>();
        DataMessage[] first = [.. sample.Messages, .. better];
        DataMessage[] second = [.. sample.Messages, .. worse];
        SupervisedPrompt chosen = Prepare(sample, first, Turns(first, decoded, cancellation), sample.Messages.Count);
        try
        {
            return (chosen, Prepare(sample, second, Turns(second, decoded, cancellation), sample.Messages.Count));
        }
        catch
        {
            chosen.Dispose();
            throw;
        }
    }

    /// <summary>Prepares a conversation up to where its last answer is to begin.</summary>
    /// <param name="sample">The sample; an answer at its end is left out.</param>
    /// <param name="cancellation">Ends decoding.</param>
    /// <returns>The prompt, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The sample asks nothing.</exception>
    /// <exception cref="NotSupportedException">There is no chat template, or a medium is not supported.</exception>
    /// <exception cref="IOException">A medium cannot be read.</exception>
    /// <exception cref="InvalidDataException">A medium is damaged.</exception>
    public PreparedPrompt PrepareQuestion(DatasetSample sample, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        IReadOnlyList<DataMessage> asked = Question(sample);
        if (asked.Count == 0)
        {
            throw new ArgumentException($"{sample} asks nothing. Give it a message before the answer.", nameof(sample));
        }

        using JsonDocument? document = sample.Tools is { } json ? JsonDocument.Parse(json) : null;
        (ChatTemplateInput input, IReadOnlyList<MediaContent> media) = ChatMessages.Write(
            Turns(asked, [], cancellation), _processor, document?.RootElement, _options.Variables);
        return _processor.Prepare(_processor.Render(input), media);
    }

    /// <summary>
    /// A conversation without the answer at its end; of questions that stand apart the last one, with the media of the first, or behind the
    /// messages that all follow on.
    /// </summary>
    /// <param name="sample">The sample.</param>
    internal static IReadOnlyList<DataMessage> Question(DatasetSample sample)
    {
        IReadOnlyList<DataMessage> asked = EndsWithAnswer(sample) ? [.. sample.Messages.Take(sample.Messages.Count - 1)] : sample.Messages;
        if (!sample.TurnsApart || asked.Count(message => message.Role == DataRoles.User) < 2)
        {
            return asked;
        }

        if (sample.CommonMessages > 0)
        {
            return [.. asked.Take(sample.CommonMessages), asked[^1]];
        }

        DataMessage first = asked.First(message => message.Role == DataRoles.User), last = asked.Last(message => message.Role == DataRoles.User);
        return
        [
            .. asked.Where(message => message.Role == DataRoles.System),
            last with { Parts = [.. first.Parts.Where(part => part.Media is not null), .. last.Parts] },
        ];
    }

    /// <summary>The answer at the end of a conversation, or of a preference pair the better one; null where there is none.</summary>
    /// <param name="sample">The sample.</param>
    internal static string? Answer(DatasetSample sample) =>
        sample.Chosen is [.., { Role: DataRoles.Assistant } better] ? better.Text
        : EndsWithAnswer(sample) ? sample.Messages[^1].Text : null;

    /// <summary>Which messages are answers to be learnt, by their place.</summary>
    /// <param name="messages">A conversation.</param>
    /// <param name="from">The first message that may be one.</param>
    /// <param name="lastAlone">Only the last of them.</param>
    internal static int[] Learnt(IReadOnlyList<DataMessage> messages, int from, bool lastAlone)
    {
        int[] all = [.. Enumerable.Range(from, messages.Count - from).Where(i => messages[i].Role == DataRoles.Assistant && messages[i].IsSupervised)];
        return lastAlone && all.Length > 0 ? [all[^1]] : all;
    }

    private static bool EndsWithAnswer(DatasetSample sample) =>
        sample.Chosen is null && sample.Messages is [.., { Role: DataRoles.Assistant }];

    /// <summary>How many tokens a conversation has, media included; of a preference pair the longer one.</summary>
    /// <param name="sample">The sample.</param>
    public int CountTokens(DatasetSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.Chosen is null)
        {
            using SupervisedPrompt prompt = Prepare(sample);
            return prompt.Prompt.Ids.Count;
        }

        (SupervisedPrompt chosen, SupervisedPrompt rejected) = PreparePair(sample);
        using (chosen)
        using (rejected)
        {
            return Math.Max(chosen.Prompt.Ids.Count, rejected.Prompt.Ids.Count);
        }
    }

    private ChatTurn[] Turns(
        IReadOnlyList<DataMessage> messages, Dictionary<MediaReference, MediaContent> decoded, CancellationToken cancellation) =>
    [
        .. messages.Select(message => new ChatTurn(message.Role, [.. message.Parts.Select(part => part.Media is { } media
            ? new ChatPart(null, Decode(media, decoded, cancellation))
            : new ChatPart(part.Text))])),
    ];

    private MediaContent Decode(
        MediaReference media, Dictionary<MediaReference, MediaContent> decoded, CancellationToken cancellation)
    {
        if (!decoded.TryGetValue(media, out MediaContent? content))
        {
            decoded[media] = content = DataMedia.Load(media, _options.ClipFrames, cancellation);
        }

        return content;
    }

    private SupervisedPrompt Prepare(DatasetSample sample, IReadOnlyList<DataMessage> messages, ChatTurn[] turns, int from)
    {
        int[] learnt = Learnt(messages, from, _options.MaskHistory);
        if (learnt.Length == 0 && !_options.TrainOnPrompt)
        {
            throw new ArgumentException($"{sample} has no answer to learn. Validate the dataset.", nameof(sample));
        }

        JsonElement? tools = null;
        using JsonDocument? document = sample.Tools is { } json ? JsonDocument.Parse(json) : null;
        tools = document?.RootElement;
        var chat = new RenderedTurns(_processor, turns, tools, _options.Variables);
        PreparedPrompt prompt = _processor.Prepare(chat.Whole, chat.Media);
        try
        {
            bool apart = sample.TurnsApart && from == 0;
            if (_options.TrainOnPrompt && !apart && !sample.AnswersByLetter)
            {
                return new SupervisedPrompt(prompt, [(0, prompt.Ids.Count)]);
            }

            var boundaries = new TokenBoundaries(_processor, chat.Whole, chat.Media, prompt.Ids);
            ApartTurns? turnsApart = apart ? Apart(sample, chat, boundaries, prompt, messages) : null;
            (int Start, int End)[] answers = _options.TrainOnPrompt && !sample.AnswersByLetter
                ? [] : [.. learnt.Select(i => Span(chat, boundaries, prompt.Ids, i))];
            (int Start, int End)[] spans = answers;
            if (_options.TrainOnPrompt)
            {
                // The first token that is seen of a later turn follows on nothing that is seen.
                spans = turnsApart is null ? [(0, prompt.Ids.Count)]
                    : [(0, turnsApart.Turns[0].End), .. turnsApart.Turns.Skip(1).Select(turn => (turn.First + 1, turn.End))];
            }

            if (sample.AnswersByLetter)
            {
                var letters = AnswerLetters.Of(prompt, answers, _processor);
                return new SupervisedPrompt(letters.Prompt, [.. spans.Select(letters.At)], turnsApart is null ? null : letters.At(turnsApart));
            }

            return new SupervisedPrompt(prompt, spans, turnsApart);
        }
        catch
        {
            prompt.Dispose();
            throw;
        }
    }

    private ApartTurns? Apart(
        DatasetSample sample, RenderedTurns chat, TokenBoundaries boundaries, PreparedPrompt prompt, IReadOnlyList<DataMessage> messages)
    {
        int[] ends =
        [
            .. Enumerable.Range(0, messages.Count).Where(i => messages[i].Role == DataRoles.Assistant)
                .Select(i => Span(chat, boundaries, prompt.Ids, i).End),
        ];
        if (sample.CommonMessages > 0 && (sample.CommonMessages > messages.Count || messages[sample.CommonMessages - 1].Role != DataRoles.Assistant))
        {
            throw new InvalidDataException(
                $"{sample}: {sample.CommonMessages} of {messages.Count} messages are common to all turns; the last of them must be an answer. Set CommonMessages to where one ends.");
        }

        int common = messages.Take(sample.CommonMessages).Count(message => message.Role == DataRoles.Assistant);
        return ends.Length > 1 && prompt.Spans.Any(span => span.Start >= ends[Math.Max(1, common) - 1])
            ? throw new InvalidDataException(
                $"{sample}: turns that stand apart have all their media before the answers that are their own, and here is one behind. Set turns: together.")
            : ApartTurns.Of(prompt, ends, common);
    }

    private (int Start, int End) Span(RenderedTurns chat, TokenBoundaries boundaries, IReadOnlyList<int> ids, int message)
    {
        int start = boundaries.Find(chat.Before(message));
        int end = boundaries.Find(chat.Through(message));

        // What the template writes behind the token that ends the turn, a line break, is never asked of the model.
        for (int i = end - 1; i >= start; i--)
        {
            if (_processor.StopIds.Contains(ids[i]))
            {
                return (start, i + 1);
            }
        }

        return (start, end);
    }
}
