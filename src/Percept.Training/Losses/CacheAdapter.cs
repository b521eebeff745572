using Percept.Tensors;

namespace Percept.Training;

/// <summary>Few-shot classifiers over a frozen CLIP: keys of the labelled pictures, which may be trained.</summary>
public static class CacheAdapter
{
    private const float TextScale = 100f;

    /// <summary>
    /// Tip-Adapter (Zhang et al., 2022): 100·f·Wᵀ + α·exp(−(β − β·f·keysᵀ))·values.
    /// </summary>
    /// <param name="features">Unit vectors of pictures, float32 [n, E].</param>
    /// <param name="keys">Unit vectors of the labelled pictures, [K, E]; trained in Tip-Adapter-F.</param>
    /// <param name="values">Their labels, one-hot, [K, C].</param>
    /// <param name="classes">Unit vectors of the class texts, [C, E].</param>
    /// <param name="alpha">The weight of the labelled pictures.</param>
    /// <param name="beta">How sharply they must look alike.</param>
    /// <returns>Logits, float32 [n, C].</returns>
    public static Tensor Tip(Tensor features, Tensor keys, Tensor values, Tensor classes, float alpha, float beta)
    {
        Tensor alike = Ops.Exp(Ops.Affine(Ops.MatMul(features, keys, transposeB: true), beta, -beta));
        Tensor known = Ops.MatMul(alike, values, alpha: alpha);
        return Ops.Add(Ops.MatMul(features, classes, transposeB: true, alpha: TextScale), known);
    }

    /// <summary>
    /// How alike pictures are to labelled ones that have a picture and a description each (T-IDEA): the mean of
    /// linear₁(f)·Tᵀ, f·Iᵀ and f·Tᵀ, plus linear₂(f).
    /// </summary>
    /// <param name="features">Unit vectors of pictures, float32 [n, E].</param>
    /// <param name="texts">T, unit vectors of the descriptions, [K, E].</param>
    /// <param name="images">I, unit vectors of the labelled pictures, [K, E].</param>
    /// <param name="projection">Weight and bias of the first layer, [E, E] and [E].</param>
    /// <param name="correction">Weight and bias of the second layer, [K, E] and [K].</param>
    /// <returns>Float32 [n, K].</returns>
    public static Tensor Affinity(
        Tensor features, Tensor texts, Tensor images, (Tensor Weight, Tensor Bias) projection,
        (Tensor Weight, Tensor Bias) correction)
    {
        Tensor projected = Ops.MatMul(Ops.Linear(features, projection.Weight, projection.Bias), texts, transposeB: true);
        Tensor plain = Ops.Add(
            Ops.MatMul(features, images, transposeB: true), Ops.MatMul(features, texts, transposeB: true));
        return Ops.Add(
            Ops.Scale(Ops.Add(projected, plain), 1f / 3), Ops.Linear(features, correction.Weight, correction.Bias));
    }
}
