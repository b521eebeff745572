using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// The gradient of a loss over a batch that is too large to be recorded at once (Gao et al., "Scaling Deep Contrastive
/// Learning Batch Size under Memory Limited Setup", 2021).
/// </summary>
/// <remarks>
/// All parts are encoded without a record; the loss is taken over all vectors and gives their gradients; then each part
/// is encoded again, recorded, and its vectors' gradients flow back. The result is the whole batch's up to the order of
/// sums. Each part is encoded twice, and must give the same vectors both times: random numbers begin at the same place.
/// </remarks>
/// <param name="parts">How many parts the batch has.</param>
/// <param name="encode">
/// Encodes a part, from 0: one or more tensors (of pictures, of texts), float32 [n, E] each, the same number for each
/// part.
/// </param>
public sealed class GradientCache(int parts, Func<int, Tensor[]> encode)
{
    private readonly int _parts =
        parts > 0 ? parts : throw new ArgumentOutOfRangeException(nameof(parts), parts, "A batch has at least one part.");

    private readonly Func<int, Tensor[]> _encode = encode ?? throw new ArgumentNullException(nameof(encode));

    /// <summary>Adds the gradient of the loss to every weight that requires one.</summary>
    /// <param name="loss">
    /// The loss of the vectors of the whole batch, [N, E] each, in the order of the encoder; a scalar. Weights of its
    /// own, such as a temperature, get their gradients too.
    /// </param>
    /// <param name="scale">
    /// Multiplies all gradients, 1 for none; for losses that are summed over several batches.
    /// </param>
    /// <returns>The loss, before the factor.</returns>
    /// <exception cref="InvalidDataException">The parts differ in how many tensors they have.</exception>
    public float Backward(Func<Tensor[], Tensor> loss, float scale = 1f)
    {
        ArgumentNullException.ThrowIfNull(loss);
        using TensorScope scope = TensorScope.Open();
        Tensor[][] encoded = EncodeAll();
        Tensor[] whole = [.. Enumerable.Range(0, encoded[0].Length).Select(side =>
            Ops.Concat(encoded.Select(part => part[side]).ToArray(), 0).RequireGrad())];
        Tensor value = loss(whole);
        float result = value.Item();
        if (value.RequiresGrad)
        {
            Gradients.Backward(value, Ops.Full(value.Shape, scale));
        }

        int[] starts = new int[whole.Length];
        for (int part = 0; part < _parts; part++)
        {
            Replay(part, encoded[part], whole, starts);
        }

        return result;
    }

    private Tensor[][] EncodeAll()
    {
        var encoded = new Tensor[_parts][];
        using GradientSwitch off = Gradients.Off();
        for (int part = 0; part < _parts; part++)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor[] made = _encode(part);
            if (part > 0 && made.Length != encoded[0].Length)
            {
                throw new InvalidDataException(
                    $"Part {part} has {made.Length} tensors, part 0 has {encoded[0].Length}. Give the same for each part.");
            }

            // A copy: what the encoder returns may belong to itself.
            encoded[part] = new Tensor[made.Length];
            for (int side = 0; side < made.Length; side++)
            {
                encoded[part][side] = scope.Keep(Ops.Clone(made[side]));
            }
        }

        return encoded;
    }

    private void Replay(int part, Tensor[] encoded, Tensor[] whole, int[] starts)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor[] again = _encode(part);
        Tensor? sum = null;
        for (int side = 0; side < again.Length; side++)
        {
            int count = encoded[side].Shape[0];
            int start = starts[side];
            starts[side] += count;
            if (!again[side].RequiresGrad || whole[side].Grad is not { } gradient)
            {
                continue;
            }

            // The gradient of Σ vector·constant is the constant.
            Tensor term = Ops.Sum(Ops.Multiply(again[side], gradient.Rows(start, count)));
            sum = sum is { } before ? Ops.Add(before, term) : term;
        }

        if (sum is { } total)
        {
            Gradients.Backward(total);
        }
    }
}
