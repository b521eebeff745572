namespace Percept.Tensors.Memory;

/// <summary>
/// Keeps the memory of tensors that the garbage collector owns flat: it cannot see native memory, so it is told, and asked
/// to run when much was made since it last ran.
/// </summary>
internal static class CollectorMemory
{
    private const long MinimumBudget = 256L << 20;

    private static long s_owned;
    private static long s_sinceCollection;
    private static int s_generation = -1;

    internal static long OwnedBytes => Interlocked.Read(ref s_owned);

    internal static void Made(long bytes)
    {
        long owned = Interlocked.Add(ref s_owned, bytes);
        long since = Interlocked.Add(ref s_sinceCollection, bytes);
        int generation = GC.CollectionCount(0);
        if (generation != Volatile.Read(ref s_generation))
        {
            Volatile.Write(ref s_generation, generation);
            Interlocked.Exchange(ref s_sinceCollection, bytes);
            return;
        }

        // Half of what lives may be garbage before a collection is forced.
        if (since > Math.Max(MinimumBudget, owned / 2))
        {
            Interlocked.Exchange(ref s_sinceCollection, 0);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    internal static void Freed(long bytes) => Interlocked.Add(ref s_owned, -bytes);
}
