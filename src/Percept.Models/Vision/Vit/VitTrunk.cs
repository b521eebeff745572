using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The embeddings, layers and final norm of a ViT.</summary>
/// <remarks>
/// Dimensions: B pictures, N patches, T tokens, D channels. Tokens are class, distillation, registers, patches, as far as there
/// are such. Safe for several threads.
/// </remarks>
internal sealed class VitTrunk
{
    private readonly VitOptions _options;
    private readonly Tensor? _distillationToken;
    private readonly Tensor? _registerTokens;
    private readonly Tensor? _maskToken;

    internal VitTrunk(VitOptions options, WeightScope weights)
    {
        _options = options;
        VisionSizes sizes = options.Sizes;
        int hidden = sizes.HiddenSize, placed = options.PrefixTokens - options.Registers;
        WeightScope embeddings = weights["embeddings"];
        ClassToken = options.ClassToken ? embeddings.Float("cls_token", [1, 1, hidden]) : null;
        _distillationToken = options.DistillationToken ? embeddings.Float("distillation_token", [1, 1, hidden]) : null;
        _registerTokens = options.Registers > 0
            ? embeddings.Float("register_tokens", [1, options.Registers, hidden])
            : null;
        _maskToken = MaskToken(embeddings, hidden);
        Patches = new PatchEmbedding(
            embeddings[options.PatchEmbedding], hidden, sizes.Channels, sizes.PatchSize, bias: true);
        Positions = options.RopeTheta is null
            ? new PositionTable(
                embeddings.Float("position_embeddings", [1, placed + (int)sizes.Grid.Area, hidden]), placed, sizes.Grid,
                options.Resampling, options.ResamplingOffset)
            : null;
        Layers = new VisionStack(options.Block, weights[options.Layers], sizes.Layers);
        FinalNorm = weights.LayerNorm(options.FinalNorm, hidden, sizes.NormEps);
    }

    internal Tensor? ClassToken { get; }

    internal PatchEmbedding Patches { get; }

    /// <summary>The learned positions; null where they are rotary.</summary>
    internal PositionTable? Positions { get; }

    internal VisionStack Layers { get; }

    internal Norm FinalNorm { get; }

    /// <summary>Refuses pictures of another size unless their positions may be interpolated.</summary>
    internal void RequireSize(Tensor pixels, bool interpolate)
    {
        if (!_options.AnySize && !interpolate)
        {
            VisionPixels.RequireSize(pixels, _options.Sizes.Image);
        }
    }

    /// <summary>[B, C, H, W] → [B, T, D].</summary>
    /// <param name="pixels">The pictures.</param>
    /// <param name="masked">Bool [B, N]: where the mask token stands instead of the patch; null for nowhere.</param>
    internal Tensor Embed(Tensor pixels, Tensor? masked = null)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor tokens = Patches.Forward(pixels);
        tokens = masked is { } hidden ? VisionPixels.Hide(tokens, hidden, _maskToken, _options.Name) : tokens;
        if (_distillationToken is { } distillation)
        {
            tokens = VisionPixels.Prepend(distillation, tokens);
        }

        if (Positions is null)
        {
            tokens = _registerTokens is { } turned ? VisionPixels.Prepend(turned, tokens) : tokens;
            return scope.Keep(ClassToken is { } first ? VisionPixels.Prepend(first, tokens) : tokens);
        }

        tokens = ClassToken is { } start ? VisionPixels.Prepend(start, tokens) : tokens;
        tokens = Ops.Add(tokens, Positions.For(Patches.Grid(pixels)));
        return scope.Keep(_registerTokens is { } registers ? Insert(tokens, registers) : tokens);
    }

    /// <summary>Masks and positions of the layers for pictures of a size.</summary>
    internal VisionStep Step(Tensor pixels)
    {
        if (_options.RopeTheta is null)
        {
            return default;
        }

        (Tensor cos, Tensor sin) = RopeTables(Patches.Grid(pixels), _options.PrefixTokens);
        return new VisionStep { Cos = cos, Sin = sin };
    }

    /// <summary>
    /// Angles 2π·c·θ^(−4i/d) of the patches' centres c, which run from −1 to 1 along each side: those of rows, then of columns.
    /// Tokens before the patches are not turned.
    /// </summary>
    /// <returns>Float32 [prefix + N, d/2] each.</returns>
    internal (Tensor Cos, Tensor Sin) RopeTables(ImageSize grid, int prefix)
    {
        int half = _options.Sizes.HiddenSize / _options.Sizes.Heads / 2, quarter = half / 2;
        Shape shape = [prefix + (int)grid.Area, half];
        Tensor cosines = Ops.Empty(shape), sines = Ops.Empty(shape);
        Span<float> cos = cosines.Writable<float>(), sin = sines.Writable<float>();
        cos[..(prefix * half)].Fill(1f);
        sin[..(prefix * half)].Clear();
        for (int at = prefix * half; at < cos.Length; at++)
        {
            int patch = (at / half) - prefix, i = at % half;
            double place = i < quarter
                ? (0.5 + (patch / grid.Width)) / grid.Height
                : (0.5 + (patch % grid.Width)) / grid.Width;
            double angle = 2 * Math.PI * ((2 * place) - 1) * Math.Pow(_options.RopeTheta!.Value, -(i % quarter) / (double)quarter);
            cos[at] = (float)Math.Cos(angle);
            sin[at] = (float)Math.Sin(angle);
        }

        return (cosines, sines);
    }

    private static Tensor? MaskToken(WeightScope embeddings, int hidden)
    {
        if (!embeddings.Has("mask_token"))
        {
            return null;
        }

        // [1, D] in DINOv2, [1, 1, D] elsewhere.
        return embeddings.Float("mask_token", embeddings.Describe("mask_token").Shape.Rank == 2 ? [1, hidden] : [1, 1, hidden]);
    }

    /// <summary>Puts tokens behind the class token.</summary>
    private static Tensor Insert(Tensor tokens, Tensor inserted) => Ops.Concat(
        [
            Ops.Narrow(tokens, 1, 0, 1), Ops.Expand(inserted, tokens.Shape[0], -1, -1), Ops.Slice(tokens, 1, 1),
        ],
        1);
}
