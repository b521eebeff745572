using System.Globalization;
using Microsoft.Extensions.AI;
using Percept.Data;
using Percept.Inference;
using Percept.Media;

namespace Percept.Evaluation;

/// <summary>Any model behind <see cref="IChatClient"/>. Pictures are sent as PNG, of clips the frames as pictures.</summary>
/// <remarks>What a remote model is cannot be checked: the same name may answer otherwise tomorrow.</remarks>
public sealed class ChatClientAnswerer : IAnswerer
{
    private readonly IChatClient _client;
    private readonly ChatOptions _options;

    /// <summary>Makes an answerer of a client, which stays the caller's.</summary>
    /// <param name="client">The client.</param>
    /// <param name="name">What reports call it; null for the client's own name of its model.</param>
    /// <param name="options">How it answers, but for the length; null: with temperature 0.</param>
    /// <param name="together">How many questions are sent at once.</param>
    public ChatClientAnswerer(IChatClient client, string? name = null, ChatOptions? options = null, int together = 4)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentOutOfRangeException.ThrowIfLessThan(together, 1);
        _client = client;
        _options = options ?? new ChatOptions { Temperature = 0 };
        Together = together;
        var metadata = client.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata;
        Name = name ?? metadata?.DefaultModelId ?? "remote model";
        Settings =
        [
            KeyValuePair.Create("model", Name),
            KeyValuePair.Create("provider", metadata?.ProviderName ?? "unknown"),
            KeyValuePair.Create("address", metadata?.ProviderUri?.ToString() ?? "none"),
            KeyValuePair.Create("temperature", Text(_options.Temperature)),
            KeyValuePair.Create("top_p", Text(_options.TopP)),
            KeyValuePair.Create("seed", _options.Seed?.ToString(CultureInfo.InvariantCulture) ?? "none"),
            KeyValuePair.Create("instructions", _options.Instructions ?? "none"),
        ];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Together { get; }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; }

    /// <inheritdoc/>
    public async Task<EvaluationAnswer> AnswerAsync(EvaluationQuestion question, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ChatMessage[] messages =
        [
            .. question.History.Select(turn => Message(new ChatRole(turn.Role), turn.Text, turn.Media, cancellation)),
            Message(ChatRole.User, question.Text, question.Media, cancellation),
        ];
        ChatOptions options = _options.Clone();
        options.MaxOutputTokens = question.MaxTokens;
        ChatResponse response = await _client.GetResponseAsync(messages, options, cancellation).ConfigureAwait(false);
        return new EvaluationAnswer(
            response.Text, response.FinishReason?.Value ?? "unknown", response.Usage?.InputTokenCount, response.Usage?.OutputTokenCount);
    }

    private static ChatMessage Message(
        ChatRole role, string text, IReadOnlyList<MediaReference> media, CancellationToken cancellation)
    {
        List<AIContent> contents = [.. media.SelectMany(medium => Contents(medium, cancellation)), new TextContent(text)];
        return new ChatMessage(role, contents);
    }

    private static IEnumerable<AIContent> Contents(MediaReference medium, CancellationToken cancellation) =>
        MediaPictures.Of(medium, MediaLoader.DefaultFrames, cancellation).Pictures
            .Select(picture => new DataContent(PngEncoder.Encode(picture), "image/png"));

    private static string Text(float? value) => value?.ToString("r", CultureInfo.InvariantCulture) ?? "none";
}
