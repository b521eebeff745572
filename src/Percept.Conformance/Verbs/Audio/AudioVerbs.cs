namespace Percept.Conformance;

/// <summary>Decoding sound, resampling, spectrograms.</summary>
internal static class AudioVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
    };
}
