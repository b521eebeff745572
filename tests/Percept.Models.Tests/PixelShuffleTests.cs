using Xunit;
using Percept.Tensors;

namespace Percept.Models.Tests;

public class PixelShuffleTests
{
    [Theory]
    [InlineData(1, 4, 3, 2)]
    [InlineData(2, 6, 5, 3)]
    [InlineData(3, 6, 1, 1)]
    public void SquaresOfPatchesBecomeChannels(int count, int side, int channels, int factor)
    {
        using TensorScope scope = TensorScope.Open();
        float[] values = [.. Enumerable.Range(0, count * side * side * channels).Select(i => (float)i)];
        Tensor folded = PixelShuffle.Fold(Tensor.From(values, [count, side * side, channels]), factor);
        int small = side / factor;
        Assert.Equal([count, small * small, factor * factor * channels], folded.Shape.Sizes.ToArray());
        float[] got = folded.ToArray<float>();
        int at = 0;
        for (int k = 0; k < count; k++)
        {
            for (int row = 0; row < small; row++)
            {
                for (int column = 0; column < small; column++)
                {
                    for (int y = 0; y < factor; y++)
                    {
                        for (int x = 0; x < factor; x++)
                        {
                            for (int c = 0; c < channels; c++)
                            {
                                int patch = ((((row * factor) + y) * side) + (column * factor) + x);
                                Assert.Equal(values[(((k * side * side) + patch) * channels) + c], got[at++]);
                            }
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void OtherNumbersOfPatchesAreRefused()
    {
        using TensorScope scope = TensorScope.Open();
        Assert.Throws<ArgumentException>(() => PixelShuffle.Fold(Ops.Zeros([1, 17, 2]), 2));
        Assert.Throws<ArgumentException>(() => PixelShuffle.Fold(Ops.Zeros([1, 9, 2]), 2));
    }
}
