using System.Buffers.Binary;
using System.Text;
using Percept.Tensors;
using Percept.TestSupport;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Files beyond 4 GB, where 32 bits end; they are full of holes and take no room.</summary>
public class LargeFileTests
{
    private const long Far = 5L << 30;

    [Fact]
    public void SafetensorsBeyondFourGigabytesAreRead()
    {
        using TempFolder folder = Folder();
        string header = """{"far":{"dtype":"F32","shape":[2],"data_offsets":[FROM,TO]},"near":{"dtype":"U8","shape":[ROWS,1024],"data_offsets":[0,FROM]}}"""
            .Replace("FROM", $"{Far}", StringComparison.Ordinal).Replace("TO", $"{Far + 8}", StringComparison.Ordinal)
            .Replace("ROWS", $"{Far / 1024}", StringComparison.Ordinal);
        byte[] head = [.. BitConverter.GetBytes((long)header.Length), .. Encoding.ASCII.GetBytes(header)];
        Write(folder.File("a"), head, head.Length + Far, CheckpointTorchSeeds.Floats(1.5f, 2.5f));
        Check(folder.File("a"), "far");
    }

    [Fact]
    public void GgufBeyondFourGigabytesIsRead()
    {
        using TempFolder folder = Folder();
        byte[] head = new CheckpointGgufSeeds().Text("general.architecture", "llama").Tensor("near", 24, 0, 1024, Far / 1024)
            .Tensor("far", 0, (ulong)Far, 2).Build(data: 0);
        Write(folder.File("a"), head, head.Length + Far, CheckpointTorchSeeds.Floats(1.5f, 2.5f));
        Check(folder.File("a"), "far");
    }

    [Fact]
    public void PyTorchFilesBeyondFourGigabytesAreRead()
    {
        using TempFolder folder = Folder();
        byte[] small = new CheckpointTorchSeeds().Storage("0", 4, CheckpointTorchSeeds.Floats(1.5f, 2.5f))
            .Dict(("far", f => f.Tensor("FloatStorage", "0", 2, 0, [2], [1]))).Zip(wide: true);

        // The same file with a hole in front of everything: all places move behind 4 GB.
        int directory = small.AsSpan().IndexOf("PK\u0001\u0002"u8);
        for (int at = directory; at < small.Length - 4 && BinaryPrimitives.ReadUInt32LittleEndian(small.AsSpan(at)) == 0x02014b50;)
        {
            int name = BinaryPrimitives.ReadUInt16LittleEndian(small.AsSpan(at + 28)), extra = BinaryPrimitives.ReadUInt16LittleEndian(small.AsSpan(at + 30));
            Move(small.AsSpan(at + 46 + name + 20));
            at += 46 + name + extra;
        }

        int end = small.AsSpan().IndexOf("PK\u0006\u0006"u8);
        Move(small.AsSpan(end + 48));
        Move(small.AsSpan(end + 56 + 8));
        Write(folder.File("a"), "PK"u8.ToArray(), Far, small);
        Check(folder.File("a"), "far");
    }

    private static void Move(Span<byte> place) =>
        BinaryPrimitives.WriteInt64LittleEndian(place, BinaryPrimitives.ReadInt64LittleEndian(place) + Far);

    private static TempFolder Folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only where files with holes take no room.");
        return new TempFolder();
    }

    private static void Write(string path, byte[] head, long tailAt, byte[] tail)
    {
        using FileStream stream = File.Create(path);
        stream.Write(head);
        stream.SetLength(tailAt);
        stream.Position = tailAt;
        stream.Write(tail);
    }

    private static void Check(string path, string name)
    {
        using TensorSource source = TensorSource.Open(path);
        using Tensor tensor = source.Read(name);
        Assert.Equal([1.5f, 2.5f], tensor.ToArray<float>());
        Assert.True(tensor.IsReadOnly);
    }
}
