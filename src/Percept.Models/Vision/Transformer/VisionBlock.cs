using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>A layer with the norms first: x + attention(norm(x)), then x + mlp(norm(x)).</summary>
internal sealed class VisionBlock
{
    private readonly Norm _norm1;
    private readonly VisionAttention _attention;
    private readonly Tensor? _scale1;
    private readonly Norm _norm2;
    private readonly VisionMlp _mlp;
    private readonly Tensor? _scale2;
    private readonly WindowBias? _window;

    internal VisionBlock(VisionBlockOptions options, WeightScope weights)
    {
        int hidden = options.HiddenSize;
        VisionBlockNames names = options.Names;
        _norm1 = weights.LayerNorm(names.Norm1, hidden, options.NormEps);
        _attention = new VisionAttention(options, weights);
        _window = options.Window is { } grid ? new WindowBias(weights[names.Window], grid, options.Heads) : null;
        _scale1 = options.LayerScale ? weights.Float(names.Scale1, [hidden]) : null;
        _norm2 = weights.LayerNorm(names.Norm2, hidden, options.NormEps);
        _mlp = new VisionMlp(options, weights);
        _scale2 = options.LayerScale ? weights.Float(names.Scale2, [hidden]) : null;
    }

    /// <summary>[B, T, D] → [B, T, D].</summary>
    internal Tensor Forward(Tensor input, in VisionStep step)
    {
        Tensor middle = Ops.Add(input, Mixed(input, step));
        Tensor fed = _mlp.Forward(_norm2.Forward(middle));
        return Ops.Add(middle, _scale2 is { } scale ? Ops.Multiply(fed, scale) : fed);
    }

    /// <summary>The layer's own terms beside those that all layers share.</summary>
    private Tensor Biased(in VisionStep step)
    {
        Tensor own = _window!.For(step.Grid!.Value);
        return step.Bias is { } shared ? Ops.Add(shared, own) : own;
    }

    /// <summary>The attention's answer; what it was made of is given back before the feed-forward part needs memory.</summary>
    private Tensor Mixed(Tensor input, in VisionStep step)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor mixed = _attention.Forward(_norm1.Forward(input), _window is null ? step : step with { Bias = Biased(step) });
        return scope.Keep(_scale1 is { } scale ? Ops.Multiply(mixed, scale) : mixed);
    }
}
