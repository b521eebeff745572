using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Cli;

/// <summary>The memory that a model takes.</summary>
/// <param name="Mapped">Bytes of weights that are read where they lie in the files.</param>
/// <param name="Own">Bytes of weights that were converted when the model was loaded.</param>
/// <param name="Cache">Bytes of keys and values of a thousand tokens, by how they are stored; null where a storage does not fit
/// the model.</param>
/// <param name="Activations">An estimate of the bytes that a chunk of a prompt takes on its way; 0 where there is none.</param>
internal sealed record MemoryPlan(
    long Mapped, long Own, IReadOnlyList<(KvCacheType Type, long? Bytes)> Cache, long Activations)
{
    /// <summary>The tokens that the cache is told for.</summary>
    internal const int CacheTokens = 1000;

    /// <summary>The rows of a prompt that go through the model at once.</summary>
    private const int Chunk = 512;

    // States that live at once around a layer: its input, the normed input, and the results of attention and feed-forward.
    private const int StatesAtOnce = 4;

    // Gate and up, or queries with keys and values.
    private const int WidestAtOnce = 2;

    /// <summary>Makes the plan of a model.</summary>
    internal static MemoryPlan Of(LoadedModel model)
    {
        IReadOnlyList<TakenTensor> taken = model.Report.Taken;
        ILanguageModel? language = LanguageOf(model.Model);
        return new MemoryPlan(
            taken.Where(tensor => tensor.Converted is null).Sum(tensor => tensor.Bytes),
            taken.Where(tensor => tensor.Converted is not null).Sum(tensor => tensor.Converted!.Value.ByteCount(tensor.Shape.Count)),
            language is null ? [] : [.. Enum.GetValues<KvCacheType>().Select(type => (type, CacheBytes(language, type)))],
            language is null ? 0 : ActivationBytes(language, taken));
    }

    /// <summary>The language part of a model; null where it has none.</summary>
    internal static ILanguageModel? LanguageOf(object model) => model switch
    {
        IMultimodalModel both => both.Language,
        ILanguageModel language => language,
        _ => null,
    };

    private static long? CacheBytes(ILanguageModel language, KvCacheType type)
    {
        try
        {
            using var cache = new KvCache(language.CacheShapes, type);
            return cache.BytesPerToken * CacheTokens;
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private static long ActivationBytes(ILanguageModel language, IReadOnlyList<TakenTensor> taken)
    {
        long rows = Math.Min(Chunk, language.MaximumPositions);
        long widest = taken.Where(tensor => tensor.Shape.Rank == 2 && tensor.Shape[1] == language.HiddenSize && tensor.Shape[0] != language.VocabularySize)
            .Select(tensor => (long)tensor.Shape[0]).DefaultIfEmpty(language.HiddenSize).Max();
        return sizeof(float) * ((rows * ((StatesAtOnce * (long)language.HiddenSize) + (WidestAtOnce * widest))) + language.VocabularySize);
    }
}
