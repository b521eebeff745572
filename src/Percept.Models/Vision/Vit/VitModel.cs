using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>ViT, DeiT, I-JEPA, DINOv2 and DINOv3, each with the heads that its checkpoint has.</summary>
/// <remarks>
/// Dimensions: B pictures, N patches, T tokens, D channels. Reference: transformers' classes of these names, with
/// <c>ForImageClassification</c> and <c>Backbone</c>. Safe for several threads.
/// </remarks>
public sealed class VitModel : IVisionTower, IVisionEncoder, IImageClassifier, IFeatureMaps, IRotaryGrids
{
    private readonly VitOptions _options;
    private readonly VitTrunk _trunk;
    private readonly Linear? _pooler;
    private readonly Linear? _classifier;
    private readonly Linear? _clsClassifier;
    private readonly Linear? _distillationClassifier;

    internal VitModel(VitOptions options, WeightScope weights)
    {
        _options = options;
        int hidden = options.Sizes.HiddenSize;
        _trunk = new VitTrunk(options, weights);
        _pooler = weights["pooler.dense"].Has("weight") ? weights.Linear("pooler.dense", options.PoolerSize, hidden) : null;
        _classifier = Head(weights, "classifier", options.Classifier == VitClassifierInput.ClassTokenAndMean ? 2 * hidden : hidden);
        _clsClassifier = Head(weights, "cls_classifier", hidden);
        _distillationClassifier = Head(weights, "distillation_classifier", hidden);
    }

    /// <inheritdoc/>
    public int HiddenSize => _options.Sizes.HiddenSize;

    /// <inheritdoc/>
    public int LayerCount => _trunk.Layers.Count;

    /// <inheritdoc/>
    public int PatchSize => _options.Sizes.PatchSize;

    /// <inheritdoc/>
    public int ImageSize => _options.Sizes.Image.Height;

    /// <inheritdoc/>
    public int PrefixTokens => _options.PrefixTokens;

    /// <inheritdoc/>
    public int MapCount => _options.MapStages.Length;

    /// <inheritdoc/>
    public void States(Tensor pixels, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default)
    {
        _trunk.RequireSize(pixels, interpolate: false);
        using WorkScope scope = WorkScope.Open();
        _trunk.Layers.States(_trunk.Embed(pixels), _trunk.Step(pixels), layers, states, cancellation);
        scope.Keep(states[..layers.Length]);
    }

    /// <inheritdoc/>
    /// <remarks>The last hidden state is normed.</remarks>
    public VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor last = scope.Keep(Run(input, trace, cancellation));
        Tensor? pooled = _options.PoolsClassToken
            ? VisionPixels.Token(last, 0)
            : _pooler is { } pooler
            ? _options.PoolerActivation.Apply(pooler.Forward(VisionPixels.Token(last, 0)))
            : null;
        return new VisionOutput(last) { Pooled = pooled is { } kept ? scope.Keep(kept) : null };
    }

    /// <inheritdoc/>
    public ImageClasses Classify(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        if (_classifier is not null)
        {
            Tensor seen = ClassifierInput(Run(input, trace, cancellation));
            return new ImageClasses(scope.Keep(_classifier.Forward(seen)));
        }

        if (_clsClassifier is null || _distillationClassifier is null)
        {
            throw new NotSupportedException(
                $"This {_options.Name} has no head for classes. Use a checkpoint with 'classifier.weight'.");
        }

        Tensor last = Run(input, trace, cancellation);
        Tensor own = _clsClassifier.Forward(VisionPixels.Token(last, 0));
        Tensor distilled = _distillationClassifier.Forward(VisionPixels.Token(last, 1));
        return new ImageClasses(scope.Keep(Ops.Scale(Ops.Add(own, distilled), 0.5f)))
        {
            ClassTokenLogits = scope.Keep(own),
            DistillationLogits = scope.Keep(distilled),
        };
    }

    /// <inheritdoc/>
    public void FeatureMaps(Tensor pixels, Span<Tensor> maps, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        States(pixels, _options.MapStages, maps, cancellation);
        ImageSize grid = _trunk.Patches.Grid(pixels);
        foreach (ref Tensor map in maps[..MapCount])
        {
            Tensor normed = _options.NormedMaps ? _trunk.FinalNorm.Forward(map) : map;
            Tensor patches = PrefixTokens == 0 ? normed : Ops.Slice(normed, 1, PrefixTokens);
            Tensor picture = Ops.Reshape(patches, [pixels.Shape[0], grid.Height, grid.Width, HiddenSize]);
            map = scope.Keep(Ops.Permute(picture, 0, 3, 1, 2));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The model has learned positions.</exception>
    public (Tensor Cos, Tensor Sin) RopeTables(Tensor pixels)
    {
        if (_options.RopeTheta is null)
        {
            throw new NotSupportedException($"{_options.Name} has learned positions, no rotary ones. Choose another model.");
        }

        using WorkScope scope = WorkScope.Open();
        (Tensor cos, Tensor sin) = _trunk.RopeTables(_trunk.Patches.Grid(pixels), prefix: 0);
        return (scope.Keep(Ops.Concat([cos, cos], -1)), scope.Keep(Ops.Concat([sin, sin], -1)));
    }

    private static Linear? Head(WeightScope weights, string name, int inputs) => weights[name].Has("weight")
        ? weights.Linear(name, weights[name].Describe("weight").Shape[0], inputs)
        : null;

    private Tensor Run(in VisionInput input, ForwardTrace? trace, CancellationToken cancellation)
    {
        input.Require(VisionInputParts.Interpolation | VisionInputParts.MaskedPatches, _options.Name);
        _trunk.RequireSize(input.Pixels, input.InterpolatePositions);
        using WorkScope scope = WorkScope.Open();
        Tensor tokens = _trunk.Embed(input.Pixels, input.MaskedPatches);
        Tensor last = _trunk.Layers.Forward(tokens, _trunk.Step(input.Pixels), trace, cancellation);
        return scope.Keep(_trunk.FinalNorm.Forward(last));
    }

    private Tensor ClassifierInput(Tensor last)
    {
        if (_options.Classifier == VitClassifierInput.ClassToken)
        {
            return VisionPixels.Token(last, 0);
        }

        Tensor mean = Ops.Mean(PrefixTokens == 0 ? last : Ops.Slice(last, 1, PrefixTokens), 1);
        return _options.Classifier == VitClassifierInput.Mean
            ? mean
            : Ops.Concat([VisionPixels.Token(last, 0), mean], 1);
    }
}
