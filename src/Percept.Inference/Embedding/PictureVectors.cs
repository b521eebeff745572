using Percept.Media;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference;

/// <summary>Makes vectors of pictures with whatever kind of vision model there is.</summary>
internal sealed class PictureVectors
{
    private const string Pixels = "pixel_values";

    private readonly IVisionEncoder _model;
    private readonly ImageProcessor _processor;
    private string? _meaning;

    private PictureVectors(IVisionEncoder model, string folder)
    {
        _model = model;
        _processor = ImageProcessor.Load(folder);
    }

    /// <summary>What a vector is, in a few words; known after the first.</summary>
    internal string Meaning => _meaning ?? "a picture's vector";

    /// <summary>Makes it for a model; null when the model takes no pictures.</summary>
    internal static PictureVectors? TryMake(LoadedModel model, string folder) =>
        model.Model is IVisionEncoder encoder ? new PictureVectors(encoder, folder) : null;

    /// <summary>The vectors of pictures: float32 [n, D]. The processor must make them all of one size.</summary>
    internal Tensor Make(IReadOnlyList<Image> pictures, CancellationToken cancellation)
    {
        ImageInputs inputs = _processor.Process([.. pictures.Select(_processor.Accepted)]);
        if (!inputs.TryGet(Pixels, out Tensor pixels))
        {
            throw new NotSupportedException(
                $"The processor '{_processor.Family.Name}' gives {string.Join(", ", inputs.Names)} and no '{Pixels}', " +
                "which this model needs. Use the 'preprocessor_config.json' of the same checkpoint.");
        }

        var input = new VisionInput(pixels.DType == DType.F32 ? pixels : Ops.Cast(pixels, DType.F32))
        {
            PatchMask = inputs.TryGet("pixel_attention_mask", out Tensor mask) ? mask : null,
            SpatialShapes = inputs.TryGet("spatial_shapes", out Tensor shapes) ? shapes : null,
        };
        if (_model is DualEncoder both)
        {
            _meaning = "the picture's direction in the space that it shares with texts";
            return both.EmbedImages(input, cancellation);
        }

        VisionOutput output = _model.Encode(input, null, cancellation);
        (_meaning, Tensor vector) = Choose(output);
        return vector;
    }

    private (string Meaning, Tensor Vector) Choose(in VisionOutput output)
    {
        if (output.Features is { } features)
        {
            return ("the projected feature", features);
        }

        if (output.Pooled is { } pooled)
        {
            return ("the pooled state", pooled);
        }

        Tensor states = output.LastHiddenState;
        int batch = states.Shape[0], channels = states.Shape[2];
        return _model is IVisionTower { PrefixTokens: > 0 }
            ? ("the class token's state", Ops.Reshape(Ops.Narrow(states, 1, 0, 1), [batch, channels]))
            : ("the mean of the patches' states", Ops.Mean(states, 1));
    }
}
