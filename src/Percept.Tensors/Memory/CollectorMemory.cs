namespace Percept.Tensors.Memory;

/// <summary>
/// Keeps the memory of tensors that the garbage collector owns flat: it cannot see native memory, so it is told, and asked
/// to run when much was made since it last ran.
/// </summary>
internal static class CollectorMemory
{
    private const long MinimumBudget = 256L << 20;

    private static long s_owned;
    private static long s_lived;

    internal static long OwnedBytes => Interlocked.Read(ref s_owned);

    internal static void Made(long bytes)
    {
        long owned = Interlocked.Add(ref s_owned, bytes);
        long lived = Interlocked.Read(ref s_lived);

        // Half of what lived through the last forced collection may be garbage before the next one. Collections of the
        // young generations say nothing: they leave the nodes that have grown old.
        if (owned - lived > Math.Max(MinimumBudget, lived / 2))
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Interlocked.Exchange(ref s_lived, OwnedBytes);
        }
    }

    internal static void Freed(long bytes)
    {
        long owned = Interlocked.Add(ref s_owned, -bytes);
        if (owned < Interlocked.Read(ref s_lived))
        {
            Interlocked.Exchange(ref s_lived, owned);
        }
    }
}
