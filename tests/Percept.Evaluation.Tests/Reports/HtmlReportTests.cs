using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Percept.Reports;
using Xunit;

namespace Percept.Evaluation.Tests;

public sealed partial class HtmlReportTests
{
    private static readonly byte[] s_png = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==");

    [Fact]
    public void NothingGivenBecomesMarkup()
    {
        const string evil = "<script>alert('1 & \"2\"')</script>\u0000\uD800\u001B[31m";
        string html = Everything(evil).ToHtml();
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0000', html);
        Assert.DoesNotContain('\u001B', html);
        Assert.DoesNotContain('\uD800', html);
        Assert.Contains(
            "&lt;script&gt;alert(&#39;1 &amp; &quot;2&quot;&#39;)&lt;/script&gt;\uFFFD\uFFFD\uFFFD[31m", html, StringComparison.Ordinal);
        Parse(html);
    }

    [Fact]
    public void PageNeedsNothingFromOutside()
    {
        string html = Everything("plain").ToHtml();
        Assert.All(References().Matches(html), match => Assert.StartsWith("data:image/png;base64,", match.Groups[1].Value));
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", html, StringComparison.Ordinal);
        Assert.Contains(Convert.ToBase64String(s_png), html, StringComparison.Ordinal);
    }

    [Fact]
    public void SameBytesWhateverTheMachinesLanguage()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            string invariant = Everything("text").ToHtml();
            foreach (string name in new[] { "de-DE", "ar-SA", "fr-FR" })
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(name);
                Assert.Equal(invariant, Everything("text").ToHtml());
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void StreamTakesUtf8WithoutMark()
    {
        using var stream = new MemoryStream();
        HtmlReport report = new HtmlReport("Größe 視覚").Paragraph("🙂");
        report.Write(stream);
        Assert.Equal(Encoding.UTF8.GetBytes(report.ToHtml()), stream.ToArray());
        Assert.Equal((byte)'<', stream.ToArray()[0]);
        Assert.Contains("🙂", report.ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public void RowsOfAnotherLengthAndOtherPicturesAreRefused()
    {
        var table = new ReportTable(new ReportColumn("a"), new ReportColumn("b", Numeric: true));
        ArgumentException error = Assert.Throws<ArgumentException>(() => table.Add("only"));
        Assert.Contains("1 cells and the table 2 columns", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ReportPicture("GIF89a"u8.ToArray(), "moving"));
        Assert.Equal((1, 1), (new ReportPicture(s_png, "dot").Width, new ReportPicture(s_png, "dot").Height));
    }

    [Fact]
    public void NumbersAreAlignedAndRefreshIsOnlyWhereAsked()
    {
        string html = new HtmlReport("t", refreshSeconds: 5)
            .Table(new ReportTable(new ReportColumn("name"), new ReportColumn("score", Numeric: true)).Add("x", "1.5")).ToHtml();
        Assert.Contains("<td>x</td><td class=\"n\">1.5</td>", html, StringComparison.Ordinal);
        Assert.Contains("http-equiv=\"refresh\" content=\"5\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("refresh", new HtmlReport("t").ToHtml(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1234567.0, "1.235e6")]
    [InlineData(0.00001234, "1.234e-5")]
    [InlineData(1e-12, "1e-12")]
    [InlineData(3.0, "3")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.NegativeInfinity, "−∞")]
    public void ShortNumbers(double value, string text) => Assert.Equal(text, ReportNumber.Short(value));

    [Fact]
    public void OtherNumbers()
    {
        Assert.Equal("12.5 %", ReportNumber.Percent(0.125));
        Assert.Equal("1.00", ReportNumber.Fixed(1));
        Assert.Equal("1\u00A0234\u00A0567", ReportNumber.Count(1234567));
    }

    private static HtmlReport Everything(string text) => new HtmlReport(text)
        .Progress(new ReportProgress(text, 3, 8) { Side = text })
        .Heading(text).Heading(text, 3).Paragraph(text).Code(text)
        .Facts([KeyValuePair.Create(text, text)])
        .Table(new ReportTable(new ReportColumn(text), new ReportColumn(text, true)) { Caption = text }.Add(text, "1.5"))
        .Chart(new LineChart
        {
            Title = text, XLabel = text, YLabel = text,
            Series = [new LineSeries(text, [0.5, 1.5, 2.5], [1.25, 2.5, 0.125]) { Smoothing = 0.5 }],
        })
        .Chart(new BarChart { Title = text, ValueLabel = text, Bars = [new Bar(text, 0.75) { Low = 0.5, High = 0.9, Text = text }] })
        .Section(text, part => part.Pictures(new ReportPictureRow
        {
            Title = text, Pictures = [new ReportPicture(s_png, text)], Texts = [KeyValuePair.Create(text, text)],
        }));

    /// <summary>The page as XML: void elements are closed first, so that what is left must balance.</summary>
    private static XDocument Parse(string html) => XDocument.Parse(
        VoidElements().Replace(html.Replace("<!DOCTYPE html>\n", string.Empty), match => match.Value[..^1] + "/>")
            .Replace("<details open>", "<details>"));

    [GeneratedRegex("<(meta|img)[^>]*>")]
    private static partial Regex VoidElements();

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex References();
}
