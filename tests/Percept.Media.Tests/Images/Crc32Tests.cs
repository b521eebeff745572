using Xunit;

namespace Percept.Media.Tests;

[Trait("Level", "Simd")]
public class Crc32Tests
{
    [Fact]
    public void TheChecksumIsTheKnownOne() => Assert.Equal(0xCBF43926u, Crc32.Compute("123456789"u8));

    [Fact]
    public void EveryLengthAgreesWithTheTables()
    {
        byte[] data = new byte[1100];
        new Random(9).NextBytes(data);
        for (int length = 0; length <= data.Length; length += length < 300 ? 1 : 37)
        {
            Assert.Equal(~Crc32.Update(uint.MaxValue, data.AsSpan(0, length)), Crc32.Compute(data.AsSpan(0, length)));
        }
    }
}
