using Percept.Text;

namespace Percept.Models;

/// <summary>The processor of a model that takes text alone.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class TextProcessor : IProcessor
{
    /// <summary>Makes it.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="stopIds">Ids that end an answer.</param>
    public TextProcessor(LoadedTokenizer tokenizer, IReadOnlyCollection<int> stopIds)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        Tokenizer = tokenizer;
        StopIds = stopIds;
    }

    /// <inheritdoc/>
    public LoadedTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds => [];

    /// <inheritdoc/>
    public IReadOnlyCollection<int> StopIds { get; }

    /// <inheritdoc/>
    public string Render(ChatTemplateInput input) => PromptText.Render(Tokenizer, input);

    /// <inheritdoc/>
    public PreparedPrompt Prepare(string prompt, IReadOnlyList<MediaContent> media)
    {
        ArgumentNullException.ThrowIfNull(media);
        return media.Count == 0
            ? new PreparedPrompt { Ids = PromptText.Encode(Tokenizer, prompt) }
            : throw new ArgumentException($"This model takes text alone, but {media.Count} media are given.", nameof(media));
    }

    /// <inheritdoc/>
    public int CountTokens(MediaContent media) => throw new ArgumentException("This model takes text alone.", nameof(media));
}
