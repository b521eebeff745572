using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// The class <c>VideoMLLM</c> as an article prints it: each frame's last state, a learned embedding of its place in time, and a
/// bottleneck that keeps the number of tokens.
/// </summary>
/// <remarks>
/// Not Video-LLaVA, which has no embedding of time: that is <see cref="LlavaModel"/> with a tower for frames. Dimensions: B clips,
/// F frames, T tokens, C channels. Safe for several threads.
/// </remarks>
public sealed class VideoMllm
{
    private readonly ClipVisionModel _encoder;
    private readonly Tensor _times;
    private readonly Mlp _compressor;

    private VideoMllm(ClipVisionModel encoder, Tensor times, Mlp compressor, bool usesTimes)
    {
        _encoder = encoder;
        _times = times;
        _compressor = compressor;
        UsesTimes = usesTimes;
    }

    /// <summary>How many frames there are embeddings of time for.</summary>
    public int Frames => _times.Shape[1];

    /// <summary>Whether places in time are embedded, unless a call says otherwise.</summary>
    public bool UsesTimes { get; }

    /// <summary>The features of clips (<c>encode_video</c>).</summary>
    /// <param name="frames">Float32 [B, F, 3, H, W].</param>
    /// <param name="usesTimes">Whether places in time are embedded; null as configured.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [B, F, T, C].</returns>
    /// <exception cref="ArgumentException">There are embeddings of time for another number of frames.</exception>
    public Tensor Encode(Tensor frames, bool? usesTimes = null, CancellationToken cancellation = default)
    {
        Dims sizes = Dims.Match(frames, "b f 3 h w");
        int clips = sizes["b"], count = sizes["f"];
        bool placed = usesTimes ?? UsesTimes;
        if (placed && count != Frames)
        {
            throw new ArgumentException($"The clip has {count} frames, expected {Frames}: there are as many embeddings of time.", nameof(frames));
        }

        Tensor states = LiteralParts.LastState(
            _encoder, Ops.Reshape(frames, [clips * count, 3, sizes["h"], sizes["w"]]), cancellation);
        states = Ops.Reshape(states, [clips, count, states.Shape[1], states.Shape[2]]);
        return _compressor.Forward(placed ? Ops.Add(states, _times) : states);
    }

    internal static VideoMllm Make(ModelFiles files)
    {
        Checkpoints.WeightScope weights = files.Open(LiteralParts.Keys("image_encoder"));
        ClipVisionModel encoder = LiteralParts.Tower(files.Config, weights["image_encoder"]);
        int channels = encoder.HiddenSize;
        Checkpoints.WeightScope compressor = weights["temporal_compressor"];
        return new VideoMllm(
            encoder,
            weights.Float("temporal_pos_embed", [1, files.Config.Int("n_frames", 8), 1, channels]),
            new Mlp(
                compressor.Linear("0", channels / 2, channels), compressor.Linear("2", channels, channels / 2), Activation.Gelu),
            files.Config.Flag("use_temporal_encoding", true));
    }
}
