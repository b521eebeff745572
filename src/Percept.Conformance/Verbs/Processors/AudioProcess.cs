using Percept.Media;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// Runs an audio processor on the waves <c>audio.0</c>, <c>audio.1</c>, … or on the files <c>args.audio</c>. The settings are
/// those of the folder <c>config</c>, or of <c>checkpoint</c>; <c>kwargs</c> are the arguments of the call.
/// </summary>
internal static class AudioProcess
{
    internal static bool Takes(RunContext context) =>
        (ProcessVerb.HasInput(context, "audio") || context.Run.Args.TryGetProperty("audio", out _))
        && !ProcessVerb.HasText(context);

    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        AudioProcessor processor = AudioProcessor.Load(context.PathOf(args.Text("config", "checkpoint")), args.Find("kwargs"));
        if (processor.UnreadOverrides.Count > 0)
        {
            throw new InvalidDataException($"The processor does not know the argument '{processor.UnreadOverrides[0]}' of 'kwargs'.");
        }

        int rate = args.Int("sampling_rate", processor.SampleRate);
        if (rate != processor.SampleRate)
        {
            throw new InvalidDataException($"The waves have {rate} Hz; the processor wants {processor.SampleRate} Hz.");
        }

        IReadOnlyDictionary<string, Tensor> answers = args.Find("audio") is { } files
            ? processor.Process([.. files.EnumerateArray().Select(file => AudioDecoder.Decode(context.Bytes(file.GetString()!)))])
            : processor.Process(Waves(context));
        foreach ((string name, Tensor answer) in answers)
        {
            SampledOutputs.Give(context, name, answer);
        }
    }

    private static List<ReadOnlyMemory<float>> Waves(RunContext context)
    {
        var waves = new List<ReadOnlyMemory<float>>();
        while (context.Find(FormattableString.Invariant($"audio.{waves.Count}")) is { } wave)
        {
            waves.Add(wave.ToArray<float>());
        }

        return waves;
    }
}
