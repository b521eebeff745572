using System.Buffers;
using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>SigLIP 2's vision transformer of native sizes (NaFlex): each picture has its own grid of patches.</summary>
/// <remarks>
/// Dimensions: B pictures, N patches with padding, D channels, P pixels a side of a patch. State 0 is the embedded patches; rows
/// of padding hold numbers without meaning. Reference: transformers' <c>Siglip2VisionModel</c>.
/// </remarks>
public sealed class Siglip2VisionModel : IVisionTower, IVisionEncoder, IPositionTables
{
    private static readonly VisionSizes s_defaults = new() { Activation = Activation.GeluTanh };

    private readonly VisionSizes _sizes;
    private readonly Linear _patchEmbedding;
    private readonly PositionTable _positions;
    private readonly VisionStack _encoder;
    private readonly Norm _postLayerNorm;
    private readonly SiglipPoolingHead? _head;

    /// <summary>Takes <c>vision_model.…</c>.</summary>
    /// <param name="config">The configuration of the vision part.</param>
    /// <param name="weights">Where they stand.</param>
    public Siglip2VisionModel(ConfigReader config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        int patches = config.Int("num_patches", 256), side = (int)Math.Sqrt(patches);
        if (side * side != patches)
        {
            throw config.Unsupported("num_patches", $"{patches}", "square numbers");
        }

        VisionSizes sizes = VisionSizes.Read(config, s_defaults);
        _sizes = sizes with { Image = new ImageSize(side * sizes.PatchSize, side * sizes.PatchSize) };
        int hidden = _sizes.HiddenSize;
        WeightScope model = weights["vision_model"], embeddings = model["embeddings"];
        _patchEmbedding = embeddings.Linear("patch_embedding", hidden, _sizes.Channels * _sizes.PatchSize * _sizes.PatchSize);
        _positions = new PositionTable(
            embeddings["position_embedding"].Float("weight", [patches, hidden]), 0, new ImageSize(side, side),
            new ResampleOptions { Mode = ResampleMode.Linear, Antialias = true });
        _encoder = new VisionStack(_sizes.Block(VisionBlockNames.Clip), model["encoder"]["layers"], _sizes.Layers);
        _postLayerNorm = model.LayerNorm("post_layernorm", hidden, _sizes.NormEps);
        _head = config.Flag("vision_use_head", true) ? new SiglipPoolingHead(_sizes, model["head"]) : null;
    }

    /// <inheritdoc/>
    public int HiddenSize => _sizes.HiddenSize;

    /// <inheritdoc/>
    public int LayerCount => _encoder.Count;

    /// <inheritdoc/>
    public int PatchSize => _sizes.PatchSize;

    /// <inheritdoc/>
    public int ImageSize => _sizes.Image.Height;

    /// <inheritdoc/>
    public int PrefixTokens => 0;

    /// <inheritdoc/>
    /// <remarks>Pictures of any size of whole patches, all of one size.</remarks>
    public void States(Tensor pixels, ReadOnlySpan<int> layers, Span<Tensor> states, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        _encoder.States(Embed(new VisionInput(pixels)), default, layers, states, cancellation);
        scope.Keep(states[..layers.Length]);
    }

    /// <inheritdoc/>
    /// <remarks>Pixels are rows of patches with their spatial shapes, or pictures of one size.</remarks>
    public VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default)
    {
        input.Require(VisionInputParts.PatchMask | VisionInputParts.SpatialShapes, "SigLIP 2");
        using WorkScope scope = WorkScope.Open();
        Tensor patches = Embed(input);
        Tensor? mask = TextTokens.Mask(input.PatchMask, patches);
        Tensor last = _encoder.Forward(patches, new VisionStep { Mask = mask }, trace, cancellation);
        last = _postLayerNorm.Forward(last);
        Tensor? pooled = _head is null ? null : scope.Keep(_head.Forward(last, mask));
        return new VisionOutput(scope.Keep(last)) { Pooled = pooled, Features = pooled };
    }

    /// <inheritdoc/>
    public Tensor Positions(Tensor spatialShapes, int length)
    {
        int batch = Dims.Match(spatialShapes, "b 2")["b"];
        using WorkScope scope = WorkScope.Open();
        Tensor[] rows = ArrayPool<Tensor>.Shared.Rent(batch);
        for (int i = 0; i < batch; i++)
        {
            rows[i] = Positions(Integers.At(spatialShapes, 2 * i), Integers.At(spatialShapes, (2 * i) + 1), length);
        }

        Tensor result = Ops.Stack(rows.AsSpan(0, batch), 0);
        ArrayPool<Tensor>.Shared.Return(rows, clearArray: true);
        return scope.Keep(result);
    }

    /// <summary>[length, D]: the table at a picture's grid; rows of padding repeat the first one, as the reference has it.</summary>
    private Tensor Positions(long rows, long columns, int length)
    {
        if (rows < 1 || columns < 1 || rows > length || columns > length || rows * columns > length)
        {
            throw new ArgumentException(
                $"A spatial shape of {rows}×{columns} patches does not fit into {length} rows of patches.", "spatialShapes");
        }

        Tensor table = _positions.Patches(new ImageSize((int)rows, (int)columns));
        int padding = length - (int)(rows * columns);
        return padding == 0 ? table : Ops.Concat([table, Ops.Expand(Ops.Narrow(table, 0, 0, 1), padding, -1)], 0);
    }

    /// <summary>[B, N, P·P·C] or [B, C, H, W] → [B, N, D].</summary>
    private Tensor Embed(in VisionInput input)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor pixels = input.Pixels;
        if (input.SpatialShapes is { } shapes)
        {
            Dims sizes = Dims.Match(pixels, "b n c", "pixels").And(shapes, "b 2");
            return scope.Keep(Ops.Add(_patchEmbedding.Forward(pixels), Positions(shapes, sizes["n"])));
        }

        Dims.Match(pixels, "b c h w");
        Tensor rows = Ops.Patchify(pixels, PatchSize, PatchOrder.RowColumnChannel);
        Tensor table = _positions.Patches(new ImageSize(pixels.Shape[2] / PatchSize, pixels.Shape[3] / PatchSize));
        return scope.Keep(Ops.Add(_patchEmbedding.Forward(rows), table));
    }
}
