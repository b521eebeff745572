using System.Buffers.Binary;
using System.Text;
using Percept.Checkpoints;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Checkpoints;

public class SafetensorsTests
{
    [Fact]
    public void WhatIsWrittenReadsBackTheSame()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        string path = folder.File("all.safetensors");
        var tensors = new Dictionary<string, Tensor>
        {
            ["f64"] = Tensor.From([1.5, -2.25, double.NaN], [3]),
            ["f32"] = Tensor.From([1f, 2f, 3f, 4f, 5f, float.NegativeInfinity], [2, 3]),
            ["f16"] = Tensor.From([(Half)0.5f], [1, 1]),
            ["bf16"] = Tensor.FromBytes([1, 2, 3, 4], [2], DType.BF16),
            ["i64"] = Tensor.From([long.MinValue, 7L], [2]),
            ["i32"] = Tensor.From([-1], []),
            ["i16"] = Tensor.From<short>([1, 2, 3], [3]),
            ["i8"] = Tensor.From<sbyte>([-128, 127, 0], [3]),
            ["u8"] = Tensor.From<byte>([255], [1]),
            ["bool"] = Tensor.From([true, false, true], [3]),
            ["empty"] = Tensor.From(Array.Empty<float>(), [0, 4]),
            ["schlüssel \"mit\" \\ zeichen"] = Tensor.From([3f], []),
        };
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string> { ["format"] = "pt", ["ä"] = "ö\n" });

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), file.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("ö\n", file.Metadata["ä"]);
        foreach ((string key, Tensor tensor) in tensors)
        {
            Tensor read = file.Read(key);
            Assert.Equal(tensor.DType, read.DType);
            Assert.Equal(tensor.Shape, read.Shape);
            Assert.True(tensor.Bytes().SequenceEqual(read.Bytes()), key);
            Assert.True(read.IsReadOnly);
            Assert.Equal(0, file.Entries[key].Offset % tensor.DType.BlockBytes());
        }
    }

    [Fact]
    public void TheOrderGivenDoesNotChangeTheFile()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        var tensors = Enumerable.Range(0, 9)
            .Select(i => KeyValuePair.Create($"t{i}", Tensor.From([(float)i], [1]))).ToList();
        SafetensorsWriter.Write(folder.File("a"), tensors);
        tensors.Reverse();
        SafetensorsWriter.Write(folder.File("b"), tensors);
        Assert.Equal(File.ReadAllBytes(folder.File("a")), File.ReadAllBytes(folder.File("b")));
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(folder.File("a"))) % 8);
    }

    [Fact]
    public void AFailedWriteLeavesTheOldFileAndNothingElse()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        string path = folder.File("model.safetensors");
        SafetensorsWriter.Write(path, [KeyValuePair.Create("a", Tensor.From([1f], [1]))]);
        byte[] before = File.ReadAllBytes(path);
        Tensor gone = Tensor.From([1f], [1]);
        Tensor block = Tensor.FromBytes(new byte[18], [32], DType.Q4_0);
        Tensor good = Tensor.From([2f], [1]);
        Assert.Throws<NotSupportedException>(() => SafetensorsWriter.Write(path, [KeyValuePair.Create("q", block)]));
        Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(path, [KeyValuePair.Create("a", good), KeyValuePair.Create("a", good)]));
        Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(path, [KeyValuePair.Create("__metadata__", good)]));
        gone.Dispose();
        Assert.Throws<TensorDisposedException>(() => SafetensorsWriter.Write(path, [KeyValuePair.Create("g", gone)]));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void TensorsOutliveTheFileAndMissingKeysAreNamed()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        string path = Write(folder, """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", [0, 0, 128, 63, 0, 0, 0, 64]);
        SafetensorsFile file = SafetensorsFile.Open(path);
        Tensor a = file.Read("a");
        Assert.Contains(
            "'b'", Assert.Throws<KeyNotFoundException>(() => file.Read("b")).Message, StringComparison.Ordinal);
        file.Dispose();
        Assert.Equal([1f, 2f], a.ToArray<float>());
        Assert.Throws<ReadOnlyTensorException>(() => a.Writable<float>());
        Assert.Throws<ObjectDisposedException>(() => file.Read("a"));
    }

    [Theory]
    [InlineData("F8_E4M3", 2)]
    [InlineData("U16", 4)]
    [InlineData("F4", 1)]
    public void ATypeThatPerceptLacksIsRefusedOnlyWhenAskedFor(string type, int bytes)
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        string header = $$$"""
            {"x":{"dtype":"{{{type}}}","shape":[2],"data_offsets":[0,{{{bytes}}}]},
             "a":{"dtype":"U8","shape":[1],"data_offsets":[{{{bytes}}},{{{bytes + 1}}}]}}
            """;
        using SafetensorsFile file = SafetensorsFile.Open(Write(folder, header, new byte[bytes + 1]));
        Assert.Equal(1, file.Read("a").Count);
        string message = Assert.Throws<NotSupportedException>(() => file.Read("x")).Message;
        Assert.Contains("'x'", message, StringComparison.Ordinal);
        Assert.Contains(type, message, StringComparison.Ordinal);
    }

    [Fact]
    public void ShapesBeyondReachAreRefusedWhenAskedFor()
    {
        using var folder = new TempFolder();
        string header = """
            {"deep":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]},
             "long":{"dtype":"U8","shape":[0,4294967296],"data_offsets":[1,1]}}
            """;
        using SafetensorsFile file = SafetensorsFile.Open(Write(folder, header, new byte[1]));
        Assert.Throws<NotSupportedException>(() => file.Read("deep"));
        Assert.Throws<NotSupportedException>(() => file.Read("long"));
    }

    [Theory]
    [InlineData("[]", 0, "begins with")]
    [InlineData("{", 0, "9 bytes")]
    [InlineData("{", 1, "length is 1")]
    [InlineData("{\"a\":", 0, "JSON")]
    [InlineData("{} {}", 0, "JSON")]
    [InlineData("{}", 1, "data")]
    [InlineData("{\"a\":1}", 0, "'a'")]
    [InlineData("{\"a\":[]}", 0, "'a'")]
    [InlineData("{\"a\":{}}", 0, "lacks")]
    [InlineData("{\"__metadata__\":1}", 0, "__metadata__")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__.a")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "twice")]
    [InlineData("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "twice")]
    [InlineData("{\"a\":{\"dtype\":\"F33\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "F33")]
    [InlineData("{\"a\":{\"dtype\":3,\"shape\":[],\"data_offsets\":[0,4]}}", 4, "dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[[1]],\"data_offsets\":[0,4]}}", 4, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":{},\"data_offsets\":[0,4]}}", 4, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", 4, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483648,2147483648,4],\"data_offsets\":[0,0]}}", 0, "overflows")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0, "expected 18446744073709551616")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "expected 8")]
    [InlineData("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}", 1, "'a'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}", 4, "data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, "data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, "data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "hole")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 8, "data")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, "overlaps")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1, "'x'")]
    [InlineData("{\"a\\ud800\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "Unicode")]
    [InlineData("{\"a\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}", 0, "'a'")]
    public void AHostileHeaderIsRefusedByName(string header, int dataBytes, string said)
    {
        using var folder = new TempFolder();
        string path = Write(folder, header, new byte[dataBytes]);
        string message = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(path)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(1ul)]
    [InlineData(3ul)]
    [InlineData(100_000_001ul)]
    [InlineData(ulong.MaxValue)]
    [InlineData((ulong)long.MaxValue + 1)]
    public void AHeaderLengthOutOfBoundsIsRefused(ulong length)
    {
        using var folder = new TempFolder();
        var bytes = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        bytes[8] = (byte)'{';
        bytes[9] = (byte)'}';
        File.WriteAllBytes(folder.File("x"), bytes);
        Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(folder.File("x")));
    }

    [Fact]
    public void DamagedFilesThrowTypedExceptionsOnly()
    {
        using var folder = new TempFolder();
        using TensorScope scope = TensorScope.Open();
        string path = folder.File("good");
        SafetensorsWriter.Write(
            path,
            [
                KeyValuePair.Create("a", Tensor.From([1f, 2f], [2])),
                KeyValuePair.Create("b", Tensor.From<byte>([1, 2, 3], [3, 1])),
            ],
            new Dictionary<string, string> { ["format"] = "pt" });
        byte[] good = File.ReadAllBytes(path);
        string bad = folder.File("bad");
        for (int length = 0; length < good.Length; length++)
        {
            File.WriteAllBytes(bad, good[..length]);
            Assert.ThrowsAny<InvalidDataException>(() => SafetensorsFile.Open(bad));
        }

        var random = new Random(20260101);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = [.. good];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length - 11)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(bad, bytes);
            OpenAndReadAll(bad);
        }
    }

    private static void OpenAndReadAll(string path)
    {
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (string key in file.Entries.Keys)
            {
                using Tensor tensor = file.Read(key);
                _ = tensor.Bytes().ToArray();
            }
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException)
        {
        }
    }

    private static string Write(TempFolder folder, string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, 8);
        data.CopyTo(bytes, 8 + json.Length);
        string path = folder.File("x.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
