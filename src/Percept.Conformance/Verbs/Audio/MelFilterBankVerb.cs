using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Mel filters → <c>filters</c> [bins, mels].</summary>
internal static class MelFilterBankVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        Give(context, MelFilterBank.Create(
            args.Int("num_frequency_bins"),
            args.Int("num_mel_filters"),
            args.Number("min_frequency"),
            args.Number("max_frequency"),
            args.Int("sampling_rate"),
            HertzToMelVerb.Scale(args),
            args.Choice("norm", "", "", "slaney") == "slaney",
            args.Flag("triangularize_in_mel_space", false)));
    }

    internal static void RunTorchaudio(RunContext context)
    {
        RunArgs args = context.Args;
        Give(context, MelFilterBank.CreateTorchaudio(
            args.Int("n_freqs"),
            args.Int("n_mels"),
            args.Number("f_min"),
            args.Number("f_max"),
            args.Int("sample_rate"),
            HertzToMelVerb.Scale(args),
            args.Choice("norm", "", "", "slaney") == "slaney"));
    }

    private static void Give(RunContext context, MelFilterBank filters)
    {
        bool wide = context.Want("filters")?.DType == DType.F64;
        context.Give("filters", wide
            ? Tensor.From<double>(filters.Weights, [filters.Bins, filters.Mels])
            : Tensor.From<float>(filters.Weights.ToArray().Select(static w => (float)w).ToArray(), [filters.Bins, filters.Mels]));
    }
}
