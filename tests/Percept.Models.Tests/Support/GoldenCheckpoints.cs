using Percept.Conformance;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Models.Tests.Support;

/// <summary>The tiny checkpoints of the repository's golden cases, and pictures for them.</summary>
internal static class GoldenCheckpoints
{
    private static readonly string s_copies =
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("The repository has no tests/goldens.");

    /// <summary>The folder of a case's checkpoint.</summary>
    internal static string Folder(string name) => Path.Combine(s_copies, name, "checkpoint");

    /// <summary>The model of a case.</summary>
    internal static object Load(string name) => ModelLoader.Load(Folder(name)).Model;

    /// <summary>Pictures of random pixels.</summary>
    internal static Tensor Pixels(int batch, int height, int width, ulong seed = 1) =>
        Ops.RandomNormal([batch, 3, height, width], new RandomStream(seed));
}
