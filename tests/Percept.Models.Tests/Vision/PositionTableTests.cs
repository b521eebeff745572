using Percept.Models.Tests.Support;
using Percept.Tensors;
using Xunit;

namespace Percept.Models.Tests.Vision;

public class PositionTableTests
{
    private static readonly ResampleOptions s_linear = new() { Mode = ResampleMode.Linear };

    private static Tensor Table(int rows, int columns, int prefix, Func<int, int, float> value)
    {
        var values = new List<float>();
        for (int i = 0; i < prefix; i++)
        {
            values.AddRange([100 + i, 200 + i]);
        }

        for (int i = 0; i < rows * columns; i++)
        {
            values.AddRange([value(i / columns, i % columns), 1f]);
        }

        return Tensor.From(values.ToArray(), [prefix + (rows * columns), 2]);
    }

    [Fact]
    public void TheTrainedGridTakesTheTableAsItIs()
    {
        Tensor table = Table(3, 5, 1, (row, column) => (10 * row) + column);
        Compare.Same(table, new PositionTable(table, 1, new ImageSize(3, 5), PositionTable.Cubic).For(new ImageSize(3, 5)));
    }

    [Theory]
    [InlineData(5, 3)]
    [InlineData(15, 1)]
    [InlineData(1, 15)]
    public void AsManyPatchesInAnotherShapeAreResampled(int rows, int columns)
    {
        Tensor table = Table(3, 5, 1, (row, column) => (10 * row) + column);
        Tensor got = new PositionTable(table, 1, new ImageSize(3, 5), PositionTable.Cubic).For(new ImageSize(rows, columns));
        Assert.Equal(table.Shape, got.Shape);
        Assert.False(table.Span<float>().SequenceEqual(got.Span<float>()));
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(8, 3)]
    [InlineData(1, 9)]
    public void OtherTokensKeepTheirRowsAndConstantsStayConstant(int rows, int columns)
    {
        Tensor table = Table(4, 4, 2, (row, column) => row - column);
        foreach (bool antialias in (bool[])[false, true])
        {
            var positions = new PositionTable(
                table, 2, new ImageSize(4, 4), PositionTable.Cubic with { Antialias = antialias });
            float[] got = positions.For(new ImageSize(rows, columns)).ToArray<float>();
            Assert.Equal(2 * (2 + (rows * columns)), got.Length);
            Assert.Equal([100f, 200f, 101f, 201f], got[..4]);
            for (int i = 5; i < got.Length; i += 2)
            {
                Assert.Equal(1f, got[i], 1e-5);
            }
        }
    }

    [Fact]
    public void RowsAreHeightAndColumnsAreWidth()
    {
        // Half as many rows, twice as many columns: along a row nothing changes, down a column rows average in pairs.
        Tensor table = Table(4, 2, 0, (row, _) => row);
        float[] got = new PositionTable(table, 0, new ImageSize(4, 2), s_linear).For(new ImageSize(2, 4)).ToArray<float>();
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(i < 4 ? 0.5f : 2.5f, got[2 * i], 1e-6);
        }
    }

    [Fact]
    public void CubicPositionsFollowTheirFormula()
    {
        // One row of 4 made 8: position x = (i + ½)/2 − ½, kernel with a = −0.75, the edge repeated.
        float[] values = [1f, -2f, 3f, 0.5f];
        Tensor table = Tensor.From(values, [4, 1]);
        float[] got = new PositionTable(table, 0, new ImageSize(1, 4), PositionTable.Cubic).For(new ImageSize(1, 8)).ToArray<float>();
        for (int i = 0; i < 8; i++)
        {
            double x = ((i + 0.5) / 2) - 0.5, sum = 0;
            for (int j = (int)Math.Floor(x) - 1; j <= (int)Math.Floor(x) + 2; j++)
            {
                sum += Kernel(Math.Abs(x - j)) * values[Math.Clamp(j, 0, 3)];
            }

            Assert.Equal(sum, got[i], 1e-5);
        }

        static double Kernel(double d) => d <= 1
            ? (1.25 * d * d * d) - (2.25 * d * d) + 1
            : (-0.75 * d * d * d) + (3.75 * d * d) - (6 * d) + 3;
    }

    [Fact]
    public void ATableWithAnAxisInFrontIsTheSame()
    {
        Tensor table = Table(2, 3, 1, (row, column) => row + (3 * column));
        var flat = new PositionTable(table, 1, new ImageSize(2, 3), PositionTable.Cubic);
        var stored = new PositionTable(Ops.Reshape(table, [1, 7, 2]), 1, new ImageSize(2, 3), PositionTable.Cubic);
        Compare.Same(flat.For(new ImageSize(4, 2)), stored.For(new ImageSize(4, 2)));
        Compare.Same(flat.For(new ImageSize(2, 3)), stored.For(new ImageSize(2, 3)));
    }
}
