using Percept.Tensors;

namespace Percept.Models;

/// <summary>Checks of pixels that several towers share.</summary>
internal static class VisionPixels
{
    /// <summary>Refuses pictures of another size than positions were trained for.</summary>
    /// <param name="pixels">[B, C, H, W].</param>
    /// <param name="trained">The trained size.</param>
    /// <exception cref="ShapeException">They have another size.</exception>
    internal static void RequireSize(Tensor pixels, ImageSize trained)
    {
        Dims sizes = Dims.Match(pixels, "b c h w");
        if (sizes["h"] != trained.Height || sizes["w"] != trained.Width)
        {
            throw new ShapeException(
                $"'pixels' has shape {pixels.Shape}, expected pictures of {trained} pixels, for which the model has positions. " +
                "Resize them, or ask for interpolated positions.",
                nameof(pixels), null, trained.ToString(), pixels.Shape.ToString());
        }
    }

    /// <summary>One token of each picture: [B, T, D] → [B, D].</summary>
    internal static Tensor Token(Tensor states, int index)
    {
        Tensor row = Ops.Narrow(states, 1, index, 1);
        return Ops.Reshape(row, [states.Shape[0], states.Shape[2]]);
    }

    /// <summary>Tokens [n, D], or one [D], in front of every picture's own: [B, N, D] → [B, n + N, D].</summary>
    internal static Tensor Prepend(Tensor tokens, Tensor patches)
    {
        int batch = patches.Shape[0], hidden = patches.Shape[2];
        Tensor first = Ops.Reshape(tokens, [1, (int)(tokens.Count / hidden), hidden]);
        return Ops.Concat([batch == 1 ? first : Ops.Expand(first, batch, -1, -1), patches], 1);
    }

    /// <summary>The mask token in the place of hidden patches.</summary>
    /// <param name="patches">[B, N, D].</param>
    /// <param name="masked">[B, N]: where patches are hidden.</param>
    /// <param name="maskToken">D numbers; null where the checkpoint has none.</param>
    /// <param name="model">What errors call the model.</param>
    internal static Tensor Hide(Tensor patches, Tensor masked, Tensor? maskToken, string model)
    {
        if (maskToken is not { } token)
        {
            throw new NotSupportedException(
                $"This {model} has no mask token, so no patches can be hidden. Leave the mask out, or use a checkpoint " +
                "with 'embeddings.mask_token'.");
        }

        int batch = patches.Shape[0], count = patches.Shape[1];
        if (masked.Shape != Shape.Create([batch, count]))
        {
            throw new ShapeException(
                $"'masked' has shape {masked.Shape}, expected [{batch}, {count}]: one for each patch.", nameof(masked), null,
                $"[{batch}, {count}]", masked.Shape.ToString());
        }

        Tensor hidden = Ops.Reshape(Ops.Cast(masked, DType.Bool), [batch, count, 1]);
        return Ops.Where(hidden, Ops.Reshape(token, [1, 1, patches.Shape[2]]), patches);
    }
}
