using Percept.Media;
using Xunit;

namespace Percept.Models.Tests.Multimodal;

/// <summary>Boxes in text, on pictures, and drawn.</summary>
public class BoxTextTests
{
    [Theory]
    [InlineData(0.0625, "0.062")]
    [InlineData(0.1875, "0.188")]
    [InlineData(0.0005, "0.001")]
    [InlineData(0.0015, "0.002")]
    [InlineData(0.9995, "1.000")]
    [InlineData(0.0, "0.000")]
    [InlineData(1e-300, "0.000")]
    [InlineData(12.5, "12.500")]
    public void NumbersAreRoundedByTheirExactValue(double value, string text) => Assert.Equal(text, DecimalRounding.Text(value, 3));

    [Fact]
    public void BoxesComeBackToThePicture()
    {
        var random = new Random(2);
        for (int i = 0; i < 300; i++)
        {
            var size = new ImageSize(random.Next(1, 900), random.Next(1, 900));
            var frame = new SquareFrame(size);
            double left = random.NextDouble() * size.Width, top = random.NextDouble() * size.Height;
            var box = new ImageBox(
                left, top, left + (random.NextDouble() * (size.Width - left)), top + (random.NextDouble() * (size.Height - top)));
            string answer = $"there {BoxText.Format([frame.ToText(box)])} it is";
            ImageBox back = Assert.Single(Assert.Single(BoxText.Parse(answer, size)));
            double slack = frame.Side / 1000.0;
            Assert.InRange(back.Left, Math.Max(0, box.Left - slack), box.Left + slack);
            Assert.InRange(back.Top, Math.Max(0, box.Top - slack), box.Top + slack);
            Assert.InRange(back.Right, box.Right - slack, Math.Min(size.Width, box.Right + slack));
            Assert.InRange(back.Bottom, box.Bottom - slack, Math.Min(size.Height, box.Bottom + slack));
        }
    }

    [Fact]
    public void TokensOfPlacesAreUnderstoodToo()
    {
        ImageBox box = Assert.Single(Assert.Single(
            BoxText.Parse("<b_st><bin_100> <bin_200> <bin_300> <bin_400><b_ed>", new(1000, 1000))));
        Assert.Equal(new ImageBox(100, 200, 300, 400), box);
    }

    [Fact]
    public void EveryBoxOfAnAnswerIsDrawn()
    {
        var picture = new Image(100, 60, PixelFormat.Rgb);
        Assert.Equal(3, BoxText.Draw(picture, "a cat[0.100,0.300,0.400,0.700;0.5,0.3,0.6,0.7] and a dog[0.7,0.3,0.9,0.7]"));
        Assert.Contains(picture.Pixels.ToArray(), value => value != 0);

        // The square begins 20 rows above the picture.
        byte[] edge = picture.Row(30).Slice(3 * 10, 3).ToArray();
        Assert.NotEqual([0, 0, 0], edge);
        Assert.Equal(0, BoxText.Draw(new Image(10, 10, PixelFormat.Rgb), "nothing [1,2]"));
    }

    [Fact]
    public void PlacesAndGroupsMustBeEquallyMany() =>
        Assert.Throws<ArgumentException>(() => BoxText.Fill("a <boxes> b <boxes>", [[new TextBox(0, 0, 1, 1)]]));
}
