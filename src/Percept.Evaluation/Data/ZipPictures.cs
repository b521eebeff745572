using System.IO.Compression;
using Percept.Data;
using Percept.Media;

namespace Percept.Evaluation;

/// <summary>Pictures in a ZIP archive, read and decoded when somebody asks for them.</summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class ZipPictures
{
    private readonly string _path;
    private readonly Dictionary<string, string> _entries = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private ZipArchive? _archive;

    /// <summary>Reads the list of an archive.</summary>
    /// <exception cref="InvalidDataException">It is no archive, or a damaged one.</exception>
    internal ZipPictures(string path)
    {
        _path = path;
        using ZipArchive archive = ZipFile.OpenRead(path);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            _entries[entry.Name] = entry.FullName;
        }
    }

    /// <summary>A picture by the name of its file, whatever folder of the archive it lies in; null where there is none.</summary>
    internal MediaReference? Find(string file) => _entries.TryGetValue(file, out string? name)
        ? MediaReference.Drawn(name, () => ImageDecoder.Decode(Read(name)))
        : null;

    private byte[] Read(string name)
    {
        lock (_lock)
        {
            ZipArchiveEntry entry = (_archive ??= ZipFile.OpenRead(_path)).GetEntry(name)
                ?? throw new InvalidDataException($"'{_path}' no longer has '{name}'; the file was changed while it was in use.");
            MediaLimits limits = MediaLimits.Default;
            if (entry.Length > limits.MaxBytes)
            {
                throw new MediaLimitException($"'{name}' in '{_path}' has {entry.Length} bytes, at most {limits.MaxBytes} are read.");
            }

            byte[] bytes = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(bytes);
            return bytes;
        }
    }
}
