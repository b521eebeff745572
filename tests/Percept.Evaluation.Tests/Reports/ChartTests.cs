using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Percept.Reports;
using Xunit;

namespace Percept.Evaluation.Tests;

public sealed partial class ChartTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void LineGoesFromTheAxisStartToItsEnd()
    {
        XDocument svg = Draw(new LineChart { Title = "t", Series = [new LineSeries("a", [0, 1, 2], [0, 5, 10])] });
        (double X, double Y)[] points = Points(Path(svg, "line"));
        Assert.Equal(3, points.Length);
        Assert.Equal(744, points[2].X, 0.11);
        Assert.Equal((points[0].X + points[2].X) / 2, points[1].X, 0.11);
        Assert.Equal((points[0].Y + points[2].Y) / 2, points[1].Y, 0.11);
        Assert.True(points[0].Y > points[2].Y);
        Assert.Equal(["0", "2", "4", "6", "8", "10"], YLabels(svg));
    }

    [Fact]
    public void WhatIsNoNumberLeavesAGap()
    {
        XDocument svg = Draw(new LineChart
        {
            Title = "t",
            Series = [new LineSeries("a", [0, 1, 2, 3, 4], [1, 2, double.NaN, 3, double.PositiveInfinity])],
        });
        Assert.Equal(2, Path(svg, "line").Count(c => c == 'M'));
        Assert.Equal(3, Points(Path(svg, "line")).Length);
        Assert.Equal(3, svg.Descendants(s_svg + "circle").Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OnePointIsSeen(bool log)
    {
        XDocument svg = Draw(new LineChart { Title = "t", LogY = log, Series = [new LineSeries("a", [7], [0.25])] });
        XElement dot = Assert.Single(svg.Descendants(s_svg + "circle"));
        Assert.InRange(Number(dot, "cx"), 40, 744);
        Assert.InRange(Number(dot, "cy"), 36, 276);
        Assert.Equal("a: 7, 0.25", dot.Element(s_svg + "title")!.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NoPointIsSaid(bool log)
    {
        XDocument svg = Draw(new LineChart
        {
            Title = "t", LogY = log, Series = [new LineSeries("a", [0, 1], [double.NaN, double.NaN]), new LineSeries("b", [], [])],
        });
        Assert.Contains(svg.Descendants(s_svg + "text"), text => text.Value == "no points yet");
    }

    [Fact]
    public void PowersOfTenStandAtEqualDistances()
    {
        XDocument svg = Draw(new LineChart { Title = "t", LogY = true, Series = [new LineSeries("a", [0, 1, 2], [1e-4, 1e-2, 1])] });
        (double X, double Y)[] points = Points(Path(svg, "line"));
        Assert.Equal(points[0].Y - points[1].Y, points[1].Y - points[2].Y, 0.21);
        Assert.Equal(["0.0001", "0.001", "0.01", "0.1", "1"], YLabels(svg));
        XDocument positive = Draw(new LineChart { Title = "t", LogY = true, Series = [new LineSeries("a", [0, 1, 2], [1, 0, -1])] });
        Assert.Single(Points(Path(positive, "line")));
    }

    [Fact]
    public void SmoothingBeginsAtTheFirstValueAndFollows()
    {
        double[] smooth = new LineSeries("a", [0, 1, 2, 3], [4, 4, double.NaN, 8]) { Smoothing = 0.5 }.Smooth();
        Assert.Equal(4, smooth[0], 1e-12);
        Assert.Equal(4, smooth[1], 1e-12);
        Assert.Equal(double.NaN, smooth[2]);
        // Weights 1, 2, 4 of the three values.
        Assert.Equal((4 + 8 + 32) / 7.0, smooth[3], 1e-12);
    }

    [Fact]
    public void ManyPointsKeepTheirPeaksInFewBytes()
    {
        double[] x = [.. Enumerable.Range(0, 200_000).Select(i => (double)i)];
        double[] y = [.. x.Select(i => i == 123_456 ? 50 : Math.Sin(i))];
        XDocument svg = Draw(new LineChart { Title = "t", Series = [new LineSeries("a", x, y)] });
        (double X, double Y)[] points = Points(Path(svg, "line"));
        Assert.InRange(points.Length, 1000, 4000);
        double top = points.Min(point => point.Y);
        Assert.Equal(1, points.Count(point => point.Y < top + 20));
        Assert.Empty(svg.Descendants(s_svg + "circle"));
    }

    [Theory]
    [InlineData(0, 1, "0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0, 250_000, "0 50k 100k 150k 200k 250k")]
    [InlineData(-3, 4, "-4 -2 0 2 4")]
    [InlineData(0, 4_000_000, "0 1M 2M 3M 4M")]
    [InlineData(0.0001, 0.0004, "0.0001 0.00015 0.0002 0.00025 0.0003 0.00035 0.0004")]
    [InlineData(1e9, 1e9, "9e8 9.5e8 1e9 1.05e9 1.1e9")]
    public void MarksAreRound(double low, double high, string labels)
    {
        AxisScaleLabels(low, high, out string[] found);
        Assert.Equal(labels, string.Join(' ', found));
    }

    [Theory]
    [InlineData(1e16, 1e16 + 2)]
    [InlineData(-1e99, 1e99)]
    [InlineData(double.Epsilon, double.Epsilon)]
    [InlineData(0, double.Epsilon)]
    [InlineData(1e300, -1e300)]
    public void ExtremeValuesAreDrawnOrLeftOut(double low, double high)
    {
        foreach (bool log in new[] { false, true })
        {
            string svg = new LineChart { Title = "t", LogY = log, Series = [new LineSeries("a", [low, high], [low, high])] }.ToSvg();
            Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
            Assert.DoesNotContain("∞", svg, StringComparison.Ordinal);
            Assert.InRange(svg.Length, 100, 20_000);
        }
    }

    [Fact]
    public void BarsBeginAtZeroAndShowIntervals()
    {
        XDocument svg = Draw(new BarChart
        {
            Title = "t", Full = 1,
            Bars = [new Bar("a", 0.5) { Low = 0.4, High = 0.6 }, new Bar("b", 1), new Bar("c", double.NaN), new Bar("d", -0.5)],
        });
        XElement[] bars = [.. svg.Descendants(s_svg + "rect")];
        Assert.Equal(3, bars.Length);
        Assert.Equal(Number(bars[1], "width") / 2, Number(bars[0], "width"), 0.11);
        Assert.Equal(Number(bars[0], "x"), Number(bars[2], "x") + Number(bars[2], "width"), 0.11);
        Assert.Single(svg.Descendants(s_svg + "path"));
        Assert.Contains(svg.Descendants(s_svg + "text"), text => text.Value == "–");
    }

    [Fact]
    public void UnequalLengthsAndSmoothingOfOneAreRefused()
    {
        ArgumentException length = Assert.Throws<ArgumentException>(
            () => new LineChart { Title = "t", Series = [new LineSeries("loss", [1, 2], [1])] }.ToSvg());
        Assert.Contains("'loss' has 2 places and 1 values", length.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(
            () => new LineChart { Title = "t", Series = [new LineSeries("loss", [1], [1]) { Smoothing = 1 }] }.ToSvg());
    }

    private static void AxisScaleLabels(double low, double high, out string[] labels) => labels = YLabels(
        Draw(new LineChart { Title = "t", Series = [new LineSeries("a", [0, 1], [low, high])] }));

    private static XDocument Draw(LineChart chart) => XDocument.Parse(chart.ToSvg());

    private static XDocument Draw(BarChart chart) => XDocument.Parse(chart.ToSvg());

    private static string Path(XDocument svg, string kind) => svg.Descendants(s_svg + "path")
        .Single(path => path.Attribute("class")!.Value == kind).Attribute("d")!.Value;

    private static string[] YLabels(XDocument svg) =>
    [
        .. svg.Descendants(s_svg + "text")
            .Where(text => text.Attribute("class")?.Value == "tick" && text.Attribute("text-anchor")!.Value == "end")
            .Select(text => text.Value),
    ];

    private static (double X, double Y)[] Points(string path) =>
    [
        .. Place().Matches(path).Select(match => (
            double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
            double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))),
    ];

    private static double Number(XElement element, string name) =>
        double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"[ML](-?[\d.]+) (-?[\d.]+)")]
    private static partial Regex Place();
}
