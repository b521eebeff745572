using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Percept.TestSupport;

/// <summary>Writes the files of torch.save opcode by opcode, the zip files of today and the plain ones of old.</summary>
public sealed class CheckpointTorchSeeds
{
    private readonly List<byte> _pickle = [0x80, 2];
    private readonly List<(string Key, byte[] Elements, int Size)> _storages = [];

    /// <summary>The pickle without its end.</summary>
    public IReadOnlyList<byte> Pickle => _pickle;

    /// <summary>Small files of each kind.</summary>
    public static IReadOnlyList<byte[]> Files() =>
        [Sample().Zip(), Sample().Zip(deflate: true), Sample().Zip(wide: true), Sample().Legacy()];

    /// <summary>A state dict beside an epoch, with a shared storage, a transposed view and a parameter.</summary>
    public static CheckpointTorchSeeds Sample()
    {
        var file = new CheckpointTorchSeeds();
        file.Storage("0", 4, Floats(1, 2, 3, 4, 5, 6)).Storage("1", 2, [0x80, 0x3f, 0, 0x40]).Storage("2", 8, [7, 0, 0, 0, 0, 0, 0, 0]);
        return file.Dict(
            ("epoch", f => f.Int(3)),
            ("lr", f => f.Double(0.5)),
            ("done", f => f.Op(0x88)),
            ("state_dict", f => f.OrderedDict(
                ("a.weight", t => t.Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])),
                ("a.turned", t => t.Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])),
                ("b", t => t.Parameter(p => p.Tensor("BFloat16Storage", "1", 2, 0, [2], [1]))),
                ("n", t => t.Tensor("LongStorage", "2", 1, 0, [], [])))));
    }

    /// <summary>Floats as bytes.</summary>
    public static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    /// <summary>Adds a storage's elements.</summary>
    public CheckpointTorchSeeds Storage(string key, int elementBytes, byte[] elements)
    {
        _storages.Add((key, elements, elementBytes));
        return this;
    }

    /// <summary>Adds opcodes as they are.</summary>
    public CheckpointTorchSeeds Op(params byte[] bytes)
    {
        _pickle.AddRange(bytes);
        return this;
    }

    /// <summary>Adds a text.</summary>
    public CheckpointTorchSeeds Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Op([(byte)'X', .. BitConverter.GetBytes(bytes.Length), .. bytes]);
    }

    /// <summary>Adds a whole number by the shortest opcode.</summary>
    public CheckpointTorchSeeds Int(long value) => value switch
    {
        >= 0 and < 256 => Op((byte)'K', (byte)value),
        >= 0 and < 65536 => Op([(byte)'M', .. BitConverter.GetBytes((ushort)value)]),
        >= int.MinValue and <= int.MaxValue => Op([(byte)'J', .. BitConverter.GetBytes((int)value)]),
        _ => Op([0x8a, 8, .. BitConverter.GetBytes(value)]),
    };

    /// <summary>Adds a number with fraction.</summary>
    public CheckpointTorchSeeds Double(double value)
    {
        var bytes = new byte[9];
        bytes[0] = (byte)'G';
        BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(1), value);
        return Op(bytes);
    }

    /// <summary>Adds a name.</summary>
    public CheckpointTorchSeeds Global(string module, string name) =>
        Op([(byte)'c', .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")]);

    /// <summary>Adds a tuple of numbers.</summary>
    public CheckpointTorchSeeds Tuple(params long[] values)
    {
        Op((byte)'(');
        foreach (long value in values)
        {
            Int(value);
        }

        return Op((byte)'t');
    }

    /// <summary>Adds a dictionary.</summary>
    public CheckpointTorchSeeds Dict(params (string Key, Action<CheckpointTorchSeeds> Value)[] items)
    {
        Op((byte)'}');
        return Items(items);
    }

    /// <summary>Adds a dictionary as modules give it, with an attribute.</summary>
    public CheckpointTorchSeeds OrderedDict(params (string Key, Action<CheckpointTorchSeeds> Value)[] items)
    {
        Global("collections", "OrderedDict").Op((byte)')', (byte)'R');
        Items(items);
        return Op((byte)'}').Items(("_metadata", f => f.Global("collections", "OrderedDict").Op((byte)')', (byte)'R'))).Op((byte)'b');
    }

    /// <summary>Adds a view of a storage.</summary>
    public CheckpointTorchSeeds Tensor(
        string storage, string key, long count, long offset, long[] sizes, long[] strides, string? dtype = null)
    {
        Global("torch._utils", dtype is null ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3").Op((byte)'(', (byte)'(');
        Text("storage").Global(storage == "UntypedStorage" ? "torch.storage" : "torch", storage).Text(key).Text("cpu").Int(count);
        Op((byte)'t', (byte)'Q').Int(offset).Tuple(sizes).Tuple(strides);
        Op(0x89).Global("collections", "OrderedDict").Op((byte)')', (byte)'R');
        return (dtype is null ? this : Global("torch", dtype)).Op((byte)'t', (byte)'R');
    }

    /// <summary>Adds a parameter around a tensor.</summary>
    public CheckpointTorchSeeds Parameter(Action<CheckpointTorchSeeds> tensor)
    {
        Global("torch._utils", "_rebuild_parameter").Op((byte)'(');
        tensor(this);
        return Op(0x88).Global("collections", "OrderedDict").Op((byte)')', (byte)'R', (byte)'t', (byte)'R');
    }

    /// <summary>The file as torch.save writes it: a zip file, its storages aligned to 64 bytes.</summary>
    public byte[] Zip(bool deflate = false, bool wide = false, string folder = "archive", string byteOrder = "little")
    {
        var files = new List<(string Name, byte[] Data)> { ($"{folder}/data.pkl", [.. _pickle, (byte)'.']) };
        files.Add(($"{folder}/byteorder", Encoding.UTF8.GetBytes(byteOrder)));
        files.AddRange(_storages.Select(storage => ($"{folder}/data/{storage.Key}", storage.Elements)));
        files.Add(($"{folder}/version", "3\n"u8.ToArray()));
        return ZipOf(files, deflate, wide);
    }

    /// <summary>The file as torch.save wrote it before version 1.6.</summary>
    public byte[] Legacy()
    {
        var keys = new CheckpointTorchSeeds().Op((byte)']', (byte)'(');
        foreach ((string key, _, _) in _storages)
        {
            keys.Text(key);
        }

        List<byte> file =
        [
            0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.',
            0x80, 2, (byte)'M', 0xe9, 3, (byte)'.',
            .. new CheckpointTorchSeeds().Dict(("protocol_version", f => f.Int(1001)), ("little_endian", f => f.Op(0x88))).Pickle,
            (byte)'.', .. _pickle, (byte)'.', .. keys.Pickle, (byte)'e', (byte)'.',
        ];
        foreach ((_, byte[] elements, int size) in _storages)
        {
            file.AddRange(BitConverter.GetBytes((long)elements.Length / size));
            file.AddRange(elements);
        }

        return [.. file];
    }

    /// <summary>A zip file; data are padded to multiples of 64 bytes when they are not deflated.</summary>
    public static byte[] ZipOf(IReadOnlyList<(string Name, byte[] Data)> files, bool deflate = false, bool wide = false)
    {
        var zip = new List<byte>();
        var directory = new List<byte>();
        foreach ((string text, byte[] data) in files)
        {
            byte[] name = Encoding.UTF8.GetBytes(text);
            byte[] stored = deflate ? Deflate(data) : data;
            int local = zip.Count;
            int padding = deflate ? 0 : (64 - ((local + 34 + name.Length) % 64)) % 64;
            zip.AddRange([.. U32(0x04034b50), .. U16(20), .. U16(0), .. U16(deflate ? 8 : 0), .. new byte[8]]);
            zip.AddRange([.. U32(stored.Length), .. U32(data.Length), .. U16(name.Length), .. U16(4 + padding), .. name]);
            zip.AddRange([0x46, 0x42, .. U16(padding), .. new byte[padding], .. stored]);
            byte[] extra = wide
                ? [1, 0, 24, 0, .. BitConverter.GetBytes((long)data.Length), .. BitConverter.GetBytes((long)stored.Length),
                    .. BitConverter.GetBytes((long)local)]
                : [];
            directory.AddRange([.. U32(0x02014b50), .. U16(20), .. U16(20), .. U16(0), .. U16(deflate ? 8 : 0), .. new byte[8]]);
            directory.AddRange([.. U32(wide ? -1 : stored.Length), .. U32(wide ? -1 : data.Length), .. U16(name.Length)]);
            directory.AddRange([.. U16(extra.Length), .. new byte[10], .. U32(wide ? -1 : local), .. name, .. extra]);
        }

        int start = zip.Count;
        zip.AddRange(directory);
        if (wide)
        {
            int end = zip.Count;
            zip.AddRange([.. U32(0x06064b50), .. BitConverter.GetBytes(44L), .. new byte[12]]);
            zip.AddRange([.. BitConverter.GetBytes((long)files.Count), .. BitConverter.GetBytes((long)files.Count)]);
            zip.AddRange([.. BitConverter.GetBytes((long)directory.Count), .. BitConverter.GetBytes((long)start)]);
            zip.AddRange([.. U32(0x07064b50), .. U32(0), .. BitConverter.GetBytes((long)end), .. U32(1)]);
        }

        zip.AddRange([.. U32(0x06054b50), .. new byte[4], .. U16(files.Count), .. U16(files.Count)]);
        zip.AddRange([.. U32(wide ? -1 : directory.Count), .. U32(wide ? -1 : start), 0, 0]);
        return [.. zip];
    }

    private CheckpointTorchSeeds Items(params (string Key, Action<CheckpointTorchSeeds> Value)[] items)
    {
        Op((byte)'(');
        foreach ((string key, Action<CheckpointTorchSeeds> value) in items)
        {
            Text(key);
            value(this);
        }

        return Op((byte)'u');
    }

    private static byte[] Deflate(byte[] data)
    {
        using var stream = new MemoryStream();
        using (var deflate = new DeflateStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(data);
        }

        return stream.ToArray();
    }

    private static byte[] U16(int value) => BitConverter.GetBytes((ushort)value);

    private static byte[] U32(int value) => BitConverter.GetBytes(value);
}
