namespace Percept.Tensors.Memory;

/// <summary>
/// A block of memory outside the GC heap, 64-byte aligned unless mapped, shared by a tensor and its views and counted by
/// them. The last one to let go gives the block back to <see cref="TensorMemory"/> or to its mapped file.
/// </summary>
internal sealed unsafe class NativeBuffer
{
    private int _references;

    internal NativeBuffer(byte* pointer, long bytes, int bucket, MappedFile? file)
    {
        Become(pointer, bytes, bucket);
        File = file;
    }

    internal byte* Pointer { get; private set; }

    internal long Bytes { get; private set; }

    /// <summary>The size class in the pool; −1 for mapped memory.</summary>
    internal int Bucket { get; private set; }

    internal MappedFile? File { get; }

    /// <summary>Whether just one tensor uses the block, so that it may be written in place.</summary>
    internal bool IsExclusive => Volatile.Read(ref _references) == 1;

    /// <summary>How often the block was opened for writing in place; a recorded op remembers it.</summary>
    internal int Writes { get; private set; }

    internal void NoteWrite() => Writes++;

    /// <summary>Stands for another block, so that one whose memory went back to the system costs no new object on the GC heap.</summary>
    internal NativeBuffer Become(byte* pointer, long bytes, int bucket)
    {
        Pointer = pointer;
        Bytes = bytes;
        Bucket = bucket;
        return this;
    }

    internal NativeBuffer AddReference()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            if (File is null)
            {
                TensorMemory.Return(this);
            }
            else
            {
                File.ReleaseView();
            }
        }
    }
}
