using System.Runtime.InteropServices;
using Percept.Tensors.Kernels;
using Xunit;

namespace Percept.Tensors.Tests;

[Trait("Level", "Simd")]
public sealed unsafe class QuantizeTests
{
    public static TheoryData<DType> Types =>
        [.. Enum.GetValues<DType>().Where(type => type.IsQuantized() && Quantization.CanQuantize(type))];

    public static TheoryData<DType> SearchedTypes =>
    [
        DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.IQ4_NL, DType.IQ4_XS,
        DType.Q2_K, DType.Q3_K, DType.Q4_K, DType.Q5_K, DType.Q6_K,
    ];

    [Fact]
    public void SamplesEncodeAsTheReferenceDoes()
    {
        foreach ((DType type, string floats, string blocks) in BlockSamples.Encode)
        {
            byte[] expected = Convert.FromBase64String(blocks);
            byte[] actual = new byte[expected.Length];
            Quantization.Quantize(type, MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(floats)), actual);
            Assert.True(Enumerable.SequenceEqual(expected, actual), $"{type} encodes otherwise.");
        }

        Assert.Equal(10, BlockSamples.Encode.Length);
    }

    /// <summary>Relative root mean square errors a little above those of a normal distribution.</summary>
    [Theory]
    [InlineData(DType.Q4_0, 0.095)]
    [InlineData(DType.Q4_1, 0.085)]
    [InlineData(DType.Q5_0, 0.048)]
    [InlineData(DType.Q5_1, 0.042)]
    [InlineData(DType.Q8_0, 0.007)]
    [InlineData(DType.Q2_K, 0.29)]
    [InlineData(DType.Q3_K, 0.17)]
    [InlineData(DType.Q4_K, 0.08)]
    [InlineData(DType.Q5_K, 0.041)]
    [InlineData(DType.Q6_K, 0.021)]
    [InlineData(DType.IQ4_NL, 0.08)]
    [InlineData(DType.IQ4_XS, 0.08)]
    [InlineData(DType.MXFP4, 0.14)]
    [InlineData(DType.NVFP4, 0.11)]
    [InlineData(DType.TQ1_0, 0.95)]
    [InlineData(DType.TQ2_0, 0.95)]
    public void ErrorsOfNormalWeightsAreSmall(DType type, double bound)
    {
        float[] values = Normal(8 * 1024, 1);
        float[] back = RoundTrip(type, values, default);
        double error = Rms(values, back, default) / Rms(values, new float[values.Length], default);
        Assert.InRange(error, bound * 0.5, bound);
    }

    [Theory]
    [InlineData(DType.Q4_K, DType.Q4_0)]
    [InlineData(DType.Q5_K, DType.Q5_0)]
    [InlineData(DType.IQ4_NL, DType.Q4_0)]
    [InlineData(DType.IQ4_XS, DType.Q4_0)]
    public void SearchBeatsRounding(DType searched, DType rounded)
    {
        float[] values = Normal(4 * 1024, 2);
        double search = Rms(values, RoundTrip(searched, values, default), default);
        double round = Rms(values, RoundTrip(rounded, values, default), default);
        Assert.True(search < 0.97 * round, $"{search} against {round}");
    }

    [Theory]
    [MemberData(nameof(SearchedTypes))]
    public void ImportanceLowersTheErrorItWeighs(DType type)
    {
        const int Columns = 512;
        float[] values = Normal(8 * Columns, 3);
        float[] importance = [.. Normal(Columns, 4).Select(v => v * v * v * v * 1e6f)];
        double plain = Rms(values, RoundTrip(type, values, default), importance);
        double weighted = Rms(values, RoundTrip(type, values, importance), importance);
        Assert.True(weighted < 0.97 * plain, $"{weighted} against {plain}");
    }

    [Theory]
    [MemberData(nameof(SearchedTypes))]
    public void ImportanceNeedsNoScale(DType type)
    {
        float[] values = Normal(512, 5);
        float[] importance = [.. Normal(256, 6).Select(MathF.Abs)];
        byte[] expected = Encode(type, values, importance);
        Assert.Equal(expected, Encode(type, values, [.. importance.Select(w => w * 8.673617379884035e-19f)]));
        Assert.Equal(Encode(type, values, new float[256]), Encode(type, values, [.. Enumerable.Repeat(7f, 256)]));
    }

    /// <summary>Sums run in a fixed order, so the bytes are the same with every vector width.</summary>
    [Theory]
    [InlineData(DType.Q2_K, 0xd59a265f70646452UL)]
    [InlineData(DType.Q3_K, 0xcef6720079df8094UL)]
    [InlineData(DType.Q4_K, 0x23c18c7fe73a3209UL)]
    [InlineData(DType.Q5_K, 0x16d83b292f0e878bUL)]
    [InlineData(DType.Q6_K, 0x3af2f4de9cceaffcUL)]
    [InlineData(DType.IQ4_NL, 0xd7b7e1dd064e1674UL)]
    [InlineData(DType.IQ4_XS, 0xebfa99c100b8ddbeUL)]
    [InlineData(DType.Q4_0, 0xb8353f6c7bed5f7cUL)]
    [InlineData(DType.Q5_1, 0x576c120213e5f283UL)]
    public void BytesDoNotDependOnTheVectorUnits(DType type, ulong hash)
    {
        float[] values = Normal(1024, 7);
        float[] importance = [.. Normal(512, 8).Select(MathF.Abs)];
        byte[] blocks = [.. Encode(type, values, importance), .. Encode(type, values, [])];
        ulong actual = DequantizeTests.Hash(blocks);
        Assert.True(hash == actual, $"{type} 0x{actual:x16}");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void AwkwardBlocksDecodeToWhatTheyHold(DType type)
    {
        int size = Math.Max(type.BlockElements(), 32);
        Assert.All(RoundTrip(type, new float[size], default), v => Assert.Equal(0f, v));

        // NVFP4 has no smaller scale than 2^-10; a power-of-two scale may be off by a quarter.
        foreach (float value in new[] { 1f, -1f, type == DType.NVFP4 ? 0.01f : 0.001f, -37.5f })
        {
            float[] constant = [.. Enumerable.Repeat(value, size)];
            double error = Rms(constant, RoundTrip(type, constant, default), default) / Math.Abs(value);
            Assert.True(error <= (type == DType.MXFP4 ? 0.25 : 0.041), $"{type} {value}: {error}");
        }

        float[] spike = new float[size];
        spike[size / 3] = 2f;
        Assert.InRange(RoundTrip(type, spike, default)[size / 3], 1.9f, 2.1f);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void AnyFloatsCanBeEncoded(DType type)
    {
        var random = new Random(9);
        float[] values = new float[2048];
        random.NextBytes(MemoryMarshal.AsBytes(values.AsSpan()));
        byte[] blocks = Encode(type, values, default);
        Quantization.Dequantize(type, blocks, values);
        Array.Fill(values, float.NaN);
        values[3] = float.PositiveInfinity;
        Quantization.Dequantize(type, Encode(type, values, default), values);
        Array.Fill(values, float.MaxValue);
        Quantization.Dequantize(type, Encode(type, values, [.. Enumerable.Repeat(1e30f, 256)]), values);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void LongInputsOnManyThreadsAreTheSame(DType type)
    {
        const int Rows = 45;
        const int Columns = 768;
        float[] values = Normal(Rows * Columns, 10);
        float[] importance = [.. Normal(Columns, 11).Select(MathF.Abs)];
        byte[] expected = new byte[type.ByteCount(values.Length)];
        fixed (float* source = values, weights = importance)
        fixed (byte* to = expected)
        {
            for (int row = 0; row < Rows; row++)
            {
                BlockFormats.Quantize(
                    type, source + (row * Columns), Columns, to + type.ByteCount((long)row * Columns), weights);
            }
        }

        Assert.Equal(expected, Encode(type, values, importance));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void RaggedSizesAreRefused(DType type)
    {
        int block = type.BlockElements();
        byte[] room = new byte[type.BlockBytes()];
        foreach (int length in new[] { 1, block - 1, block + 1 })
        {
            var error = Assert.Throws<ArgumentException>(() => Quantization.Quantize(type, new float[length], room));
            Assert.Equal("source", error.ParamName);
        }

        float[] whole = new float[block];
        var small = Assert.Throws<ArgumentException>(() => Quantization.Quantize(type, whole, room.AsSpan(1).ToArray()));
        Assert.Equal("destination", small.ParamName);
        foreach (float[] importance in new[] { new float[block - 1], new float[block / 2], new float[2 * block] })
        {
            var error = Assert.Throws<ArgumentException>(() => Quantization.Quantize(type, whole, room, importance));
            Assert.Equal("importance", error.ParamName);
        }

        foreach (float bad in new[] { -1f, float.NaN, float.PositiveInfinity })
        {
            float[] importance = new float[block];
            importance[^1] = bad;
            var error = Assert.Throws<ArgumentException>(() => Quantization.Quantize(type, whole, room, importance));
            Assert.Equal("importance", error.ParamName);
        }

        Quantization.Quantize(type, [], []);
    }

    [Theory]
    [InlineData(DType.IQ2_XXS)]
    [InlineData(DType.IQ1_M)]
    [InlineData(DType.I8)]
    [InlineData((DType)77)]
    public void OtherTypesAreRefused(DType type)
    {
        Assert.False(Quantization.CanQuantize(type));
        Assert.Throws<NotSupportedException>(() => Quantization.Quantize(type, new float[256], new byte[66]));
    }

    private static byte[] Encode(DType type, float[] values, ReadOnlySpan<float> importance)
    {
        byte[] blocks = new byte[type.ByteCount(values.Length)];
        Quantization.Quantize(type, values, blocks, importance);
        return blocks;
    }

    private static float[] RoundTrip(DType type, float[] values, ReadOnlySpan<float> importance)
    {
        float[] back = new float[values.Length];
        Quantization.Dequantize(type, Encode(type, values, importance), back);
        return back;
    }

    /// <summary>Nearly normal values by sums of uniform ones: the same on every platform.</summary>
    private static float[] Normal(int count, ulong seed)
    {
        ulong state = seed * 0x9E3779B97F4A7C15;
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            int sum = 0;
            for (int k = 0; k < 12; k++)
            {
                state = (state * 6364136223846793005) + 1442695040888963407;
                sum += (int)(state >> 48) - 32768;
            }

            values[i] = sum * (0.02f / 65536f);
        }

        return values;
    }

    private static double Rms(float[] a, float[] b, ReadOnlySpan<float> weights)
    {
        double sum = 0;
        double mass = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double w = weights.IsEmpty ? 1 : weights[i % weights.Length];
            sum += w * ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
            mass += w;
        }

        return Math.Sqrt(sum / mass);
    }
}
