using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Checkpoints that come without <c>config.json</c> but say by their tensors what they are: one line each.</summary>
internal static class BareCheckpoints
{
    private static readonly Func<TensorSource, ConfigReader?>[] s_kinds =
    [
        OpenAiClip.Describe,
    ];

    /// <summary>The configuration that a checkpoint's tensors imply; null when no kind knows it.</summary>
    /// <param name="path">The folder or file.</param>
    internal static ConfigReader? Describe(string path)
    {
        using TensorSource source = TensorSource.Open(path);
        foreach (Func<TensorSource, ConfigReader?> kind in s_kinds)
        {
            if (kind(source) is { } config)
            {
                return config;
            }
        }

        return null;
    }
}
