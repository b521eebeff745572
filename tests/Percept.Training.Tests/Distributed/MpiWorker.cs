using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percept.Training.Tests.Distributed;

/// <summary>
/// What each process does that <see cref="MpiTests"/> starts with <c>mpirun</c>: this program, told by an environment variable to work
/// instead of running tests.
/// </summary>
internal static class MpiWorker
{
    /// <summary>The work, and behind a colon the folder for its results.</summary>
    internal const string Variable = "PERCEPT_TEST_MPI_WORK";

    internal const int Broken = 3;

    [ModuleInitializer]
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(':', 2) is not [{ } work, { } folder])
        {
            return;
        }

        try
        {
            ICommunicator ranks = Communicators.Open();
            string result = work switch
            {
                "train" => Train(ranks),
                "exchange" => Exchange(ranks),
                "fail" => Fail(ranks),
                _ => throw new ArgumentException($"There is no work '{work}'."),
            };
            File.WriteAllText(Path.Combine(folder, FormattableString.Invariant($"{ranks.Rank}.txt")), result);
            ranks.Complete();
            ranks.Complete();
            Environment.Exit(0);
        }
        catch (Exception error)
        {
            Console.Error.WriteLine(error);
            Environment.Exit(Broken);
        }
    }

    private static string Train(ICommunicator ranks)
    {
        (double[] losses, string weights) = TinyTraining.Run(ranks);
        return string.Join('\n', losses.Select(loss => loss.ToString("r", CultureInfo.InvariantCulture)).Append(weights));
    }

    /// <summary>Every kind of exchange, against what this rank can compute by itself.</summary>
    private static string Exchange(ICommunicator ranks)
    {
        int size = ranks.Size;
        foreach (int count in (int[])[0, 1, 2, 3, 1000, MpiCommunicator.BucketElements - 1, (2 * MpiCommunicator.BucketElements) + 5])
        {
            float[] values = Numbers(ranks.Rank, count);
            ranks.AllReduceSum(values);
            float[] parts = [.. Enumerable.Range(0, size).SelectMany(rank => Numbers(rank, count))];
            RankTree.Sum(parts, size);
            Require(values.AsSpan().SequenceEqual(parts.AsSpan(0, count)), $"the sum of {count}");
        }

        for (int root = 0; root < size; root++)
        {
            byte[] bytes = MemoryMarshal.AsBytes<float>(Numbers(ranks.Rank, 1000)).ToArray();
            ranks.Broadcast(bytes, root);
            Require(bytes.AsSpan().SequenceEqual(MemoryMarshal.AsBytes<float>(Numbers(root, 1000))), $"the bytes of rank {root}");
        }

        byte[][] said = ranks.AllGather(new byte[3 * ranks.Rank]);
        Require(said.Select((bytes, rank) => bytes.Length == 3 * rank).All(right => right), "what the ranks say");
        Require(ranks.AllGather([]).Length == size, "nothing said");
        ranks.Barrier();
        return FormattableString.Invariant($"{ranks.Rank} of {size}");
    }

    /// <summary>The last rank fails, the others wait for it.</summary>
    private static string Fail(ICommunicator ranks)
    {
        if (ranks.Rank == ranks.Size - 1)
        {
            throw new InvalidDataException("This rank is broken.");
        }

        ranks.Barrier();
        return "not reached";
    }

    private static float[] Numbers(int rank, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (float)Math.Sin((i * 0.7) + rank) * (rank + 1))];

    private static void Require(bool right, string what)
    {
        if (!right)
        {
            throw new InvalidDataException($"Wrong: {what}.");
        }
    }
}
