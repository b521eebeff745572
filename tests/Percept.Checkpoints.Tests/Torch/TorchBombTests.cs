using System.Diagnostics;
using Percept.TestSupport;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Small files that ask for much memory or time.</summary>
public class TorchBombTests
{
    private const long MaxAllocation = 64 << 20;

    [Fact]
    public void BytesMadeOfOneTextAreNotMadeForEver()
    {
        // A text of a million letters, and five bytes for each copy of it.
        CheckpointTorchSeeds file = new CheckpointTorchSeeds().Op((byte)'(')
            .Global("_codecs", "encode").Op((byte)'q', 0)
            .Text(new string('a', 1_000_000)).Text("latin1").Op(0x86, (byte)'q', 1);
        for (int i = 0; i < 2000; i++)
        {
            file.Op((byte)'h', 0, (byte)'h', 1, (byte)'R');
        }

        Refused(file.Op((byte)'t').Zip());
    }

    [Fact]
    public void DictionariesMadeOfOneListAreNotMadeForEver()
    {
        CheckpointTorchSeeds file = new CheckpointTorchSeeds().Op((byte)'(')
            .Global("collections", "OrderedDict").Op((byte)'q', 0)
            .Int(1).Int(2).Op(0x86, (byte)'q', 1).Op((byte)']', (byte)'(');
        for (int i = 0; i < 100_000; i++)
        {
            file.Op((byte)'h', 1);
        }

        file.Op((byte)'e', 0x85, (byte)'q', 2);
        for (int i = 0; i < 1000; i++)
        {
            file.Op((byte)'h', 0, (byte)'h', 2, (byte)'R');
        }

        Refused(file.Op((byte)'t').Zip());
    }

    [Fact]
    public void ARingOfWrappersIsLeft()
    {
        // One holds two, two holds one, and a list beside them holds the only tensor.
        CheckpointTorchSeeds file = new CheckpointTorchSeeds().Storage("0", 4, new byte[4])
            .Op((byte)'}', (byte)'q', 0).Text("state_dict").Op((byte)'}', (byte)'q', 1).Text("model").Op((byte)'h', 0, (byte)'s')
            .Text("x").Op((byte)']').Tensor("FloatStorage", "0", 1, 0, [1], [1]).Op((byte)'a', (byte)'s', (byte)'s');
        Refused(file.Zip());
    }

    [Fact]
    public void NamesAreNotLongerThanFilesNeed()
    {
        CheckpointTorchSeeds file = new CheckpointTorchSeeds().Storage("0", 4, new byte[4])
            .Dict((new string('a', 1_000_000), f => f.Tensor("FloatStorage", "0", 1, 0, [1], [1])));
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(file.Zip()), "name");
    }

    [Fact]
    public void ACompressedStorageIsInflatedOnce()
    {
        const int Count = 200;
        CheckpointTorchSeeds file = new CheckpointTorchSeeds().Storage("0", 4, new byte[4_000_000]);
        file.Dict([.. Enumerable.Range(0, Count).Select(i => ($"t{i}", (Action<CheckpointTorchSeeds>)(
            f => f.Tensor("FloatStorage", "0", 1_000_000, i, [1], [1]))))]);
        using PickleSource source = PickleSource.Parse(file.Zip(deflate: true));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Count; i++)
        {
            source.Read($"t{i}").Dispose();
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocation);
    }

    private static void Refused(byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        Exception? error = Record.Exception(() => PickleSource.Parse(file).Dispose());
        Assert.True(error is null || Fuzzer.IsTyped(error), error?.ToString());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocation);
        Assert.True(Stopwatch.GetElapsedTime(start) < Fuzzer.MaxTime);
    }
}
