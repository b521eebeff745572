namespace Percept.Conformance;

/// <summary>
/// Runs a processor on media. What kind of processor a run is for shows in its inputs and settings; the first kind that
/// takes the run has it.
/// </summary>
internal static class ProcessVerb
{
    /// <summary>Every kind of processor: one line each.</summary>
    private static readonly (Func<RunContext, bool> Takes, Action<RunContext> Run)[] s_kinds =
    [
        (AuthorsProcess.Takes, AuthorsProcess.Run),
        (ImageProcess.Takes, ImageProcess.Run),
        (PromptProcess.Takes, PromptProcess.Run),
        (AudioProcess.Takes, AudioProcess.Run),
        (VideoProcess.Takes, VideoProcess.Run),
    ];

    internal static void Run(RunContext context)
    {
        foreach ((Func<RunContext, bool> takes, Action<RunContext> run) in s_kinds)
        {
            if (takes(context))
            {
                run(context);
                return;
            }
        }

        throw new NotUnderstoodException("no processor takes such inputs and settings");
    }

    /// <summary>Whether the run has an input of a kind: <c>audio.0</c>, <c>video.0</c>.</summary>
    internal static bool HasInput(RunContext context, string kind) => context.Has($"{kind}.0");

    /// <summary>Whether the run is for a whole model's processor, with text to tokenize.</summary>
    internal static bool HasText(RunContext context) =>
        context.Run.Args.TryGetProperty("text", out _) || context.Run.Args.TryGetProperty("messages", out _);
}
