using System.Runtime.InteropServices;
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
/// sums. Each of several parts is encoded twice, and must give the same vectors both times: random numbers begin at the
/// same place. A part by itself is recorded at once. Ranks share a batch the same way: each encodes its own parts, and the loss is taken over the vectors of all.
/// </remarks>
/// <param name="parts">How many parts the batch has; of this rank, which may have none where there are several.</param>
/// <param name="encode">
/// Encodes a part, from 0: one or more tensors (of pictures, of texts), float32 [n, E] each, the same number for each
/// part.
/// </param>
/// <param name="ranks">The ranks that the batch is shared by; null for this process alone.</param>
public sealed class GradientCache(int parts, Func<int, Tensor[]> encode, ICommunicator? ranks = null)
{
    private readonly ICommunicator _ranks = ranks ?? SingleProcess.Instance;

    private readonly int _parts = parts > 0 || (parts == 0 && ranks is { Size: > 1 })
        ? parts
        : throw new ArgumentOutOfRangeException(nameof(parts), parts, "A batch has at least one part.");

    private readonly Func<int, Tensor[]> _encode = encode ?? throw new ArgumentNullException(nameof(encode));

    /// <summary>
    /// Adds the gradient of the loss to every weight that requires one; of several ranks each adds its part, and their sum is the gradient.
    /// </summary>
    /// <param name="loss">
    /// The loss of the vectors of the whole batch, [N, E] each, in the order of the encoder, one rank's behind the other's; a
    /// scalar. Weights of its own, such as a temperature, get their gradients too.
    /// </param>
    /// <param name="scale">
    /// Multiplies all gradients, 1 for none; for losses that are summed over several batches.
    /// </param>
    /// <returns>The loss, before the factor.</returns>
    /// <exception cref="InvalidDataException">The parts differ in how many tensors they have.</exception>
    public float Backward(Func<Tensor[], Tensor> loss, float scale = 1f) => Backward(loss, scale, isShare: false);

    /// <summary>The same for a loss of which each rank computes a part, from the vectors of all.</summary>
    /// <param name="loss">This rank's part of the loss: the sum over the ranks is the whole.</param>
    /// <returns>This rank's part.</returns>
    /// <exception cref="InvalidDataException">The parts differ in how many tensors they have.</exception>
    public float BackwardOfShare(Func<Tensor[], Tensor> loss) => Backward(loss, 1, isShare: true);

    private float Backward(Func<Tensor[], Tensor> loss, float scale, bool isShare)
    {
        ArgumentNullException.ThrowIfNull(loss);
        using TensorScope scope = TensorScope.Open();
        Tensor[] recorded = _parts == 1 ? _encode(0) : [];
        Tensor[][] encoded = _parts == 1 ? [[.. recorded.Select(Copy)]] : EncodeAll();
        Tensor[] own = encoded.Length == 0 ? [] : [.. Enumerable.Range(0, encoded[0].Length).Select(side =>
            Ops.Concat(encoded.Select(part => part[side]).ToArray(), 0))];
        (Tensor[] whole, int[] starts) = OfAllRanks(own);
        foreach (Tensor vectors in whole)
        {
            vectors.RequireGrad();
        }

        Tensor value = loss(whole);
        float result = value.Item();
        if (value.RequiresGrad)
        {
            // Where all ranks compute the whole loss, the gradients of its own weights are summed over them.
            Gradients.Backward(value, Ops.Full(value.Shape, isShare ? scale : scale / _ranks.Size), retain: _parts == 1);
        }

        Tensor?[] gradients = GradientsOf(whole, isShare);

        for (int part = 0; part < _parts; part++)
        {
            Replay(part == 0 && _parts == 1 ? recorded : null, part, encoded[part], gradients, starts);
        }

        return result;
    }

    /// <summary>The gradients of the whole loss by the vectors of all; null where it does not reach them.</summary>
    private Tensor?[] GradientsOf(Tensor[] whole, bool isShare)
    {
        if (_ranks.Size == 1 || !isShare)
        {
            return [.. whole.Select(vectors => _ranks.Size > 1 && vectors.Grad is { } part ? Ops.Scale(part, _ranks.Size) : vectors.Grad)];
        }

        Tensor[] sums = [.. whole.Select(vectors => vectors.Grad is { } part ? Copy(part) : Ops.Zeros(vectors.Shape))];
        Exchange(() => Array.ForEach(sums, sum => _ranks.AllReduceSum(sum.Writable<float>())));
        return [.. sums];
    }

    private static Tensor Copy(Tensor vectors)
    {
        using GradientSwitch off = Gradients.Off();
        return Ops.Clone(vectors);
    }

    /// <summary>The vectors of all ranks, one rank's behind the other's, and the row where this rank's begin.</summary>
    private (Tensor[] Whole, int[] Starts) OfAllRanks(Tensor[] own)
    {
        if (_ranks.Size == 1)
        {
            return (own, new int[own.Length]);
        }

        byte[][] said = _ranks.AllGather(MemoryMarshal.AsBytes<int>([.. own.SelectMany(vectors => (int[])[vectors.Shape[0], vectors.Shape[1]])]));
        int[][] shapes = [.. said.Select(bytes => MemoryMarshal.Cast<byte, int>(bytes).ToArray())];
        int sides = shapes.Max(shape => shape.Length) / 2;
        int[] starts = new int[sides];
        var whole = new Tensor[sides];
        for (int side = 0; side < sides; side++)
        {
            starts[side] = shapes.Take(_ranks.Rank).Sum(shape => Rows(shape, side));
            whole[side] = Ops.Empty([shapes.Sum(shape => Rows(shape, side)), shapes.Max(shape => shape.Length == 0 ? 0 : shape[(2 * side) + 1])]);
            if (own.Length > 0)
            {
                own[side].Span<float>().CopyTo(whole[side].Writable<float>()[(starts[side] * whole[side].Shape[1])..]);
            }
        }

        Exchange(() =>
        {
            for (int side = 0; side < sides; side++)
            {
                Span<byte> rest = MemoryMarshal.AsBytes(whole[side].Writable<float>());
                for (int rank = 0; rank < shapes.Length; rank++)
                {
                    int length = Rows(shapes[rank], side) * whole[side].Shape[1] * sizeof(float);
                    _ranks.Broadcast(rest[..length], rank);
                    rest = rest[length..];
                }
            }
        });
        return (whole, starts);
    }

    private static int Rows(int[] shapes, int side) => shapes.Length == 0 ? 0 : shapes[2 * side];

    /// <summary>Does an exchange behind a barrier, where ranks hear of one that has failed before.</summary>
    private void Exchange(Action exchange)
    {
        _ranks.Barrier();
        if (_ranks is GuardedCommunicator guarded)
        {
            guarded.Whole(exchange);
        }
        else
        {
            exchange();
        }
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

    private void Replay(Tensor[]? recorded, int part, Tensor[] encoded, Tensor?[] gradients, int[] starts)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor[] again = recorded ?? _encode(part);
        Tensor? sum = null;
        for (int side = 0; side < again.Length; side++)
        {
            int count = encoded[side].Shape[0];
            int start = starts[side];
            starts[side] += count;
            if (!again[side].RequiresGrad || gradients[side] is not { } gradient)
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
        else
        {
            Gradients.Discard();
        }
    }
}
