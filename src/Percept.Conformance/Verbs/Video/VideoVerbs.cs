namespace Percept.Conformance;

/// <summary>Choosing frames of clips.</summary>
internal static class VideoVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["sample_frames"] = SampleFramesVerb.Run,
        ["video_timestamps"] = VideoTimestampsVerb.Run,
    };
}
