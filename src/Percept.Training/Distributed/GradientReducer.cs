using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Percept.Checkpoints;

namespace Percept.Training;

/// <summary>
/// Data-parallel training: each rank computes the gradients of its share of a batch, and all go on with their sum, as one process
/// with the whole batch would.
/// </summary>
/// <remarks>
/// <para>
/// A step: every rank takes its samples (<see cref="ShardedOrder"/>), asks for the number of supervised tokens of all ranks
/// (<see cref="Sum(double)"/>), divides the sum of its losses by it, runs the backward pass, calls <see cref="Reduce"/> and
/// lets the optimizer step. A mean of the ranks' means would weigh tokens of short answers more than those of long ones.
/// </para>
/// <para>
/// After it, gradients are bitwise the same in all ranks, so that norms, clipping and the optimizers' states stay the same without
/// another word. N ranks differ from one process by float rounding, as sums go in another order.
/// </para>
/// <para>For one thread.</para>
/// </remarks>
public sealed class GradientReducer
{
    private const int DigestBytes = 16;

    private readonly ICommunicator _ranks;
    private readonly float[] _bucket;
    private IReadOnlyList<Parameter>? _known;
    private byte[] _message = [];

    /// <summary>Makes a reducer.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="bucketElements">How many numbers of small gradients are summed at a time; greater ones go by themselves.</param>
    public GradientReducer(ICommunicator communicator, int bucketElements = MpiCommunicator.BucketElements)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentOutOfRangeException.ThrowIfLessThan(bucketElements, 1);
        _ranks = communicator;
        _bucket = communicator.Size > 1 ? new float[bucketElements] : [];
    }

    /// <summary>The ranks.</summary>
    public ICommunicator Communicator => _ranks;

    /// <summary>Replaces each number by the sum over the ranks, in their order: losses, numbers of tokens and samples.</summary>
    /// <param name="values">As many in every rank.</param>
    public void Sum(Span<double> values) => _ranks.Sum(values);

    /// <summary>The sum of a number over the ranks, in their order.</summary>
    /// <param name="value">This rank's number.</param>
    public double Sum(double value) => _ranks.Sum(value);

    /// <summary>Gives all ranks the weights of rank 0; called once, before the first step.</summary>
    /// <param name="parameters">The weights, the same in every rank but for their numbers.</param>
    /// <exception cref="InvalidOperationException">The ranks train different weights.</exception>
    public void ShareWeights(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (_ranks.Size == 1)
        {
            return;
        }

        _ = Agree(parameters);
        foreach (Parameter parameter in parameters)
        {
            _ranks.Broadcast(MemoryMarshal.AsBytes(parameter.Value.Writable<float>()));
        }
    }

    /// <summary>
    /// Replaces every gradient by the sum over all ranks. A weight that got a gradient in some rank gets one in all; where it got none
    /// it counts as zeros.
    /// </summary>
    /// <param name="parameters">The weights, in the same order in every rank.</param>
    /// <exception cref="InvalidOperationException">The ranks train different weights.</exception>
    public void Reduce(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (_ranks.Size == 1)
        {
            return;
        }

        byte[] anywhere = Agree(parameters);
        int first = 0, filled = 0;
        for (int i = 0; i < parameters.Count; i++)
        {
            if (!IsSet(anywhere, i))
            {
                continue;
            }

            parameters[i].Value.StartGrad();
            if (parameters[i].Value.Count > _bucket.Length)
            {
                _ranks.AllReduceSum(parameters[i].Value.Grad!.Value.Writable<float>());
                continue;
            }

            int count = (int)parameters[i].Value.Count;
            if (filled + count > _bucket.Length)
            {
                ReduceBucket(parameters, anywhere, first, i, filled);
                (first, filled) = (i, 0);
            }

            parameters[i].Value.Grad!.Value.Span<float>().CopyTo(_bucket.AsSpan(filled));
            filled += count;
        }

        ReduceBucket(parameters, anywhere, first, parameters.Count, filled);
    }

    private static bool IsSet(byte[] bits, int index) => (bits[DigestBytes + (index / 8)] >> (index % 8) & 1) != 0;

    /// <summary>Sums what is in the bucket, and writes it back to the gradients that it came from.</summary>
    private void ReduceBucket(IReadOnlyList<Parameter> parameters, byte[] anywhere, int from, int to, int filled)
    {
        if (filled == 0)
        {
            return;
        }

        _ranks.AllReduceSum(_bucket.AsSpan(0, filled));
        int at = 0;
        for (int i = from; i < to; i++)
        {
            if (IsSet(anywhere, i) && parameters[i].Value.Count <= _bucket.Length)
            {
                Span<float> gradient = parameters[i].Value.Grad!.Value.Writable<float>();
                _bucket.AsSpan(at, gradient.Length).CopyTo(gradient);
                at += gradient.Length;
            }
        }
    }

    /// <summary>Makes sure that all ranks train the same weights, and finds out which have a gradient anywhere.</summary>
    private byte[] Agree(IReadOnlyList<Parameter> parameters)
    {
        if (!ReferenceEquals(_known, parameters) || _message.Length != DigestBytes + ((parameters.Count + 7) / 8))
        {
            _message = new byte[DigestBytes + ((parameters.Count + 7) / 8)];
            Digest(parameters).CopyTo(_message, 0);
            _known = parameters;
        }

        _message.AsSpan(DigestBytes).Clear();
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Value.Grad is not null)
            {
                _message[DigestBytes + (i / 8)] |= (byte)(1 << (i % 8));
            }
        }

        byte[] anywhere = new byte[_message.Length];
        byte[][] all = _ranks.AllGather(_message);
        for (int rank = 0; rank < all.Length; rank++)
        {
            if (!all[rank].AsSpan(0, Math.Min(DigestBytes, all[rank].Length)).SequenceEqual(_message.AsSpan(0, DigestBytes)))
            {
                throw new InvalidOperationException(
                    $"Rank {rank} trains other weights than rank {_ranks.Rank} (names or shapes differ). Start all ranks with the same " +
                    "model and the same settings.");
            }

            for (int i = 0; i < anywhere.Length; i++)
            {
                anywhere[i] |= all[rank][i];
            }
        }

        return anywhere;
    }

    private static byte[] Digest(IReadOnlyList<Parameter> parameters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(int)];
        foreach (Parameter parameter in parameters)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(parameter.Name));
            BinaryPrimitives.WriteInt32LittleEndian(number, parameter.Value.Shape.Rank);
            hash.AppendData(number);
            foreach (int side in parameter.Value.Shape)
            {
                BinaryPrimitives.WriteInt32LittleEndian(number, side);
                hash.AppendData(number);
            }
        }

        return hash.GetHashAndReset()[..DigestBytes];
    }
}
