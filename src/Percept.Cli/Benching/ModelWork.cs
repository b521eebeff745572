using System.Globalization;
using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Diagnostics;

namespace Percept.Cli;

/// <summary>What a pass through a model computes and reads, counted from the shapes of its tensors.</summary>
internal sealed partial class ModelWork
{
    private readonly TakenTensor[] _language;
    private readonly TakenTensor[] _tower;
    private readonly LinearPrecision _precision;
    private readonly int _vocabulary;

    internal ModelWork(LoadedModel model, LinearPrecision precision)
    {
        _precision = precision;
        ILanguageModel? language = MemoryPlan.LanguageOf(model.Model);
        _vocabulary = language?.VocabularySize ?? -1;
        bool whole = model.Model is IMultimodalModel;
        TakenTensor[] matrices = [.. model.Report.Taken.Where(tensor => tensor.Shape.Rank >= 2)];
        _language = language is null ? []
            : [.. matrices.Where(tensor => !whole || tensor.Name.StartsWith("language_model.", StringComparison.Ordinal))];
        _tower = ModelFacts.TowerOf(model.Model) is null ? [] : whole
            ? [.. matrices.Where(tensor => tensor.Name.StartsWith("vision_tower.", StringComparison.Ordinal))]
            : [.. matrices.Where(tensor => !tensor.Name.StartsWith("text_model.", StringComparison.Ordinal))];
        IsSparse = _language.Any(tensor => tensor.Name.Contains("experts", StringComparison.Ordinal));
    }

    /// <summary>Whether a token passes only some experts, so that shapes alone do not tell the work.</summary>
    internal bool IsSparse { get; }

    /// <summary>Numbers of the layers' matrices: each is multiplied once for each token.</summary>
    private long LayerParameters => _language.Where(tensor => tensor.Shape[0] != _vocabulary).Sum(tensor => tensor.Shape.Count);

    /// <summary>Bytes that each decoding step reads: the layers, and the head (or the table that is the head too).</summary>
    private long BytesPerStep => _language.Where(tensor => tensor.Shape[0] != _vocabulary).Sum(Bytes)
        + _language.Where(tensor => tensor.Shape[0] == _vocabulary).Select(Bytes).DefaultIfEmpty(0).Min();

    /// <summary>The limit of a prompt's pass; null where it cannot be told.</summary>
    internal (PeakKind, double)? Prefill(int tokens) =>
        IsSparse || _language.Length == 0 ? null : (Arithmetic(_language), 2.0 * tokens * LayerParameters);

    /// <summary>The limit of a decoding step; null where it cannot be told.</summary>
    /// <param name="cacheBytes">Bytes of keys and values that the step reads.</param>
    internal (PeakKind, double)? Decode(long cacheBytes) =>
        IsSparse || _language.Length == 0 ? null : (PeakKind.MemoryRead, (double)BytesPerStep + cacheBytes);

    /// <summary>The limit of a vision tower's pass; null where it cannot be told.</summary>
    /// <param name="pictures">How many pictures or tiles.</param>
    /// <param name="tower">The tower.</param>
    /// <param name="layers">How many of its layers run.</param>
    internal (PeakKind, double)? Encode(int pictures, IVisionTower tower, int layers)
    {
        double patches = Math.Pow(tower.ImageSize / tower.PatchSize, 2), tokens = patches + tower.PrefixTokens;
        long inLayers = _tower.Where(tensor => LayerOf(tensor.Name) is { } layer && layer < layers).Sum(tensor => tensor.Shape.Count);
        long inPatches = _tower.Where(tensor => tensor.Shape.Rank == 4).Sum(tensor => tensor.Shape.Count);
        if (inLayers == 0)
        {
            return null;
        }

        double attention = 4.0 * tokens * tokens * tower.HiddenSize * layers;
        return (Arithmetic(_tower), pictures * ((2.0 * tokens * inLayers) + (2.0 * patches * inPatches) + attention));
    }

    private static long Bytes(TakenTensor tensor) =>
        tensor.Converted is { } type ? type.ByteCount(tensor.Shape.Count) : tensor.Bytes;

    private static int? LayerOf(string name) =>
        Layer().Match(name) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    /// <summary>The arithmetic that most of the matrices are multiplied with.</summary>
    private PeakKind Arithmetic(TakenTensor[] tensors)
    {
        DType most = tensors.GroupBy(tensor => tensor.Converted ?? tensor.Type)
            .MaxBy(group => group.Sum(tensor => tensor.Shape.Count))?.Key ?? DType.F32;
        return _precision == LinearPrecision.Exact || most is DType.F32 or DType.F16 ? PeakKind.Fp32
            : most == DType.BF16 ? PeakKind.BF16
            : PeakKind.Int8;
    }

    [GeneratedRegex(@"\.layers?\.(\d+)\.")]
    private static partial Regex Layer();
}
