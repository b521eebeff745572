using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>The tensor files of a case's folder, opened when first asked for.</summary>
internal sealed class CaseTensors(string folder, string checkpoint = "checkpoint") : IDisposable
{
    private readonly Dictionary<string, SafetensorsFile> _files = new(StringComparer.Ordinal);

    private readonly Dictionary<string, object> _shared = new(StringComparer.Ordinal);

    /// <summary>The case's folder.</summary>
    internal string Folder => folder;

    /// <summary>The folder of the checkpoint, relative to the case's.</summary>
    internal string Checkpoint => checkpoint;

    /// <summary>Something that several runs of the case use, made when first asked for.</summary>
    internal T Shared<T>(string key, Func<T> make)
        where T : class
    {
        if (!_shared.TryGetValue(key, out object? value))
        {
            _shared.Add(key, value = make());
        }

        return (T)value;
    }

    /// <summary>Why a file in the case's folder cannot be read, in one sentence; null when it can.</summary>
    internal string? ProblemOf(string file)
    {
        if (!File.Exists(Path.Combine(folder, file)))
        {
            return $"The case's file '{file}' is missing.";
        }

        try
        {
            _ = Open(file);
            return null;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException
            or NotSupportedException or ArgumentException)
        {
            return $"The case's file '{file}' cannot be read: {error.Message}";
        }
    }

    /// <summary>A tensor of a file in the case's folder; null when the file or the tensor is not there.</summary>
    internal Tensor? Find(string file, string key)
    {
        SafetensorsFile? opened = Open(file);
        return opened?.Contains(key) == true ? opened.Read(key) : null;
    }

    public void Dispose()
    {
        foreach (SafetensorsFile file in _files.Values)
        {
            file.Dispose();
        }
    }

    /// <summary>A file in the case's folder, opened once; null when it is not there.</summary>
    private SafetensorsFile? Open(string file)
    {
        if (!_files.TryGetValue(file, out SafetensorsFile? opened))
        {
            string path = Path.Combine(folder, file);
            if (!File.Exists(path))
            {
                return null;
            }

            opened = SafetensorsFile.Open(path);
            _files.Add(file, opened);
        }

        return opened;
    }
}
