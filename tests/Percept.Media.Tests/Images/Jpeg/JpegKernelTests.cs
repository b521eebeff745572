using Xunit;

namespace Percept.Media.Tests;

/// <summary>The arithmetic of decoding against formulas written once more, and vectors against scalars.</summary>
public unsafe class JpegKernelTests
{
    private const int Slack = JpegRowKernels.Slack;

    public static TheoryData<int> Sizes() => [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 257];

    [Theory]
    [InlineData(30, 1)]
    [InlineData(300, 8)]
    [InlineData(2047, 64)]
    [InlineData(32767, 64)]
    public void InverseTransformsAgree(int greatest, int coefficients)
    {
        var random = new Random(greatest);
        short[] block = new short[64];
        short[] quant = new short[64];
        byte[] fast = new byte[8 * 24];
        byte[] plain = new byte[8 * 24];
        for (int i = 0; i < 500; i++)
        {
            Array.Clear(block);
            for (int k = 0; k < coefficients; k++)
            {
                block[JpegZigzag.Order[k]] = (short)random.Next(-greatest - 1, greatest + 1);
            }

            for (int k = 0; k < 64; k++)
            {
                quant[k] = (short)random.Next(1, greatest > 2047 ? 32767 : 40);
            }

            fixed (short* b = block, q = quant)
            fixed (byte* to = fast, plainTo = plain)
            {
                JpegIdct.Transform(b, q, to, 24, coefficients - 1);
                JpegIdct.TransformScalar(b, q, plainTo, 24);
            }

            Assert.Equal(plain, fast);
        }
    }

    [Fact]
    public void InverseTransformIsTheCosineTransform()
    {
        var random = new Random(1);
        short[] block = new short[64];
        short[] quant = new short[64];
        byte[] samples = new byte[64];
        Array.Fill(quant, (short)1);
        for (int i = 0; i < 50; i++)
        {
            double[] natural = new double[64];
            for (int n = 0; n < 64; n++)
            {
                natural[n] = random.Next(-40, 41);
                block[JpegZigzag.Places[n]] = (short)natural[n];
            }

            fixed (short* b = block, q = quant)
            fixed (byte* to = samples)
            {
                JpegIdct.Transform(b, q, to, 8, 63);
            }

            for (int n = 0; n < 64; n++)
            {
                double wanted = Math.Clamp(Sample(natural, n % 8, n / 8) + 128, 0, 255);
                Assert.True(Math.Abs(wanted - samples[n]) <= 1, $"{wanted} {samples[n]}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RowsAreDoubled(int count)
    {
        byte[] near = Noise(count, 1);
        byte[] far = Noise(count, 2);
        byte[] got = new byte[(2 * count) + Slack];
        ushort[] wide = new ushort[count + JpegRowKernels.Lead + Slack];
        fixed (byte* n = near, f = far, to = got)
        fixed (ushort* w = &wide[JpegRowKernels.Lead])
        {
            JpegRowKernels.Widen(n, w, count);
            JpegRowKernels.Double(w, to, count, 1, 2, 2);
            for (int i = 0; i < count; i++)
            {
                int before = near[Math.Max(i - 1, 0)];
                int after = near[Math.Min(i + 1, count - 1)];
                Assert.Equal(((3 * near[i]) + before + 1) >> 2, got[2 * i]);
                Assert.Equal(((3 * near[i]) + after + 2) >> 2, got[(2 * i) + 1]);
            }

            JpegRowKernels.Blend(n, f, w, count);
            JpegRowKernels.Double(w, to, count, 8, 7, 4);
            int Sum(int i) => (3 * near[Math.Clamp(i, 0, count - 1)]) + far[Math.Clamp(i, 0, count - 1)];
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(((3 * Sum(i)) + Sum(i - 1) + 8) >> 4, got[2 * i]);
                Assert.Equal(((3 * Sum(i)) + Sum(i + 1) + 7) >> 4, got[(2 * i) + 1]);
            }

            JpegRowKernels.Between(n, f, to, count, 2);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(((3 * near[i]) + far[i] + 2) >> 2, got[i]);
            }

            JpegRowKernels.Repeat(n, to, (3 * count / 2) + 1, 3);
            for (int x = 0; x < (3 * count / 2) + 1; x++)
            {
                Assert.Equal(near[x / 3], got[x]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void ColoursAreConverted(int count)
    {
        byte[] a = Noise(count, 3);
        byte[] b = Noise(count, 4);
        byte[] c = Noise(count, 5);
        byte[] d = Noise(count, 6);
        byte[] got = Enumerable.Repeat((byte)77, (4 * count) + 1).ToArray();
        fixed (byte* pa = a, pb = b, pc = c, pd = d, to = got)
        {
            JpegRowKernels.ToRgb(pa, pb, pc, to, count);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(Rgb(a[i], b[i], c[i]), (got[3 * i], got[(3 * i) + 1], got[(3 * i) + 2]));
            }

            Assert.Equal(77, got[3 * count]);
            JpegRowKernels.Interleave3(pa, pb, pc, to, count);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal((a[i], b[i], c[i]), (got[3 * i], got[(3 * i) + 1], got[(3 * i) + 2]));
            }

            Assert.Equal(77, got[3 * count]);
            JpegRowKernels.ToCmyk(pa, pb, pc, pd, to, count);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(
                    (255 - a[i], 255 - b[i], 255 - c[i], 255 - d[i]),
                    ((int)got[4 * i], (int)got[(4 * i) + 1], (int)got[(4 * i) + 2], (int)got[(4 * i) + 3]));
            }

            JpegRowKernels.ToCmykOfYcck(pa, pb, pc, pd, to, count);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(Rgb(a[i], b[i], c[i]), (got[4 * i], got[(4 * i) + 1], got[(4 * i) + 2]));
                Assert.Equal(255 - d[i], got[(4 * i) + 3]);
            }

            Assert.Equal(77, got[4 * count]);
        }
    }

    [Fact]
    public void EveryColourDifferenceIsConverted()
    {
        byte[] luma = new byte[65536 + Slack];
        byte[] blue = new byte[65536 + Slack];
        byte[] red = new byte[65536 + Slack];
        byte[] got = new byte[3 * 65536];
        for (int i = 0; i < 65536; i++)
        {
            (luma[i], blue[i], red[i]) = ((byte)(i * 31), (byte)(i >> 8), (byte)i);
        }

        fixed (byte* y = luma, cb = blue, cr = red, to = got)
        {
            JpegRowKernels.ToRgb(y, cb, cr, to, 65536);
        }

        for (int i = 0; i < 65536; i++)
        {
            Assert.Equal(Rgb(luma[i], blue[i], red[i]), (got[3 * i], got[(3 * i) + 1], got[(3 * i) + 2]));
        }
    }

    private static (byte Red, byte Green, byte Blue) Rgb(int y, int cb, int cr)
    {
        cb -= 128;
        cr -= 128;
        return (
            (byte)Math.Clamp(y + (((91881 * cr) + 32768) >> 16), 0, 255),
            (byte)Math.Clamp(y + (((-22554 * cb) - (46802 * cr) + 32768) >> 16), 0, 255),
            (byte)Math.Clamp(y + (((116130 * cb) + 32768) >> 16), 0, 255));
    }

    private static double Sample(double[] coefficients, int x, int y)
    {
        double sum = 0;
        for (int v = 0; v < 8; v++)
        {
            for (int u = 0; u < 8; u++)
            {
                double scale = (u == 0 ? Math.Sqrt(0.5) : 1) * (v == 0 ? Math.Sqrt(0.5) : 1) / 4;
                sum += scale * coefficients[(v * 8) + u]
                    * Math.Cos(((2 * x) + 1) * u * Math.PI / 16) * Math.Cos(((2 * y) + 1) * v * Math.PI / 16);
            }
        }

        return sum;
    }

    private static byte[] Noise(int count, int seed)
    {
        byte[] noise = new byte[count + Slack];
        new Random((seed * 1000) + count).NextBytes(noise);
        return noise;
    }
}
