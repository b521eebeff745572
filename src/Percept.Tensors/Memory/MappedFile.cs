using System.IO.MemoryMappedFiles;

namespace Percept.Tensors.Memory;

/// <summary>A file mapped read-only into memory; tensors made from it read the file's pages in place.</summary>
/// <remarks>
/// The mapping is closed when it was disposed and the last tensor over it is gone. The file must not be shortened while it
/// is mapped: touching a page that is no longer there ends the process, as with any mapping. Safe for several threads.
/// </remarks>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _pointer;
    private int _references = 1;
    private int _disposed;
    private int _closed;

    /// <summary>Maps a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be opened or mapped.</exception>
    public MappedFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Length = stream.Length;
        if (Length == 0)
        {
            return;
        }

        _file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _pointer = pointer + _view.PointerOffset;
    }

    /// <summary>Closes the mapping of a file that was never disposed, once no tensor uses it.</summary>
    ~MappedFile() => Close();

    /// <summary>The file's path as it was given.</summary>
    public string Path { get; }

    /// <summary>The file's length in bytes when it was mapped.</summary>
    public long Length { get; }

    /// <summary>A part of the file.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie in the file.</exception>
    /// <exception cref="ObjectDisposedException">The mapping was disposed.</exception>
    public ReadOnlySpan<byte> Bytes(long offset, int length) => new(At(offset, length), length);

    /// <summary>Asks the operating system to read a part of the file now rather than at the first touch.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie in the file.</exception>
    public void Prefetch(long offset, long length) => OsMemory.Prefetch(At(offset, length), length);

    /// <summary>Closes the mapping as soon as no tensor uses it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            ReleaseView();
        }
    }

    internal byte* At(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (offset < 0 || length < 0 || offset > Length - length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"Bytes {offset} to {offset + length} do not lie in '{Path}', which has {Length} bytes.");
        }

        return _pointer + offset;
    }

    internal NativeBuffer View(long offset, long length)
    {
        // The reference comes first: between a check and the taking of it another thread may close the file.
        AddView();
        try
        {
            return new NativeBuffer(At(offset, length), length, -1, this).AddReference();
        }
        catch
        {
            ReleaseView();
            throw;
        }
    }

    internal void ReleaseView()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            Close();
            GC.SuppressFinalize(this);
        }
    }

    private void AddView()
    {
        int references = Volatile.Read(ref _references);
        while (true)
        {
            ObjectDisposedException.ThrowIf(references == 0, this);
            int seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
            {
                return;
            }

            references = seen;
        }
    }

    private void Close()
    {
        // A finalizer may come before the last view's, which closes again.
        if (_view is not null && _pointer != null && Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file?.Dispose();
        }
    }
}
