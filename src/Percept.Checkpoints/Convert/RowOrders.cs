namespace Percept.Checkpoints;

/// <summary>
/// The order of the rows of q and k: the hub's models turn the two halves of a head's channels together, GGUF files of the
/// architecture llama neighbouring ones.
/// </summary>
internal static class RowOrders
{
    /// <summary>Which row of the hub stands at each row of the file.</summary>
    /// <param name="heads">How many heads.</param>
    /// <param name="head">How many channels each has.</param>
    internal static int[] ToNeighbours(int heads, int head)
    {
        var order = new int[heads * head];
        for (int row = 0; row < order.Length; row++)
        {
            (int of, int channel) = (row / head, row % head);
            order[row] = (of * head) + (channel % 2 * (head / 2)) + (channel / 2);
        }

        return order;
    }

    /// <summary>Which row of the file stands at each row of the hub.</summary>
    /// <param name="heads">How many heads.</param>
    /// <param name="head">How many channels each has.</param>
    internal static int[] ToHalves(int heads, int head)
    {
        int[] there = ToNeighbours(heads, head);
        var back = new int[there.Length];
        for (int row = 0; row < there.Length; row++)
        {
            back[there[row]] = row;
        }

        return back;
    }
}
