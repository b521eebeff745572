using Xunit;

namespace Percept.Tensors.Tests.Quantized;

public sealed class NormalFloat4Tests
{
    [Fact]
    public void TheTablesNumbersComeBackExactly()
    {
        float[] weights = [.. NormalFloat4.Table.ToArray().Select(value => value * 0.37f)];
        (byte[] packed, float[] scales) = Encode(weights, 64);
        Assert.Equal([0.37f], scales);
        Assert.Equal(weights, Decode(packed, scales, weights.Length, 64));

        // The first code stands in the high half: −1 is code 0, the next one code 1.
        Assert.Equal(0x01, packed[0]);
        Assert.Equal(0xEF, packed[7]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1001)]
    public void TheErrorIsAtMostHalfAStepOfTheBlock(int count)
    {
        float[] weights = GradientCheck.Normal(count, 7);
        (byte[] packed, float[] scales) = Encode(weights, 64);
        float[] got = Decode(packed, scales, count, 64);
        for (int i = 0; i < count; i++)
        {
            // The widest gap of the table is the one at −1.
            Assert.InRange(Math.Abs(got[i] - weights[i]), 0, (scales[i / 64] * (1 - 0.696192f) / 2) + 1e-6f);
            double nearest = NormalFloat4.Table.ToArray().Min(value => Math.Abs(((double)value * scales[i / 64]) - weights[i]));
            Assert.Equal(nearest, Math.Abs(got[i] - weights[i]), 1e-6);
        }
    }

    [Fact]
    public void ABlockOfZerosStaysZero()
    {
        (byte[] packed, float[] scales) = Encode(new float[8], 4);
        Assert.Equal([0f, 0f], scales);
        Assert.All(packed, value => Assert.Equal(0x77, value));
        Assert.Equal(new float[8], Decode(packed, scales, 8, 4));
    }

    [Fact]
    public void ScalesAreQuantizedOnceMore()
    {
        float[] scales = [.. GradientCheck.Normal(600, 3).Select(value => 1 + (0.1f * value))];
        var codes = new byte[600];
        var outer = new float[NormalFloat4.Blocks(600, 256)];
        Assert.Equal(3, outer.Length);
        float mean = NormalFloat4.QuantizeScales(scales, codes, outer);
        var got = new float[600];
        NormalFloat4.DequantizeScales(codes, outer, mean, got);
        for (int i = 0; i < 600; i++)
        {
            Assert.InRange(Math.Abs(got[i] - scales[i]), 0, outer[i / 256] * 0.0075f);
        }

        Assert.Equal(256, NormalFloat4.ScaleTable.Length);
        Assert.Equal(0f, NormalFloat4.ScaleTable[127]);
        Assert.Equal(1f, NormalFloat4.ScaleTable[255]);
    }

    [Fact]
    public void EqualScalesComeBackExactly()
    {
        var codes = new byte[5];
        var outer = new float[1];
        float mean = NormalFloat4.QuantizeScales([0.25f, 0.25f, 0.25f, 0.25f, 0.25f], codes, outer);
        var got = new float[5];
        NormalFloat4.DequantizeScales(codes, outer, mean, got);
        Assert.All(got, value => Assert.Equal(0.25f, value));
    }

    [Fact]
    public void WhatDoesNotFitIsAnError()
    {
        Assert.Throws<ArgumentException>(() => NormalFloat4.Quantize([1f, float.NaN], new byte[1], new float[1]));
        Assert.Throws<ArgumentException>(() => NormalFloat4.Quantize([1f, 2f, 3f], new byte[1], new float[1]));
        Assert.Throws<ArgumentException>(() => NormalFloat4.Dequantize(new byte[1], new float[2], new float[2]));
        Assert.Throws<ArgumentException>(() => NormalFloat4.QuantizeScales([1f], new byte[2], new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalFloat4.Blocks(1, 0));
    }

    private static (byte[] Packed, float[] Scales) Encode(float[] weights, int block)
    {
        var packed = new byte[(weights.Length + 1) / 2];
        var scales = new float[NormalFloat4.Blocks(weights.Length, block)];
        NormalFloat4.Quantize(weights, packed, scales, block);
        return (packed, scales);
    }

    private static float[] Decode(byte[] packed, float[] scales, int count, int block)
    {
        var weights = new float[count];
        NormalFloat4.Dequantize(packed, scales, weights, block);
        return weights;
    }
}
