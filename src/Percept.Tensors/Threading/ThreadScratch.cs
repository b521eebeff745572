using Percept.Tensors.Memory;

namespace Percept.Tensors.Threading;

/// <summary>
/// Working memory of one thread for packed panels and partial results: a stack of 64-byte-aligned blocks that grow to the
/// largest size asked for and are kept for the thread's life.
/// </summary>
/// <remarks>Rent and dispose in strict nesting: <c>using var panel = ThreadScratch.Rent(bytes);</c>. Contents are undefined.</remarks>
internal static unsafe class ThreadScratch
{
    private const int MaxDepth = 16;

    [ThreadStatic]
    private static Blocks? s_blocks;

    /// <summary>Rents a block of at least <paramref name="bytes"/> bytes on this thread.</summary>
    /// <exception cref="OutOfMemoryException">The block cannot be had.</exception>
    internal static Lease Rent(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Blocks blocks = s_blocks ??= new Blocks();
        int depth = blocks.Depth;
        if (depth == MaxDepth)
        {
            throw new InvalidOperationException("Scratch blocks are nested too deeply: a lease was not disposed.");
        }

        if (blocks.Sizes[depth] < bytes)
        {
            OsMemory.Free((byte*)blocks.Pointers[depth]);
            blocks.Pointers[depth] = 0;
            blocks.Sizes[depth] = 0;
            nuint size = (nuint)((bytes + (bytes / 8) + 4095) & ~4095L);
            blocks.Pointers[depth] = (nint)OsMemory.Allocate((long)size);
            blocks.Sizes[depth] = (long)size;
        }

        blocks.Depth = depth + 1;
        return new Lease(blocks, (byte*)blocks.Pointers[depth]);
    }

    /// <summary>A rented block; disposing gives it back to its thread.</summary>
    internal readonly ref struct Lease
    {
        private readonly Blocks _blocks;

        internal Lease(Blocks blocks, byte* pointer)
        {
            _blocks = blocks;
            Pointer = pointer;
        }

        /// <summary>The block's first byte, 64-byte aligned.</summary>
        internal byte* Pointer { get; }

        /// <summary>Gives the block back.</summary>
        public void Dispose() => _blocks.Depth--;
    }

    internal sealed class Blocks
    {
        internal readonly nint[] Pointers = new nint[MaxDepth];
        internal readonly long[] Sizes = new long[MaxDepth];
        internal int Depth;

        ~Blocks()
        {
            foreach (nint pointer in Pointers)
            {
                OsMemory.Free((byte*)pointer);
            }
        }
    }
}
