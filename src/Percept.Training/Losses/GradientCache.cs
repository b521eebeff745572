using System.Buffers.Binary;
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
    public float Backward(Func<Tensor[], Tensor> loss, float scale = 1f)
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
            // All ranks compute the whole loss, and the gradients of its own weights are summed over them.
            Gradients.Backward(value, Ops.Full(value.Shape, scale / _ranks.Size), retain: _parts == 1);
        }

        for (int part = 0; part < _parts; part++)
        {
            Replay(part == 0 && _parts == 1 ? recorded : null, part, encoded[part], whole, starts);
        }

        return result;
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

        var message = new MemoryStream();
        Span<byte> shape = stackalloc byte[2 * sizeof(int)];
        foreach (Tensor vectors in own)
        {
            BinaryPrimitives.WriteInt32LittleEndian(shape, vectors.Shape[0]);
            BinaryPrimitives.WriteInt32LittleEndian(shape[sizeof(int)..], vectors.Shape[1]);
            message.Write(shape);
            message.Write(MemoryMarshal.AsBytes(vectors.Span<float>()));
        }

        Tensor[][] ranks = [.. _ranks.AllGather(message.ToArray()).Select(Read)];
        int sides = ranks.Max(rank => rank.Length);
        Tensor[][] filled = [.. ranks.Where(rank => rank.Length > 0)];
        int[] starts = new int[sides];
        for (int side = 0; side < sides; side++)
        {
            starts[side] = ranks.Take(_ranks.Rank).Sum(rank => rank.Length == 0 ? 0 : rank[side].Shape[0]);
        }

        return ([.. Enumerable.Range(0, sides).Select(side => Ops.Concat(filled.Select(rank => rank[side]).ToArray(), 0))], starts);
    }

    private static Tensor[] Read(byte[] message)
    {
        var sides = new List<Tensor>();
        for (ReadOnlySpan<byte> rest = message; rest.Length > 0;)
        {
            int rows = BinaryPrimitives.ReadInt32LittleEndian(rest), width = BinaryPrimitives.ReadInt32LittleEndian(rest[sizeof(int)..]);
            rest = rest[(2 * sizeof(int))..];
            Tensor vectors = Ops.Empty([rows, width]);
            Span<byte> values = MemoryMarshal.AsBytes(vectors.Writable<float>());
            rest[..values.Length].CopyTo(values);
            rest = rest[values.Length..];
            sides.Add(vectors);
        }

        return [.. sides];
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

    private void Replay(Tensor[]? recorded, int part, Tensor[] encoded, Tensor[] whole, int[] starts)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor[] again = recorded ?? _encode(part);
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
            Tensor constant = gradient.Rows(start, count);
            Tensor term = Ops.Sum(Ops.Multiply(again[side], _ranks.Size == 1 ? constant : Ops.Scale(constant, _ranks.Size)));
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
