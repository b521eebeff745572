using Percept.Models;

namespace Percept.Inference;

/// <summary>How an engine runs.</summary>
public sealed record EngineOptions
{
    /// <summary>How past keys and values are stored.</summary>
    public KvCacheType CacheType { get; init; } = KvCacheType.F16;

    /// <summary>The greatest number of positions of a sequence; null for the model's own.</summary>
    public int? ContextLength { get; init; }

    /// <summary>How many rows of a prompt go through the model at once, beside the sequences that decode.</summary>
    public int PrefillChunk { get; init; } = 512;

    /// <summary>How many sequences run together; others wait.</summary>
    public int MaxSequences { get; init; } = 16;

    /// <summary>Bytes of finished sequences' caches that are kept for prompts that begin alike.</summary>
    public long PrefixCacheBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of media that are kept as rows, so that a picture is encoded once.</summary>
    public long MediaCacheBytes { get; init; } = 256L << 20;

    /// <summary>What an adapter has learned to put before every prompt; null for nothing. It takes positions of the context.</summary>
    public SoftPrompt? Prompt { get; init; }

    /// <summary>
    /// The adapters of the model, of which each request may choose one; null for none. While the engine runs it alone switches them.
    /// </summary>
    public AdapterSet? Adapters { get; init; }

    internal void Check()
    {
        if (Adapters is { All: { Count: > 1 } several } && several.FirstOrDefault(adapter => adapter.Prompt is not null) is { } prompted)
        {
            throw new NotSupportedException(
                $"The adapter '{prompted.Name}' puts learned rows before every prompt, which cannot be switched on and off. Load it alone.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(PrefillChunk, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSequences, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ContextLength ?? 1, 1, nameof(ContextLength));
        ArgumentOutOfRangeException.ThrowIfNegative(PrefixCacheBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(MediaCacheBytes);
    }
}
