namespace Percept.Conformance;

/// <summary>Decoding sound, resampling, spectrograms.</summary>
internal static class AudioVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["decode_audio"] = DecodeAudioVerb.Run,
        ["decode_audio_error"] = DecodeAudioErrorVerb.Run,
        ["resample"] = ResampleVerb.Run,
        ["resample_poly"] = ResamplePolyVerb.Run,
        ["stft"] = StftVerb.Forward,
        ["istft"] = StftVerb.Backward,
        ["window"] = WindowVerb.Run,
        ["mel_filter_bank"] = MelFilterBankVerb.Run,
        ["mel_filter_bank_torchaudio"] = MelFilterBankVerb.RunTorchaudio,
        ["hertz_to_mel"] = HertzToMelVerb.Run,
        ["kaldi_fbank"] = KaldiFbankVerb.Run,
    };
}
