using System.Security.Cryptography;

namespace Percept.Data;

/// <summary>
/// Keeps what media became, by the content they were made from: in memory, and in a folder where one is named. Each is bounded in bytes;
/// what was not used for longest goes first.
/// </summary>
/// <remarks>
/// Safe for several threads. Files are written beside their place and renamed, and hold a hash of their bytes: one that was cut off or
/// damaged is made anew. Several processes may share a folder.
/// </remarks>
public sealed class PreparedCache
{
    private const int HashBytes = 32;

    private static readonly TimeSpan s_abandoned = TimeSpan.FromHours(1);

    private readonly long _memoryBytes;
    private readonly string? _folder;
    private readonly long _folderBytes;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, byte[] Value)>> _memory = [];
    private readonly LinkedList<(string Key, byte[] Value)> _order = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, long Bytes)>> _files = [];
    private readonly LinkedList<(string Key, long Bytes)> _fileOrder = new();
    private long _inMemory;
    private long _inFolder;

    /// <summary>Opens a cache.</summary>
    /// <param name="memoryBytes">The most bytes in memory; 0 for none.</param>
    /// <param name="folder">A folder for the cache alone; null for none. Made where it is missing.</param>
    /// <param name="folderBytes">The most bytes in the folder.</param>
    public PreparedCache(long memoryBytes, string? folder = null, long folderBytes = 10L << 30)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(folderBytes);
        _memoryBytes = memoryBytes;
        _folder = folder;
        _folderBytes = folderBytes;
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            // What a killed process left half written, long enough ago that no other process writes it.
            foreach (FileInfo left in new DirectoryInfo(folder).EnumerateFiles("*.prepared.*")
                .Where(file => file.LastWriteTimeUtc < DateTime.UtcNow - s_abandoned))
            {
                left.Delete();
            }

            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*.prepared").OrderBy(file => file.LastWriteTimeUtc))
            {
                NoteFile(Path.GetFileNameWithoutExtension(file.Name), file.Length);
            }
        }
    }

    /// <summary>How many answers came from memory.</summary>
    public long MemoryHits { get; private set; }

    /// <summary>How many answers came from the folder.</summary>
    public long FolderHits { get; private set; }

    /// <summary>How many answers had to be made.</summary>
    public long Misses { get; private set; }

    /// <summary>How many could not be written into the folder, as a disk is full or may not be written; they are made again.</summary>
    public long Unwritten { get; private set; }

    /// <summary>Bytes in memory.</summary>
    public long BytesInMemory
    {
        get
        {
            lock (_lock)
            {
                return _inMemory;
            }
        }
    }

    /// <summary>Bytes in the folder.</summary>
    public long BytesInFolder
    {
        get
        {
            lock (_lock)
            {
                return _inFolder;
            }
        }
    }

    /// <summary>The key of a medium that was prepared in some way.</summary>
    /// <param name="contentHash">The hash of its content, as <see cref="MediaReference.ContentHash"/> gives it.</param>
    /// <param name="preparation">Everything else that changes what becomes of it.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string Key(string contentHash, string preparation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        HashText.Append(hash, contentHash);
        HashText.Append(hash, preparation);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What is kept under a key, or what is made now and kept. Two threads that ask at once may both make it.</summary>
    /// <param name="key">What <see cref="Key"/> gave.</param>
    /// <param name="make">Makes it.</param>
    /// <returns>The bytes, not to be changed.</returns>
    /// <exception cref="ArgumentException">The key has other letters than digits and a to f.</exception>
    public byte[] GetOrMake(string key, Func<byte[]> make)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(make);
        if (key.Length != 2 * HashBytes || !key.All(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException(
                $"The key '{key}' is no hash of {2 * HashBytes} hexadecimal digits; make it with {nameof(Key)}.", nameof(key));
        }

        lock (_lock)
        {
            if (_memory.TryGetValue(key, out LinkedListNode<(string Key, byte[] Value)>? found))
            {
                _order.Remove(found);
                _order.AddLast(found);
                MemoryHits++;
                return found.Value.Value;
            }
        }

        byte[]? stored = ReadFile(key);
        byte[] value = stored ?? make();
        if (stored is null)
        {
            WriteFile(key, value);
        }

        lock (_lock)
        {
            FolderHits += stored is null ? 0 : 1;
            Misses += stored is null ? 1 : 0;
            Remember(key, value);
        }

        return value;
    }

    private void Remember(string key, byte[] value)
    {
        if (value.Length > _memoryBytes || _memory.ContainsKey(key))
        {
            return;
        }

        _memory[key] = _order.AddLast((key, value));
        _inMemory += value.Length;
        while (_inMemory > _memoryBytes)
        {
            (string oldest, byte[] gone) = _order.First!.Value;
            _order.RemoveFirst();
            _memory.Remove(oldest);
            _inMemory -= gone.Length;
        }
    }

    private string FileOf(string key) => Path.Combine(_folder!, key + ".prepared");

    private byte[]? ReadFile(string key)
    {
        if (_folder is null)
        {
            return null;
        }

        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(FileOf(key));
        }
        catch (IOException)
        {
            return null;
        }

        if (bytes.Length < HashBytes || !SHA256.HashData(bytes.AsSpan(HashBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, HashBytes)))
        {
            return null;
        }

        lock (_lock)
        {
            if (_files.TryGetValue(key, out LinkedListNode<(string Key, long Bytes)>? node))
            {
                _fileOrder.Remove(node);
                _fileOrder.AddLast(node);
            }
        }

        return bytes[HashBytes..];
    }

    private void WriteFile(string key, byte[] value)
    {
        if (_folder is null || value.Length + HashBytes > _folderBytes)
        {
            return;
        }

        string path = FileOf(key);
        string beside = $"{path}.{Guid.NewGuid():n}";
        try
        {
            using (FileStream file = File.Create(beside))
            {
                file.Write(SHA256.HashData(value));
                file.Write(value);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk costs time, never the work: what was made is used all the same.
            File.Delete(beside);
            lock (_lock)
            {
                Unwritten++;
            }

            return;
        }

        lock (_lock)
        {
            NoteFile(key, value.Length + HashBytes);
        }
    }

    /// <summary>Counts a file, and deletes the oldest where they are too many.</summary>
    private void NoteFile(string key, long bytes)
    {
        if (_files.Remove(key, out LinkedListNode<(string Key, long Bytes)>? old))
        {
            _fileOrder.Remove(old);
            _inFolder -= old.Value.Bytes;
        }

        _files[key] = _fileOrder.AddLast((key, bytes));
        _inFolder += bytes;
        while (_inFolder > _folderBytes)
        {
            (string oldest, long gone) = _fileOrder.First!.Value;
            _fileOrder.RemoveFirst();
            _files.Remove(oldest);
            _inFolder -= gone;
            File.Delete(FileOf(oldest));
        }
    }
}
