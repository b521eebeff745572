using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary><c>hertz</c> → <c>mel</c>, and from there <c>back</c> to hertz.</summary>
internal static class HertzToMelVerb
{
    internal static void Run(RunContext context)
    {
        MelScale scale = Scale(context.Args);
        Tensor hertz = context.Need("hertz");
        double[] mel = [.. Numbers.Read(hertz).Select(hz => scale.FromHertz(hz))];
        double[] back = [.. mel.Select(m => scale.ToHertz(m))];
        Give(context, "mel", mel, hertz);
        Give(context, "back", back, hertz);
    }

    internal static MelScale Scale(RunArgs args) => args.Choice("mel_scale", "htk", "htk", "kaldi", "slaney") switch
    {
        "htk" => MelScale.Htk,
        "kaldi" => MelScale.Kaldi,
        _ => MelScale.Slaney,
    };

    private static void Give(RunContext context, string name, double[] values, Tensor like) => context.Give(
        name,
        like.DType == DType.F64
            ? Tensor.From<double>(values, like.Shape)
            : Tensor.From<float>(values.Select(static value => (float)value).ToArray(), like.Shape));
}
