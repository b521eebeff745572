namespace Percept.Tensors;

/// <summary>The order of the elements of one patch in <c>Ops.Patchify</c>.</summary>
public enum PatchOrder
{
    /// <summary>Row, column, channel: channels lie together (MAE).</summary>
    RowColumnChannel,

    /// <summary>Channel, row, column: as the weights of a patch-embedding convolution.</summary>
    ChannelRowColumn,
}
