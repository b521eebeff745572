using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary><c>torchaudio.compliance.kaldi.fbank</c>: <c>x</c> [channels, n] → <c>fbank</c> [frames, bins].</summary>
internal static class KaldiFbankVerb
{
    internal static void Run(RunContext context)
    {
        RunArgs args = context.Args;
        args.Only("dither", "0.0", "0");
        var options = new KaldiFbankOptions
        {
            SampleRate = args.Int("sample_frequency", 16000),
            FrameLength = args.Number("frame_length", 25),
            FrameShift = args.Number("frame_shift", 10),
            Window = WindowVerb.Function(args.Text("window_type", "povey")),
            BlackmanCoefficient = args.Number("blackman_coeff", 0.42),
            MelBins = args.Int("num_mel_bins", 23),
            LowFrequency = args.Number("low_freq", 20),
            HighFrequency = args.Number("high_freq", 0),
            Preemphasis = args.Number("preemphasis_coefficient", 0.97),
            RemoveDcOffset = args.Flag("remove_dc_offset", true),
            RoundToPowerOfTwo = args.Flag("round_to_power_of_two", true),
            SnipEdges = args.Flag("snip_edges", true),
            UseEnergy = args.Flag("use_energy", false),
            RawEnergy = args.Flag("raw_energy", true),
            EnergyFloor = args.Number("energy_floor", 1),
            HtkCompatible = args.Flag("htk_compat", false),
            UseLog = args.Flag("use_log_fbank", true),
            UsePower = args.Flag("use_power", true),
            SubtractMean = args.Flag("subtract_mean", false),
            VtlnWarp = args.Number("vtln_warp", 1),
            VtlnLow = args.Number("vtln_low", 100),
            VtlnHigh = args.Number("vtln_high", -500),
        };
        Tensor x = context.Need("x");
        int channel = Math.Max(0, args.Int("channel", -1));
        int length = SignalRows.Length(x);
        var fbank = new KaldiFbank(options);
        float[] features = fbank.Compute(x.ToArray<float>().AsSpan(channel * length, length));
        context.Give("fbank", Tensor.From<float>(features, [features.Length / fbank.Columns, fbank.Columns]));
    }
}
