using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>The tensor files of a case's folder, opened when first asked for.</summary>
internal sealed class CaseTensors(string folder) : IDisposable
{
    private readonly Dictionary<string, SafetensorsFile> _files = new(StringComparer.Ordinal);

    /// <summary>A tensor of a file in the case's folder; null when the file or the tensor is not there.</summary>
    internal Tensor? Find(string file, string key)
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

        return opened.Contains(key) ? opened.Read(key) : null;
    }

    public void Dispose()
    {
        foreach (SafetensorsFile file in _files.Values)
        {
            file.Dispose();
        }
    }
}
