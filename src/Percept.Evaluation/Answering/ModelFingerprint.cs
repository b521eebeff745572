using System.Security.Cryptography;
using System.Text;
using Percept.Checkpoints;
using Percept.Models;

namespace Percept.Evaluation;

/// <summary>Tells a model's files from others without reading gigabytes.</summary>
internal static class ModelFingerprint
{
    private const long WholeBytes = 256 << 20;
    private const int BlockBytes = 4096;
    private const int StrideBytes = 256 << 10;

    /// <summary>
    /// A hash of a model's files. Of an adapter's folder those of the model under it count as well: the adapter alone says nothing.
    /// </summary>
    /// <param name="path">A folder or a file.</param>
    /// <exception cref="InvalidDataException">An adapter does not say what it stands beside.</exception>
    /// <exception cref="FileNotFoundException">The model under an adapter is not here.</exception>
    internal static string Of(string path) => AdapterFolder.Is(path)
        ? EvaluationData.HashOf([OfFiles(path), OfFiles(AdapterFolder.BaseOf(path))])
        : OfFiles(path);

    /// <summary>
    /// A hash of the names, sizes and contents of a model's files. Of a file above 256 MB a block of 4 KB is read every 256 KB, and of
    /// safetensors also the beginning of every tensor: a part that is trained alone, such as a projector, is seen.
    /// </summary>
    /// <param name="path">A folder or a file.</param>
    private static string OfFiles(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] files = Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)]
            : [path];
        byte[] block = new byte[BlockBytes];
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(file);
            long length = stream.Length;
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{Path.GetFileName(file)}\0{length}\0")));
            if (length <= WholeBytes)
            {
                hash.AppendData(SHA256.HashData(stream));
                continue;
            }

            foreach (long start in Starts(file, length))
            {
                stream.Position = start;
                int read = stream.ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false);
                hash.AppendData(block, 0, read);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Where the blocks of a large file that are read begin.</summary>
    /// <param name="file">The file.</param>
    /// <param name="length">Its bytes.</param>
    internal static IEnumerable<long> Starts(string file, long length)
    {
        var starts = new SortedSet<long> { Math.Max(0, length - BlockBytes) };
        for (long start = 0; start < length; start += StrideBytes)
        {
            starts.Add(start);
        }

        if (file.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            using SafetensorsFile tensors = SafetensorsFile.Open(file);
            starts.UnionWith(tensors.Entries.Values.Select(entry => entry.Offset));
        }

        return starts;
    }
}
