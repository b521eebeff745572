using System.Diagnostics;
using System.Text;
using Percept.Tensors;
using Percept.TestSupport;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Files that want to run code, take memory or read elsewhere.</summary>
public class TorchAttackTests
{
    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "getattr")]
    [InlineData("torch", "load")]
    [InlineData("torch.hub", "load")]
    [InlineData("collections", "OrderedDict.__class__")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    [InlineData("torch", "FloatStorage.__init__")]
    public void NamesThatAreNotOnTheListAreRefused(string module, string name)
    {
        byte[] file = new CheckpointTorchSeeds().Global(module, name).Text("echo").Op(0x85, (byte)'R').Zip();
        Refusal.Of<NotSupportedException>(() => PickleSource.Parse(file), $"{module}.{name}", "runs no code");
        byte[] stack = [0x80, 4, 0x8c, (byte)module.Length, .. Encoding.UTF8.GetBytes(module), 0x8c, (byte)name.Length,
            .. Encoding.UTF8.GetBytes(name), 0x93, (byte)'.'];
        Refusal.Of<NotSupportedException>(() => PickleSource.Parse(CheckpointTorchSeeds.ZipOf([("a/data.pkl", stack)])), $"{module}.{name}");
    }

    [Fact]
    public void AllOtherOpcodesAreRefused()
    {
        byte[] known =
        [
            0x80, 0x95, 0x88, 0x89, 0x94, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x93, 0x85, 0x86, 0x87,
            .. "(NhjqrJKMGXTUBC]})taesucQRb."u8,
        ];
        for (int opcode = 0; opcode < 256; opcode++)
        {
            // With values below, so that none is refused for what it misses.
            byte[] pickle = [0x80, 2, (byte)'N', (byte)'N', (byte)opcode, .. new byte[16]];
            Exception error = Assert.ThrowsAny<Exception>(() => PickleSource.Parse(CheckpointTorchSeeds.ZipOf([("a/data.pkl", pickle)])));
            Assert.Equal(!known.Contains((byte)opcode), error.Message.Contains($"opcode 0x{opcode:x2}", StringComparison.Ordinal));
            Assert.True(Fuzzer.IsTyped(error), error.ToString());
        }
    }

    [Theory]
    [InlineData(7, 0, 6, 1, "storage '0' has")]
    [InlineData(6, 1, 6, 1, "takes element 6")]
    [InlineData(6, -1, 6, 1, "")]
    [InlineData(6, 0, 6, 2, "takes element 10")]
    [InlineData(6, 0, 1L << 62, 1L << 62, "takes element")]
    [InlineData(6, 0, 6, -1, "size or stride -1")]
    [InlineData(6, 0, -6, 1, "size or stride -6")]
    [InlineData(-6, 0, 6, 1, "storage is named")]
    [InlineData(1L << 61, 0, 6, 1, "storage '0' has")]
    [InlineData(long.MaxValue, 0, 6, 1, "overflows")]
    [InlineData(6, long.MaxValue, 6, 1, "takes element")]
    public void ViewsStayInTheirStorage(long count, long offset, long size, long stride, string said)
    {
        byte[] file = new CheckpointTorchSeeds().Storage("0", 4, new byte[24])
            .Dict(("a", f => f.Tensor("FloatStorage", "0", count, offset, [size], [stride]))).Zip();
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(file), said);
    }

    [Fact]
    public void SizesWhoseProductOverflowsAreRefused()
    {
        long[] sizes = [1L << 31, 1L << 31, 1L << 31, 0];
        byte[] file = new CheckpointTorchSeeds().Storage("0", 4, new byte[4])
            .Dict(("a", f => f.Tensor("FloatStorage", "0", 1, 0, sizes, [0, 0, 0, 0]))).Zip();
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(file), "overflows");
    }

    [Fact]
    public void AHugeRepeatedViewIsNotMade()
    {
        byte[] file = new CheckpointTorchSeeds().Storage("0", 4, new byte[4])
            .Dict(("a", f => f.Tensor("FloatStorage", "0", 1, 0, [1 << 20, 1 << 10], [0, 0]))).Zip();
        using PickleSource source = PickleSource.Parse(file);
        Refusal.Of<NotSupportedException>(() => source.Read("a"), "[1048576, 1024]", "contiguous()");
    }

    [Fact]
    public void AStorageIsTheSameEverywhere()
    {
        static CheckpointTorchSeeds Two(string second, long count, string key = "0") => new CheckpointTorchSeeds().Storage("0", 4, new byte[8])
            .Dict(
                ("a", f => f.Tensor("FloatStorage", "0", 2, 0, [1], [1])),
                ("b", f => f.Tensor(second, key, count, 0, [1], [1])));
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(Two("DoubleStorage", 1).Zip()), "storage '0' is 2 x float32");
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(Two("FloatStorage", 1).Zip()), "storage '0'");
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(Two("FloatStorage", 2, "../0").Zip()), "'../0' is missing");
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(Two("FloatStorage", 2, "1").Legacy()), "storage '1' is missing");
    }

    [Fact]
    public void ContainersThatGrowByReferenceAreRefusedQuickly()
    {
        // Fifteen dictionaries, each with the one before at eight keys: 2^45 names for a single tensor.
        var file = new CheckpointTorchSeeds().Storage("0", 4, new byte[4]).Tensor("FloatStorage", "0", 1, 0, [1], [1]).Op((byte)'q', 0);
        for (int level = 0; level < 15; level++)
        {
            file.Op((byte)'}', (byte)'(');
            for (int key = 0; key < 8; key++)
            {
                file.Int(key).Op((byte)'h', 0);
            }

            file.Op((byte)'u', (byte)'q', 0);
        }

        // All but the last are left on the stack; a tuple takes them.
        byte[] pickle = [0x80, 2, (byte)'(', .. file.Pickle.Skip(2), (byte)'t', (byte)'.'];
        byte[] zip = CheckpointTorchSeeds.ZipOf([("a/data.pkl", pickle), ("a/data/0", new byte[4])]);
        long start = Stopwatch.GetTimestamp();
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(zip), "names do not end");
        Assert.True(Stopwatch.GetElapsedTime(start) < Fuzzer.MaxTime);
    }

    [Fact]
    public void DeepAndCircularContainersAreRefused()
    {
        byte[] lists = [.. Enumerable.Repeat((byte)']', 200_000), .. Enumerable.Repeat((byte)'a', 199_999)];
        byte[] deep = [0x80, 2, .. lists, (byte)'.'];
        using PickleSource nothing = PickleSource.Parse(CheckpointTorchSeeds.ZipOf([("a/data.pkl", [0x80, 2, (byte)'}', (byte)'.'])]));
        Assert.Empty(nothing.Tensors);
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(CheckpointTorchSeeds.ZipOf([("a/data.pkl", deep)])), "levels");
        byte[] circle = [0x80, 2, (byte)']', (byte)'q', 0, (byte)'h', 0, (byte)'a', (byte)'.'];
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(CheckpointTorchSeeds.ZipOf([("a/data.pkl", circle)])), "levels");
    }

    [Theory]
    [InlineData("8a ff", "does not fit")]
    [InlineData("8b ff ff ff ff", "does not fit")]
    [InlineData("8d ff ff ff ff ff ff ff ff", "does not fit")]
    [InlineData("58 ff ff ff 7f 61", "does not fit")]
    [InlineData("8a 09 00 00 00 00 00 00 00 00 01 2e", "9 bytes")]
    [InlineData("80 06 4e 2e", "protocol 6")]
    [InlineData("68 05 2e", "memo 5")]
    [InlineData("71 05 2e", "nothing to remember")]
    [InlineData("4e 4e 2e", "left over")]
    [InlineData("28 2e", "missing on the stack")]
    [InlineData("4e 52 2e", "missing on the stack")]
    [InlineData("4e 4e 52 2e", "no name")]
    [InlineData("4e 74 2e", "a mark is missing")]
    [InlineData("4e 4e 61 2e", "no list")]
    [InlineData("4e 28 75 2e", "no dictionary")]
    [InlineData("7d 28 4e 75 2e", "no dictionary")]
    [InlineData("4e 51 2e", "storage is named")]
    [InlineData("5d 4e 62 2e", "state of what has none")]
    [InlineData("58 01 00 00 00 ff 2e", "not valid UTF-8")]
    [InlineData("63 6f 73", "no end")]
    [InlineData("", "does not fit")]
    public void BrokenPicklesAreRefused(string hex, string said)
    {
        byte[] pickle = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Exception? error = Record.Exception(() => PickleSource.Parse(CheckpointTorchSeeds.ZipOf([("a/data.pkl", pickle)])));
        Assert.True(error is InvalidDataException or NotSupportedException, error?.ToString());
        Assert.Contains(said, error!.Message, StringComparison.Ordinal);
        Assert.Contains("the file", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(PickleSourceTests.Kinds), MemberType = typeof(PickleSourceTests))]
    public void AFileCutAnywhereIsRefused(int kind)
    {
        byte[] good = CheckpointTorchSeeds.Files()[kind];
        for (int length = 0; length < good.Length; length++)
        {
            Exception? error = Record.Exception(() => PickleSource.Parse(good.AsMemory(0, length)));
            Assert.True(error is InvalidDataException or NotSupportedException, $"{length}: {error}");
        }
    }

    [Fact]
    public void ZipFilesWhoseEntriesOverlapOrLieAreRefused()
    {
        byte[] good = CheckpointTorchSeeds.Sample().Zip();
        int directory = good.AsSpan().IndexOf("PK\u0001\u0002"u8);
        int second = directory + 46 + "archive/data.pkl".Length;

        byte[] overlap = [.. good];
        good.AsSpan(directory + 42, 4).CopyTo(overlap.AsSpan(second + 42));
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(overlap), "");
        byte[] longer = [.. good];
        longer[directory + 24]++;
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(longer), "'archive/data.pkl'", "can't give");
        byte[] encrypted = [.. good];
        encrypted[directory + 8] = 1;
        Refusal.Of<NotSupportedException>(() => PickleSource.Parse(encrypted), "encrypted");
        byte[] twice = CheckpointTorchSeeds.ZipOf([("a/data.pkl", [(byte)'N', (byte)'.']), ("a/data.pkl", [(byte)'N', (byte)'.'])]);
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(twice), "twice");
        byte[] bomb = CheckpointTorchSeeds.ZipOf([("a/data.pkl", new byte[1 << 20])], deflate: true);
        bomb[bomb.AsSpan().IndexOf("PK\u0001\u0002"u8) + 27] = 0x70;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refusal.Of<InvalidDataException>(() => PickleSource.Parse(bomb), "");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void OtherKindsOfFilesAreToldApart()
    {
        byte[] none = CheckpointTorchSeeds.ZipOf([("a.npy", [1])]);
        Refusal.Of<NotSupportedException>(() => PickleSource.Parse(none), "no 'data.pkl'");
        byte[] script = CheckpointTorchSeeds.ZipOf([("a/data.pkl", [(byte)'N', (byte)'.']), ("a/constants.pkl", [1])]);
        Refusal.Of<NotSupportedException>(() => PickleSource.Parse(script), "TorchScript", "state_dict()");
        Refusal.Of<NotSupportedException>(() => PickleSource.Parse(CheckpointTorchSeeds.Sample().Zip(byteOrder: "big")), "big-endian");
        byte[] whole = new CheckpointTorchSeeds().Global("models.net", "Net").Op((byte)')', 0x81).Zip();
        Refusal.Of<NotSupportedException>(() => PickleSource.Parse(whole), "models.net.Net", "state dict");
    }
}
