using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>A sound file → <c>samples</c> [channels, n] and <c>sample_rate</c>.</summary>
internal static class DecodeAudioVerb
{
    internal static void Run(RunContext context)
    {
        Sound sound = AudioDecoder.Decode(context.Bytes(context.Args.Text("audio")));
        context.Give("samples", Tensor.From<float>(sound.Samples, [sound.Channels, sound.Length]));
        Tensor? want = context.Want("sample_rate");
        context.Give("sample_rate", want is { } like && like.DType == DType.I32
            ? Tensor.From<int>([sound.SampleRate], like.Shape)
            : Tensor.From<long>([sound.SampleRate], want?.Shape ?? [1]));
    }
}
