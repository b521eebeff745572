using System.Security.Cryptography;
using System.Text;
using Percept.Models;

namespace Percept.Evaluation;

/// <summary>Tells a model's files from others without reading gigabytes.</summary>
internal static class ModelFingerprint
{
    private const int Blocks = 64;
    private const int BlockBytes = 4096;

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
    /// A hash of the names, sizes and contents of a model's files. Of a large file 64 blocks of 4 KB are read, evenly from its beginning to
    /// its end: training changes weights all over.
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
            bool whole = length <= (long)Blocks * BlockBytes;
            long blocks = whole ? (length + BlockBytes - 1) / BlockBytes : Blocks;
            for (long i = 0; i < blocks; i++)
            {
                stream.Position = whole ? i * BlockBytes : i * (length - BlockBytes) / (Blocks - 1);
                int read = stream.ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false);
                hash.AppendData(block, 0, read);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
