using System.Diagnostics;
using System.Globalization;
using Percept.Inference;
using Percept.Media;
using Percept.Models;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Models;

/// <summary>
/// <c>open MODEL [--image FILE] [--check]</c>, meant for a process of its own: seconds from opening a model to the first token of a
/// prompt of 32 tokens, then a picture with an answer in a context of 2048, and the most memory that was resident, mapped pages
/// counted.
/// </summary>
internal static class OpenCommand
{
    private const int PromptTokens = 32;
    private const int Context = 2048;
    private const double MostSeconds = 2;
    private const double MostBeyondFiles = 1.5e9;

    internal static int Run(string[] args)
    {
        string? model = args.FirstOrDefault();
        int image = Array.IndexOf(args, "--image");
        if (model is null || model.StartsWith('-') || (image >= 0 && image + 1 >= args.Length))
        {
            Console.Error.WriteLine("Usage: dotnet run -c Release --project bench -- open MODEL [--image FILE] [--check]");
            return 2;
        }

        long start = Stopwatch.GetTimestamp();
        using MultimodalChat chat = MultimodalChat.Load(model, new EngineOptions { ContextLength = Context, CacheType = KvCacheType.F16 });
        double loaded = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var prompt = new PreparedPrompt { Ids = [.. Enumerable.Range(0, PromptTokens).Select(i => 300 + (i * 7))] };
        chat.Engine.Start(Request(prompt, 1)).Completion.GetAwaiter().GetResult();
        double first = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(Invariant($"open {loaded:0.00} s, first token of {PromptTokens} after {first:0.00} s (bar: {MostSeconds:0} s)"));
        if (image >= 0)
        {
            PreparedPrompt shown = chat.Processor.Prepare(
                chat.Processor.Mark(MediaKind.Image) + "\nwhat is this", [MediaLoader.Load(args[image + 1])]);
            int tokens = Context - shown.Ids.Count;

            // The cache is reserved for the whole context, as a long answer would need it.
            EngineResult answer = chat.Engine.Start(Request(shown, tokens, stopAfter: 16)).Completion.GetAwaiter().GetResult();
            EngineUsage usage = answer.Usage;
            Console.WriteLine(Invariant(
                $"picture: encode {usage.Encoding.TotalSeconds:0.00} s, prefill {usage.PrefillRate:0} tok/s, decode {usage.DecodeRate:0.0} tok/s"));
        }

        long files = chat.Model.Report.Bytes, peak = Process.GetCurrentProcess().PeakWorkingSet64;
        double beyond = peak - files;
        Console.WriteLine(Invariant(
            $"resident at most {peak / 1e9:0.00} GB: weights {files / 1e9:0.00} GB and {beyond / 1e9:0.00} GB (bar: {MostBeyondFiles / 1e9:0.0} GB)"));
        bool met = first <= MostSeconds && beyond <= MostBeyondFiles;
        return args.Contains("--check") && !met ? 1 : 0;
    }

    private static EngineRequest Request(PreparedPrompt prompt, int tokens, int stopAfter = 0) => new()
    {
        Prompt = prompt,
        Settings = new GenerationSettings
        {
            MaxNewTokens = tokens,
            MaxTime = stopAfter > 0 ? TimeSpan.FromSeconds(stopAfter) : null,
        },
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
