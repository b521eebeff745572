namespace Percept.Checkpoints;

/// <summary>Where the elements of each storage stand in a PyTorch file.</summary>
internal sealed class StorageMap
{
    private readonly Dictionary<string, ZipEntry> _places;
    private readonly FileBytes _file;
    private readonly ZipDirectory? _zip;

    // A storage may hold thousands of tensors; who reads them one after the other inflates it once.
    private readonly Lock _lock = new();
    private (string Key, WeakReference<FileBytes> Bytes)? _inflated;

    /// <summary>Takes the places of storages.</summary>
    /// <param name="file">The file.</param>
    /// <param name="zip">Its directory; null for a file that is no zip file.</param>
    /// <param name="places">The places by the storages' keys.</param>
    internal StorageMap(FileBytes file, ZipDirectory? zip, Dictionary<string, ZipEntry> places)
    {
        _file = file;
        _zip = zip;
        _places = places;
    }

    /// <summary>The bytes of a storage, and where in them it begins.</summary>
    internal (FileBytes Bytes, long Offset) Find(PickleStorage storage)
    {
        ZipEntry place = _places[storage.Key];
        return place.IsStored ? (_file, place.Offset) : (Inflated(storage.Key, place), 0);
    }

    private FileBytes Inflated(string key, ZipEntry place)
    {
        lock (_lock)
        {
            if (_inflated is not { } last || last.Key != key || !last.Bytes.TryGetTarget(out FileBytes? bytes))
            {
                bytes = new FileBytes(_zip!.Inflate(place), $"{_file.Path}: {place.Name}");
                _inflated = (key, new WeakReference<FileBytes>(bytes));
            }

            return bytes;
        }
    }
}
