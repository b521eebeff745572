using Percept.Media;
using Xunit;

namespace Percept.Media.Tests.Images;

public class SmoothDrawingTests
{
    private static readonly ImageColor s_white = new(255, 255, 255);

    [Fact]
    public void ABoxOnWholePixelsIsTheFilledRectangle()
    {
        Image one = Black(20, 16), other = Black(20, 16);
        new ImageDrawing(one).FillPolygon([new(3, 2), new(11, 2), new(11, 9), new(3, 9)], s_white);
        new ImageDrawing(other).FillRectangle(new ImageBox(3, 2, 11, 9), s_white);
        Assert.Equal(other.Pixels.ToArray(), one.Pixels.ToArray());
    }

    [Fact]
    public void AQuarterOfAPixelIsAQuarterOfTheColour()
    {
        Image image = Black(4, 4);
        new ImageDrawing(image).FillPolygon([new(1, 1), new(1.5, 1), new(1.5, 1.5), new(1, 1.5)], s_white);
        Assert.InRange(image.Row(1)[3], 63, 64);
        Assert.Equal(0, image.Row(2)[3]);
    }

    [Fact]
    public void AreasAreThoseOfGeometry()
    {
        var random = new Random(2);
        for (int i = 0; i < 40; i++)
        {
            double x = random.Next(20, 40) + random.NextDouble(), y = random.Next(20, 40) + random.NextDouble(), r = 5 + (12 * random.NextDouble());
            Image disc = Black(64, 64), line = Black(64, 64);
            new ImageDrawing(disc).FillEllipse(new ImageBox(x - r, y - (r / 2), x + r, y + (r / 2)), s_white);
            Assert.Equal(Math.PI * r * r / 2, Sum(disc), 0.03 * r * r);
            new ImageDrawing(line).Strokes([[new(x - 9, y), new(x + 9, y + 4)]], 4, s_white);
            Assert.Equal((4 * Math.Sqrt(340)) + (4 * Math.PI), Sum(line), 4.0);
        }
    }

    [Fact]
    public void CrossingStrokesCoverOnce()
    {
        Image image = Black(32, 32);
        new ImageDrawing(image).Strokes([[new(4, 16), new(28, 16)], [new(16, 4), new(16, 28)]], 4, s_white.WithAlpha(100));
        Assert.Equal(image.Row(16)[3 * 8], image.Row(16)[3 * 16]);
        Assert.InRange(image.Row(16)[3 * 16], 99, 101);
    }

    [Fact]
    public void WhatLiesOutsideIsCutOff()
    {
        foreach (PixelFormat format in (PixelFormat[])[PixelFormat.Rgb, PixelFormat.Rgba])
        {
            var image = new Image(8, 8, format);
            var drawing = new ImageDrawing(image);
            drawing.FillPolygon([new(-100, -100), new(1e6, -50), new(3, 1e6)], s_white);
            drawing.FillEllipse(new ImageBox(-500, -500, 500, 500), s_white);
            drawing.FillEllipse(new ImageBox(20, 20, 30, 30), s_white);
            drawing.Strokes([[new(-50, 4), new(90, 4)], [new(70, 70)]], 3, s_white);
            Assert.Equal(255, image.Row(4)[0]);
        }
    }

    [Fact]
    public void PlacesMustBeNumbersInReach()
    {
        var drawing = new ImageDrawing(Black(8, 8));
        Assert.Throws<ArgumentException>(() => drawing.FillPolygon([new(0, 0), new(1, 1)], s_white));
        Assert.Throws<ArgumentException>(() => drawing.FillPolygon([new(0, 0), new(1, 1), new(double.NaN, 1)], s_white));
        Assert.Throws<ArgumentException>(() => drawing.Strokes([[new(0, double.PositiveInfinity)]], 2, s_white));
        Assert.Throws<ArgumentOutOfRangeException>(() => drawing.Strokes([], 0, s_white));
        drawing.Strokes([[]], 1, s_white);
    }

    private static Image Black(int width, int height) => new(width, height, PixelFormat.Rgb);

    private static double Sum(Image image)
    {
        long sum = 0;
        for (int i = 0; i < image.Pixels.Length; i += 3)
        {
            sum += image.Pixels[i];
        }

        return sum / 255.0;
    }
}
