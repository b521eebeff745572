using Percept.Tensors;

namespace Percept.Training;

/// <summary>Losses of models that make pictures or text: diffusion, auto-encoders, code books, adversaries.</summary>
public static class GenerativeLosses
{
    private const float LeastLogVariance = -30f;
    private const float GreatestLogVariance = 20f;

    /// <summary>The mean square of each item, weighted, then the mean over items.</summary>
    /// <param name="predicted">Float32 [B, ...].</param>
    /// <param name="target">Float32 of the same shape.</param>
    /// <param name="weights">Float32 [B], such as <see cref="NoiseSchedule.MinSnrWeights"/>.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor WeightedSquares(Tensor predicted, Tensor target, Tensor weights)
    {
        int batch = Dims.Match(weights, "b")["b"];
        Tensor squares = Ops.MeanSquaredError(predicted, target, Reduction.None);
        Tensor items = Ops.Mean(Ops.Reshape(squares, [batch, checked((int)(squares.Count / Math.Max(1, batch)))]), 1);
        return Ops.Mean(Ops.Multiply(items, weights));
    }

    /// <summary>
    /// A variational auto-encoder's: the mean of |picture − target| plus weight·KL of the code to the normal
    /// distribution, summed over its elements, the mean over the batch.
    /// </summary>
    /// <param name="moments">Float32 [B, 2C, ...]: mean and logarithm of the variance, one after the other.</param>
    /// <param name="reconstruction">Float32.</param>
    /// <param name="target">Float32 of the same shape.</param>
    /// <param name="divergenceWeight">The weight of the divergence.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Variational(Tensor moments, Tensor reconstruction, Tensor target, float divergenceWeight)
    {
        (Tensor mean, Tensor logVariance) = Moments(moments);
        Tensor terms = Ops.Add(
            Ops.Add(Ops.Square(mean), Ops.Exp(logVariance)), Ops.Affine(logVariance, -1f, -1f));
        Tensor divergence = Ops.Scale(Ops.Sum(terms), 0.5f * divergenceWeight / moments.Shape[0]);
        return Ops.Add(Ops.L1Loss(reconstruction, target), divergence);
    }

    /// <summary>A code drawn from its distribution: mean + deviation·noise.</summary>
    /// <param name="moments">Float32 [B, 2C, ...].</param>
    /// <param name="noise">Float32 [B, C, ...], normally distributed.</param>
    /// <returns>Float32 [B, C, ...].</returns>
    public static Tensor Draw(Tensor moments, Tensor noise)
    {
        (Tensor mean, Tensor logVariance) = Moments(moments);
        return Ops.Add(mean, Ops.Multiply(Ops.Exp(Ops.Scale(logVariance, 0.5f)), noise));
    }

    /// <summary>
    /// A code book's (van den Oord et al., 2017): the mean square between codes and nearest entries, moving the
    /// entries, plus β times the same, moving the codes.
    /// </summary>
    /// <param name="codes">Float32 [N, E].</param>
    /// <param name="book">Float32 [K, E].</param>
    /// <param name="beta">The weight of the second.</param>
    /// <returns>The loss []; the entries [N, E] whose gradient goes to the codes; the places I64 [N].</returns>
    public static QuantizedCodes VectorQuantized(Tensor codes, Tensor book, float beta)
    {
        Dims.Match(codes, "n e").And(book, "k e");
        Tensor places = Ops.ArgMin(Ops.PairDistances(Ops.Detach(codes), Ops.Detach(book)), 1);
        Tensor entries = Ops.IndexSelect(book, places, 0);
        Tensor fixedEntries = Ops.Detach(entries);
        Tensor loss = Ops.Add(
            Ops.MeanSquaredError(entries, Ops.Detach(codes)),
            Ops.Scale(Ops.MeanSquaredError(codes, fixedEntries), beta));
        return new QuantizedCodes(loss, Ops.StraightThrough(fixedEntries, codes), places);
    }

    /// <summary>The adversary's hinge loss: mean relu(1 − real) + mean relu(1 + fake), without a half.</summary>
    /// <param name="real">Its opinion of true pictures, float32.</param>
    /// <param name="fake">Its opinion of made ones, float32.</param>
    /// <returns>Float32 [].</returns>
    public static Tensor Hinge(Tensor real, Tensor fake) => Ops.Add(
        Ops.Mean(Ops.Relu(Ops.Affine(real, -1f, 1f))), Ops.Mean(Ops.Relu(Ops.Add(fake, 1f))));

    /// <summary>
    /// A masked text diffusion's (LLaDA, Nie et al., 2025): Σ over hidden places of −log p(label)/t, over batch·length.
    /// </summary>
    /// <param name="logits">Float32 [B, T, V], standing at the places of the labels.</param>
    /// <param name="labels">I32 or I64 [B, T].</param>
    /// <param name="hidden">Float32 [B, T]: 1 where the token was hidden, else 0.</param>
    /// <param name="times">For each row the probability with which its tokens were hidden, float32 [B].</param>
    /// <returns>Float32 [].</returns>
    public static Tensor MaskedDiffusion(Tensor logits, Tensor labels, Tensor hidden, Tensor times)
    {
        Dims dims = Dims.Match(logits, "b t v").And(labels, "b t").And(hidden, "b t").And(times, "b");
        int rows = dims["b"] * dims["t"];
        Tensor weights = Ops.Divide(hidden, Ops.Reshape(times, [dims["b"], 1]));
        return Ops.CrossEntropy(
            Ops.Reshape(logits, [rows, dims["v"]]), Ops.Reshape(labels, [rows]), new CrossEntropyOptions { Divisor = rows },
            rowWeight: Ops.Reshape(weights, [rows]));
    }

    private static (Tensor Mean, Tensor LogVariance) Moments(Tensor moments)
    {
        if (moments.Rank < 2 || moments.Shape[1] % 2 != 0)
        {
            throw LossMath.WrongShape(nameof(moments), moments.Shape, "[B, 2C, ...]");
        }

        int channels = moments.Shape[1] / 2;
        return (
            Ops.Narrow(moments, 1, 0, channels),
            Ops.Clamp(Ops.Narrow(moments, 1, channels, channels), LeastLogVariance, GreatestLogVariance));
    }
}
