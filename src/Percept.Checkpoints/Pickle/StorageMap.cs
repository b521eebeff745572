namespace Percept.Checkpoints;

/// <summary>Where the elements of each storage stand in a PyTorch file.</summary>
internal sealed class StorageMap
{
    private readonly Dictionary<string, ZipEntry> _places;
    private readonly FileBytes _file;
    private readonly ZipDirectory? _zip;

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
        return place.IsStored
            ? (_file, place.Offset)
            : (new FileBytes(_zip!.Inflate(place), $"{_file.Path}: {place.Name}"), 0);
    }
}
