using System.Globalization;
using Percept.Data;
using Percept.Inference;
using Percept.Media;
using Percept.Models;

namespace Percept.Evaluation;

/// <summary>A local model. Several questions are computed together, and by default the most likely token is always taken.</summary>
public sealed class LocalAnswerer : IAnswerer
{
    private readonly MultimodalChat _chat;
    private readonly AnswerOptions _options;

    /// <summary>Makes an answerer of a model, which stays the caller's.</summary>
    /// <param name="chat">The model.</param>
    /// <param name="options">How it answers, but for the length; null: always the most likely token, no penalties, no beams.</param>
    /// <param name="name">What reports call it; null for the name of its folder.</param>
    /// <param name="together">How many questions are computed together.</param>
    /// <param name="computed">What else answers depend on, by name, such as how products are rounded; null for nothing.</param>
    public LocalAnswerer(
        MultimodalChat chat, AnswerOptions? options = null, string? name = null, int together = 16,
        IReadOnlyList<KeyValuePair<string, string>>? computed = null)
    {
        ArgumentNullException.ThrowIfNull(chat);
        ArgumentOutOfRangeException.ThrowIfLessThan(together, 1);
        _chat = chat;
        _options = options ?? new AnswerOptions { Adjust = Greedy };
        Together = together;
        string path = chat.Model.Path;
        Name = name ?? NameOf(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        GenerationSettings used = (_options.Adjust ?? (own => own))(chat.Defaults);
        Settings =
        [
            KeyValuePair.Create("model", Name),
            KeyValuePair.Create("model_type", chat.Model.ModelType),
            KeyValuePair.Create("model_fingerprint", ModelFingerprint.Of(path)),
            KeyValuePair.Create("sampling", used.DoSample ? $"draws, {used}" : "greedy"),
            KeyValuePair.Create("beams", used.NumBeams.ToString(CultureInfo.InvariantCulture)),
            KeyValuePair.Create("repetition_penalty", used.RepetitionPenalty.ToString("r", CultureInfo.InvariantCulture)),
            KeyValuePair.Create("style", _options.Style is null ? "the model's chat template" : _options.Style.ToString()!),
            KeyValuePair.Create("constraint", _options.JsonSchema ?? _options.Regex ?? "none"),
            .. computed ?? [],
        ];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Together { get; }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; }

    /// <summary>
    /// Settings that always take the most likely token, whatever the model's own are: of these only the tokens and texts that begin and end
    /// answers are kept, and no penalty, no bias and no least length.
    /// </summary>
    /// <param name="own">The model's settings.</param>
    public static GenerationSettings Greedy(GenerationSettings own)
    {
        ArgumentNullException.ThrowIfNull(own);
        return new GenerationSettings
        {
            BosTokenId = own.BosTokenId, EosTokenIds = own.EosTokenIds, PadTokenId = own.PadTokenId,
            DecoderStartTokenIds = own.DecoderStartTokenIds, ForcedBosTokenId = own.ForcedBosTokenId,
            ForcedEosTokenIds = own.ForcedEosTokenIds, StopStrings = own.StopStrings,
        };
    }

    /// <inheritdoc/>
    public async Task<EvaluationAnswer> AnswerAsync(EvaluationQuestion question, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ChatTurn[] turns =
        [
            .. question.History.Select(turn => Turn(turn.Role, turn.Text, turn.Media, cancellation)),
            Turn(DataRoles.User, question.Text, question.Media, cancellation),
        ];
        AnswerOptions options = _options with
        {
            Adjust = own => (_options.Adjust?.Invoke(own) ?? own) with { MaxNewTokens = question.MaxTokens, MaxLength = null },
        };
        ChatAnswer answer = await _chat.AnswerAsync(turns, options, cancellation).ConfigureAwait(false);
        return new EvaluationAnswer(
            answer.Text, answer.Finish.ToString().ToLowerInvariant(), answer.Usage.PromptTokens, answer.Usage.GeneratedTokens);
    }

    private static ChatTurn Turn(string role, string text, IReadOnlyList<MediaReference> media, CancellationToken cancellation) =>
        new(role, [.. media.Select(medium => new ChatPart(null, Load(medium, cancellation))), new ChatPart(text)]);

    private static MediaContent Load(MediaReference medium, CancellationToken cancellation)
    {
        (IReadOnlyList<Image> pictures, IReadOnlyList<double>? times) = MediaPictures.Of(medium, MediaLoader.DefaultFrames, cancellation);
        return medium.Kind == DataPartKind.Image ? MediaContent.Of(pictures[0]) : MediaContent.Clip(pictures, times);
    }

    /// <summary>What a model is called by its folder; of one in a run the run's name is said too.</summary>
    private static string NameOf(string path)
    {
        string name = Path.GetFileName(path), above = Path.GetFileName(Path.GetDirectoryName(path)) ?? string.Empty;
        return name == "model" && above.Length > 0 ? $"{above}/{name}" : name;
    }
}
