using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The decoder of a masked autoencoder: paints the pixels of all patches from the tokens of those that were seen.</summary>
internal sealed class VitMaeDecoder
{
    private readonly Linear _embed;
    private readonly Tensor _maskToken;
    private readonly PositionTable _positions;
    private readonly VisionStack _layers;
    private readonly Norm _norm;
    private readonly Linear _pred;

    /// <summary>Takes <c>decoder_embed</c>, <c>mask_token</c>, <c>decoder_pos_embed</c>, <c>decoder_layers</c>, ….</summary>
    internal VitMaeDecoder(VisionSizes encoder, VisionBlockOptions block, int layers, WeightScope weights)
    {
        int hidden = block.HiddenSize, patches = (int)encoder.Grid.Area;
        _embed = weights.Linear("decoder_embed", hidden, encoder.HiddenSize);
        _maskToken = weights.Float("mask_token", [1, 1, hidden]);

        // The reference resamples this table as one long row, not as a picture.
        _positions = new PositionTable(
            weights.Float("decoder_pos_embed", [1, 1 + patches, hidden]), 1, new ImageSize(1, patches), PositionTable.Cubic);
        _layers = new VisionStack(block, weights["decoder_layers"], layers);
        _norm = weights.LayerNorm("decoder_norm", hidden, encoder.NormEps);
        _pred = weights.Linear("decoder_pred", encoder.PatchSize * encoder.PatchSize * encoder.Channels, hidden);
    }

    /// <summary>[B, 1 + kept, D] → [B, N, P·P·C].</summary>
    internal Tensor Forward(Tensor latent, in MaePatchOrder order, CancellationToken cancellation)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor tokens = _embed.Forward(latent);
        int batch = tokens.Shape[0], count = order.Mask.Shape[1];
        Tensor seen = Ops.Slice(tokens, 1, 1);
        if (order.Kept < count)
        {
            seen = Ops.Concat([seen, Ops.Expand(_maskToken, batch, count - order.Kept, -1)], 1);
        }

        Tensor all = Ops.Concat([Ops.Narrow(tokens, 1, 0, 1), MaePatchOrder.Take(seen, order.RestoreRows)], 1);
        Tensor placed = Ops.Add(all, _positions.For(new ImageSize(1, count)));
        Tensor painted = _pred.Forward(_norm.Forward(_layers.Forward(placed, cancellation: cancellation)));
        return scope.Keep(Ops.Slice(painted, 1, 1));
    }
}
