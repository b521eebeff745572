namespace Percept.Tensors.Kernels;

/// <summary>Brings one block of each of a few rows into panel form.</summary>
internal unsafe interface IPanelBlock
{
    /// <summary>Unpacks all groups of one block.</summary>
    /// <typeparam name="T">How many rows at once.</typeparam>
    /// <param name="rows">The rows.</param>
    /// <param name="offset">The block's offset in each row, in bytes. Nothing outside the block is read.</param>
    /// <param name="panel">The first group of the panel, at the dword of the first row's column.</param>
    /// <param name="groupBytes">From one group of the panel to the next.</param>
    static abstract void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>;
}
