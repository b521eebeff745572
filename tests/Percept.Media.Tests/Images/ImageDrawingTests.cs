using Xunit;

namespace Percept.Media.Tests.Images;

/// <summary>Drawing on pictures: what is covered, what is cut off, what is blended, what is refused.</summary>
public class ImageDrawingTests
{
    private static readonly ImageColor s_white = new(255, 255, 255);

    [Fact]
    public void AnOutlineCoversItsSidesAndLeavesTheMiddle()
    {
        var image = new Image(8, 6, PixelFormat.Rgb);
        new ImageDrawing(image).Rectangle(new ImageBox(1, 1, 7, 5), s_white, 1);
        Assert.Equal(["........", ".######.", ".#....#.", ".#....#.", ".######.", "........"], Show(image));
    }

    [Fact]
    public void WhatLiesOutsideIsCutOff()
    {
        var image = new Image(6, 4, PixelFormat.Rgb);
        var drawing = new ImageDrawing(image);
        drawing.FillRectangle(new ImageBox(4, -3, 1e12, 2), s_white);
        drawing.Rectangle(new ImageBox(-1e12, 3, -2, 9), s_white);
        drawing.Rectangle(new ImageBox(3, 3, 1, 1), s_white);
        drawing.Text("WWW", -40, 20, s_white, 3);
        drawing.Line(-5, 50, 70, 90, s_white);
        Assert.Equal(["....##", "....##", "......", "......"], Show(image));
    }

    [Fact]
    public void ColorsAreBlendedOnce()
    {
        var image = new Image(7, 7, PixelFormat.Rgb);
        image.Fill([100, 100, 100]);
        new ImageDrawing(image).Rectangle(new ImageBox(0, 0, 7, 7), new ImageColor(200, 200, 200, 128), 3);
        Assert.Equal(2, image.Pixels.ToArray().Distinct().Count());
        Assert.Equal(150, image.Pixels[0]);
        Assert.Equal(100, image.Row(3)[3 * 3]);
        new ImageDrawing(image).Rectangle(new ImageBox(3, 3, 4, 4), new ImageColor(200, 200, 200, 128), 3);
        Assert.Equal(150, image.Row(3)[3 * 3]);
    }

    [Fact]
    public void TransparentPicturesBecomeOpaqueWhereTheyAreDrawnOn()
    {
        var image = new Image(2, 1, PixelFormat.Rgba);
        new ImageDrawing(image).FillRectangle(new ImageBox(0, 0, 1, 1), new ImageColor(10, 20, 30));
        Assert.Equal([10, 20, 30, 255, 0, 0, 0, 0], image.Pixels.ToArray());
    }

    [Fact]
    public void ALineJoinsItsEnds()
    {
        var image = new Image(5, 5, PixelFormat.Rgb);
        new ImageDrawing(image).Line(0.5, 0.5, 4.5, 4.5, s_white, 1);
        Assert.Equal(["#....", ".#...", "..#..", "...#.", "....#"], Show(image));
    }

    [Fact]
    public void APointIsRound()
    {
        var image = new Image(5, 5, PixelFormat.Rgb);
        new ImageDrawing(image).Point(2.5, 2.5, s_white, 2.3);
        Assert.Equal([".###.", "#####", "#####", "#####", ".###."], Show(image));
    }

    [Fact]
    public void LettersLookLikeLetters()
    {
        var image = new Image(12, 12, PixelFormat.Rgb);
        new ImageDrawing(image).Text("Ág", 0, 0, s_white);
        Assert.Equal(
            [
                "...#........", "..#.........", "............",
                ".###........", "#...#.......", "#...#..####.", "#####.#...#.", "#...#.#...#.", "#...#.#...#.", "#...#..####.",
                "..........#.", ".......###..",
            ],
            Show(image));
    }

    [Fact]
    public void EveryLetterOfLatin1IsShown()
    {
        const string Letters = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ";
        var seen = new HashSet<string>();
        foreach (char letter in Letters.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(i => (char)i)))
        {
            Assert.True(seen.Add(Letter(letter.ToString())), $"'{letter}' looks like another letter");
        }

        Assert.Equal(Letter("漢"), Letter("か"));
        Assert.DoesNotContain(Letter("漢"), seen);
    }

    [Fact]
    public void TextTakesWhatItsMeasureSays()
    {
        Assert.Equal((18, 12), ImageDrawing.Measure("abc"));
        Assert.Equal((24, 24), ImageDrawing.Measure("a😀", 2));
    }

    [Fact]
    public void ATagStandsAboveItsBoxOrInside()
    {
        var image = new Image(60, 40, PixelFormat.Rgb);
        new ImageDrawing(image).LabeledBox(new ImageBox(2, 20, 50, 38), "x", new ImageColor(255, 0, 0), 1);
        Assert.Equal(255, image.Row(10)[3 * 3]);
        Assert.Equal(0, image.Row(7)[3 * 3]);
        var high = new Image(60, 40, PixelFormat.Rgb);
        new ImageDrawing(high).LabeledBox(new ImageBox(2, 3, 50, 38), "x", new ImageColor(255, 0, 0), 1);
        Assert.Equal(0, high.Row(1)[3 * 3]);
        Assert.Equal(255, high.Row(12)[3 * 3]);
    }

    [Fact]
    public void WrongArgumentsAreRefused()
    {
        Assert.Throws<NotSupportedException>(() => new ImageDrawing(new Image(1, 1, PixelFormat.Gray)));
        var drawing = new ImageDrawing(new Image(4, 4, PixelFormat.Rgb));
        Assert.Throws<ArgumentOutOfRangeException>(() => drawing.Rectangle(default, s_white, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => drawing.Line(0, 0, double.NaN, 0, s_white));
        Assert.Throws<ArgumentOutOfRangeException>(() => drawing.Point(0, 0, s_white, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => drawing.Text("a", 0, 0, s_white, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageColor.OfSeries(-1));
    }

    private static string Letter(string text)
    {
        var image = new Image(6, 12, PixelFormat.Rgb);
        new ImageDrawing(image).Text(text, 0, 0, s_white);
        return string.Concat(Show(image));
    }

    private static string[] Show(Image image) =>
    [
        .. Enumerable.Range(0, image.Height).Select(y => string.Concat(
            Enumerable.Range(0, image.Width).Select(x => image.Row(y)[3 * x] > 0 ? '#' : '.'))),
    ];
}
