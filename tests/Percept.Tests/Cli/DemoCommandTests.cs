using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Percept.Cli;
using Percept.Media;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary><c>percept demo</c>, and how it shows pictures.</summary>
public sealed partial class DemoCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AModelIsAskedAboutThePicturesThatAreHere()
    {
        CommandRun run = CommandRun.Of("demo", CommandRun.TinyLlava, "--pictures", "blocks", "--boxes", _folder.File("boxes.png"));
        Assert.Equal((0, ""), (run.Code, run.Error));
        Match end = Right().Match(run.Output);
        Assert.True(int.Parse(end.Groups[2].Value, CultureInfo.InvariantCulture) >= 8);
        Assert.Contains("▀", run.Output, StringComparison.Ordinal);
        Assert.Contains("What to try next", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutATerminalPicturesAreNamed()
    {
        CommandRun run = CommandRun.Of("demo", CommandRun.TinyLlava, "--boxes", _folder.File("boxes.png"));
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.DoesNotContain("\e", run.Output, StringComparison.Ordinal);
        Assert.Contains(".png", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void OneJsonDocumentHasEveryAnswer()
    {
        CommandRun run = CommandRun.Of("demo", CommandRun.TinyLlava, "--json", "--boxes", _folder.File("boxes.png"));
        Assert.Equal((0, ""), (run.Code, run.Error));
        JsonElement[] questions = [.. run.Json.GetProperty("questions").EnumerateArray()];
        Assert.True(questions.Length >= 8);
        Assert.All(questions, question =>
        {
            Assert.All(question.GetProperty("pictures").EnumerateArray(), picture => Assert.True(File.Exists(picture.GetString())));
            Assert.NotEqual("", question.GetProperty("known").GetString());
            Assert.True(question.GetProperty("report").GetProperty("usage").GetProperty("media_tokens").GetInt32() > 0);
        });
        Assert.Equal(questions.Count(question => question.GetProperty("right").GetBoolean()), run.Json.GetProperty("right").GetInt32());
        Assert.True(run.Json.GetProperty("parameters").GetInt64() > 1000);
        Assert.Equal(File.Exists(_folder.File("boxes.png")), run.Json.GetProperty("boxes").ValueKind == JsonValueKind.String);
    }

    [Fact]
    public void APlaceForTheBoxesThatIsNotThereIsRefusedBeforeTheQuestions()
    {
        CommandRun run = CommandRun.Of("demo", CommandRun.TinyLlava, "--boxes", _folder.File("none/boxes.png"));
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("none", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAnswerIsRightByItsWordsOrByItsBox()
    {
        var picture = new Image(100, 100, PixelFormat.Rgb);
        Assert.True(DemoRun.Fits(new DemoQuestion([], "q", "two"), " two ", picture));
        Assert.False(DemoRun.Fits(new DemoQuestion([], "q", "two"), "three", picture));
        Assert.True(DemoRun.Fits(new DemoQuestion([], "q", "[10,10,50,50]"), "[12,11,52,49]", picture));
        Assert.False(DemoRun.Fits(new DemoQuestion([], "q", "[10,10,50,50]"), "[40,40,80,80]", picture));
        Assert.Null(BoxPicture.Draw(picture, "two"));
        Image drawn = BoxPicture.Draw(picture, "[25,25,75,75]")!;
        Assert.Equal((400, 400), (drawn.Width, drawn.Height));
        Assert.Contains(drawn.Pixels.ToArray(), value => value != 0);
    }

    [Fact]
    public void HalfBlocksHaveTheColoursOfThePicture()
    {
        var picture = new Image(2, 2, PixelFormat.Rgb);
        ((ReadOnlySpan<byte>)[255, 0, 0, 0, 255, 0]).CopyTo(picture.Row(0));
        ((ReadOnlySpan<byte>)[0, 0, 255, 9, 8, 7]).CopyTo(picture.Row(1));
        Assert.Equal(["  \e[38;2;255;0;0;48;2;0;0;255m▀\e[38;2;0;255;0;48;2;9;8;7m▀\e[0m"], HalfBlocks.Lines([picture], 2));
        Assert.Equal(2, HalfBlocks.Lines([new Image(8, 4, PixelFormat.Rgb), new Image(4, 4, PixelFormat.Rgb)], 4).Count);
    }

    [Fact]
    public void SixelDrawsThePicture()
    {
        // Colours of the cube, so that nothing is lost.
        var picture = new Image(23, 14, PixelFormat.Rgb);
        var random = new Random(4);
        for (int i = 0; i < picture.Pixels.Length; i++)
        {
            picture.Pixels[i] = (byte)(51 * random.Next(6));
        }

        picture.Row(3).Fill(51);
        Assert.Equal(picture.Pixels.ToArray(), Drawn(SixelText.Of(picture), 23, 14));
    }

    /// <summary>What a terminal draws of Sixel.</summary>
    private static byte[] Drawn(string text, int width, int height)
    {
        Assert.StartsWith($"\ePq\"1;1;{width};{height}", text, StringComparison.Ordinal);
        Assert.EndsWith("\e\\", text, StringComparison.Ordinal);
        byte[] pixels = new byte[3 * width * height];
        var colors = new Dictionary<int, byte[]>();
        int x = 0, top = 0, color = 0;
        foreach (Match match in Sixels().Matches(text[text.IndexOf('#', StringComparison.Ordinal)..^2]))
        {
            if (match.Groups[1].Success)
            {
                int[] numbers = [.. match.Groups[2].Value.Split(';').Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
                color = numbers[0];
                if (numbers.Length > 1)
                {
                    colors[color] = [.. numbers[2..].Select(percent => (byte)(percent * 255 / 100))];
                }
            }
            else if (match.Groups[3].Success)
            {
                (x, top) = (0, match.Value == "-" ? top + 6 : top);
            }
            else
            {
                int bits = match.Groups[6].Value[0] - '?', end = x + (match.Groups[5].Length > 0 ? int.Parse(match.Groups[5].Value, CultureInfo.InvariantCulture) : 1);
                for (; x < end; x++)
                {
                    for (int row = 0; row < 6; row++)
                    {
                        if ((bits & (1 << row)) != 0)
                        {
                            colors[color].CopyTo(pixels, 3 * (((top + row) * width) + x));
                        }
                    }
                }
            }
        }

        return pixels;
    }

    // A colour with its numbers, a move, or a column with how often it comes.
    [GeneratedRegex("(#)([0-9;]+)|([$-])|(!?)([0-9]*)([?-~])")]
    private static partial Regex Sixels();

    [GeneratedRegex("([0-9]+) of ([0-9]+) answers are right")]
    private static partial Regex Right();
}
