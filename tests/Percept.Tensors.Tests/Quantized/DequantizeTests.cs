using System.Runtime.InteropServices;
using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed unsafe class DequantizeTests
{
    public static TheoryData<DType> BlockTypes =>
        [.. Enum.GetValues<DType>().Where(type => type.IsQuantized())];

    public static TheoryData<DType> FloatTypes =>
        [.. Enum.GetValues<DType>().Where(Quantization.CanDequantize)];

    [Theory]
    [MemberData(nameof(BlockTypes))]
    public void AnyBytesDecodeAsTheScalarTwinDecodesThem(DType type)
    {
        const int Elements = 24 * 256;
        byte[] blocks = new byte[type.ByteCount(Elements)];
        new Random(17 + (int)type).NextBytes(blocks);
        blocks.AsSpan(0, type.BlockBytes()).Clear();
        blocks.AsSpan(type.BlockBytes(), type.BlockBytes()).Fill(0xFF);
        float[] expected = new float[Elements];
        float[] actual = new float[Elements];
        fixed (byte* source = blocks)
        fixed (float* scalar = expected, vector = actual)
        {
            BlockFormats.RowDecoderScalar(type)(source, 0, Elements, scalar);
            BlockFormats.Dequantize(type, source, Elements, vector);
        }

        AssertSame(expected, actual);
        Assert.True(expected.Distinct().Count() > 40);
    }

    [Theory]
    [MemberData(nameof(BlockTypes))]
    public void APartOfARowIsTheSameAsTheWhole(DType type)
    {
        const int Elements = 4 * 256;
        byte[] blocks = new byte[type.ByteCount(Elements)];
        new Random(5).NextBytes(blocks);
        float[] whole = new float[Elements];
        float[] part = new float[Elements + 1];
        fixed (byte* source = blocks)
        fixed (float* to = whole)
        {
            BlockFormats.RowDecoder(type)(source, 0, Elements, to);
        }

        foreach ((int first, int count) in Ranges(Elements))
        {
            Array.Fill(part, 123f);
            fixed (byte* source = blocks)
            fixed (float* to = part)
            {
                BlockFormats.RowDecoder(type)(source, first, count, to);
            }

            AssertSame(whole.AsSpan(first, count), part.AsSpan(0, count));
            Assert.Equal(123f, part[count]);
        }
    }

    [Fact]
    public void SamplesDecodeAsTheReferenceDoes()
    {
        foreach ((DType type, string text, ulong hash) in BlockSamples.Decode)
        {
            byte[] blocks = Convert.FromBase64String(text);
            float[] values = new float[blocks.Length / type.BlockBytes() * type.BlockElements()];
            Quantization.Dequantize(type, blocks, values);
            Assert.True(hash == Hash(MemoryMarshal.AsBytes<float>(values)), $"{type} decodes otherwise.");
        }

        Assert.Equal(24, BlockSamples.Decode.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(65536)]
    public void EveryHalfIsExact(int length)
    {
        ushort[] halves = [.. Enumerable.Range(0, length).Select(bits => (ushort)(bits + (length == 65536 ? 0 : 0x3BF8)))];
        float[] values = new float[length];
        Quantization.Dequantize(DType.F16, MemoryMarshal.AsBytes<ushort>(halves), values);
        AssertSame([.. halves.Select(bits => (float)BitConverter.UInt16BitsToHalf(bits))], values);
        float[] twin = new float[length];
        fixed (ushort* source = halves)
        fixed (float* to = twin)
        {
            DequantizeFloat.F16Scalar((byte*)source, 0, length, to);
        }

        AssertSame(twin, values);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(33)]
    [InlineData(65536)]
    public void EveryBFloat16IsExact(int length)
    {
        ushort[] bits = [.. Enumerable.Range(0, length).Select(b => (ushort)(b + (length == 65536 ? 0 : 0x3F70)))];
        float[] values = new float[length];
        Quantization.Dequantize(DType.BF16, MemoryMarshal.AsBytes<ushort>(bits), values);
        AssertSame([.. bits.Select(b => BitConverter.UInt32BitsToSingle((uint)b << 16))], values);
        float[] twin = new float[length];
        fixed (ushort* source = bits)
        fixed (float* to = twin)
        {
            DequantizeFloat.BF16Scalar((byte*)source, 0, length, to);
        }

        AssertSame(twin, values);
    }

    [Theory]
    [MemberData(nameof(BlockTypes))]
    public void RaggedSizesAreRefused(DType type)
    {
        int block = type.BlockElements();
        foreach (int length in new[] { 1, 31, block - 1, block + 1 })
        {
            var error = Assert.Throws<ArgumentException>(
                () => Quantization.Dequantize(type, new byte[type.BlockBytes()], new float[length]));
            Assert.Equal("destination", error.ParamName);
            Assert.Contains(type.ToString(), error.Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentException>(() => BlockFormats.Dequantize(type, null, length, null));
        }

        var bytes = Assert.Throws<ArgumentException>(
            () => Quantization.Dequantize(type, new byte[type.BlockBytes() + 1], new float[block]));
        Assert.Equal("source", bytes.ParamName);
        Quantization.Dequantize(type, [], []);
    }

    [Theory]
    [InlineData(DType.I32)]
    [InlineData(DType.F64)]
    [InlineData(DType.Bool)]
    [InlineData((DType)999)]
    [InlineData((DType)(-1))]
    public void OtherTypesAreRefused(DType type)
    {
        Assert.False(Quantization.CanDequantize(type));
        Assert.Throws<NotSupportedException>(() => Quantization.Dequantize(type, new byte[64], new float[8]));
    }

    [Theory]
    [MemberData(nameof(FloatTypes))]
    public void LongInputsOnManyThreadsAreTheSame(DType type)
    {
        const int Elements = (5 << 15) + 256;
        byte[] blocks = new byte[type.ByteCount(Elements)];
        new Random(3).NextBytes(blocks);
        float[] expected = new float[Elements];
        float[] actual = new float[Elements];
        Quantization.Dequantize(type, blocks, actual);
        fixed (byte* source = blocks)
        fixed (float* to = expected)
        {
            BlockFormats.RowDecoder(type)(source, 0, Elements, to);
        }

        AssertSame(expected, actual);
    }

    [Fact]
    public void DecodingAllocatesNothing()
    {
        byte[] blocks = new byte[DType.Q4_K.ByteCount(1 << 17)];
        float[] values = new float[1 << 17];
        Quantization.Dequantize(DType.Q4_K, blocks, values);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Quantization.Dequantize(DType.Q4_K, blocks, values);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 0x100000001b3;
        }

        return hash;
    }

    private static IEnumerable<(int First, int Count)> Ranges(int elements)
    {
        for (int first = 0; first < 288; first += 32)
        {
            foreach (int count in new[] { 0, 32, 64, 96, 224, 256, 288, 512, 544, elements - first })
            {
                yield return (first, count);
            }
        }
    }

    private static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || (float.IsNaN(expected[i]) && float.IsNaN(actual[i]));
            Assert.True(same, $"Element {i}: expected {expected[i]:R}, got {actual[i]:R}.");
        }
    }
}
