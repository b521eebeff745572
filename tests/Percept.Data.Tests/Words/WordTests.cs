using Percept.Media;
using Xunit;

namespace Percept.Data.Tests.Words;

public class WordTests
{
    [Fact]
    public void EveryLetterLooksDifferent()
    {
        var seen = new Dictionary<string, char>();
        foreach (char letter in StrokeFont.Letters)
        {
            string pixels = Convert.ToHexString(Picture(letter.ToString()).Draw().Pixels);
            Assert.True(seen.TryAdd(pixels, letter), $"{letter} looks like {seen.GetValueOrDefault(pixels)}");
        }

        Assert.Throws<ArgumentException>(() => Picture("ß").Draw());
    }

    [Theory]
    [InlineData(1, 128)]
    [InlineData(3, 100)]
    [InlineData(5, 100)]
    [InlineData(4, 100, 4)]
    [InlineData(1, 64, 3)]
    public void TextsLieInThePictureAndStandOut(int lines, int side, int columns = 1)
    {
        var data = new WordDataset(3, 600, new WordOptions { Lines = lines, Columns = columns, Side = side });
        for (int i = 0; i < data.Count; i++)
        {
            (WordPicture picture, string question) = data.At(i);
            Assert.EndsWith(question.StartsWith("Read", StringComparison.Ordinal) ? "." : "?", question, StringComparison.Ordinal);
            Image plain = (picture with { Paint = new(255, 255, 255), GroundFrom = default, GroundTo = default }).Draw();
            int border = 0, inside = 0;
            for (int y = 0; y < plain.Height; y++)
            {
                for (int x = 0; x < plain.Width; x++)
                {
                    bool lit = plain.Row(y)[3 * x] > 128;
                    inside += lit ? 1 : 0;
                    border += lit && (x == 0 || y == 0 || x == plain.Width - 1 || y == plain.Height - 1) ? 1 : 0;
                }
            }

            Assert.True(border == 0, $"{picture} leaves the picture");
            Assert.True(inside > 8 * Math.Min(2, picture.Text.Length), $"{picture} shows {inside} pixels");
        }
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(5, 5)]
    [InlineData(2, 4)]
    public void LinesDoNotMeet(int lines, int columns)
    {
        var data = new WordDataset(4, 200, new WordOptions { Lines = lines, Columns = columns, Side = 100 });
        for (int i = 0; i < data.Count; i++)
        {
            WordPicture picture = data.At(i).Picture with { Paint = new(255, 255, 255), GroundFrom = default, GroundTo = default };
            int[] lit = new int[100 * 100];
            foreach (WordLine line in picture.Lines)
            {
                Image alone = (picture with { Lines = [line] }).Draw();
                for (int p = 0; p < lit.Length; p++)
                {
                    lit[p] += alone.Pixels[3 * p] > 64 ? 1 : 0;
                }
            }

            Assert.True(lit.Max() == 1, $"lines of sample {i} meet: {picture.Text}");
        }
    }

    [Fact]
    public void LinesAreReadFromTopToBottom()
    {
        var data = new WordDataset(5, 30, new WordOptions { Lines = 4, Side = 100, Questions = 2 });
        for (int i = 0; i < data.Count; i++)
        {
            WordPicture picture = data.At(i).Picture;
            Assert.Equal(4, picture.Lines.Count);
            Assert.Equal(picture.Lines.OrderBy(line => line.Y), picture.Lines);
            IReadOnlyList<DataMessage> messages = data[i].Messages;
            Assert.Contains("lines", messages[0].Text, StringComparison.Ordinal);
            Assert.Equal(picture.Lines.Select(line => line.Text), messages[1].Text.Split('\n'));
            Assert.Equal("Spell the lines.", messages[2].Text);
            Assert.Equal(messages[1].Text, messages[3].Text.Replace(" ", "", StringComparison.Ordinal));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedDatasets.Open("generated:words?lines=6"));
    }

    [Fact]
    public void StringsHavePairsThatNoWordHas()
    {
        static HashSet<string> Pairs(string settings)
        {
            var data = (WordDataset)GeneratedDatasets.Open("generated:words?seed=5&count=4000" + settings);
            IEnumerable<string> words = Enumerable.Range(0, data.Count).Select(i => data.At(i).Picture.Text.ToLowerInvariant()).Where(text => char.IsLetter(text[0]));
            return [.. words.SelectMany(word => Enumerable.Range(0, word.Length - 1).Select(k => word[k..(k + 2)]))];
        }

        Assert.InRange(Pairs("").Count, 250, 420);
        Assert.InRange(Pairs("&strings=50").Count, 600, 676);
        Assert.Equal(676, Pairs("&strings=100").Count);

        // Another text is another sample: what is kept of one by its name must not be taken for the other's.
        string Name(string settings) => GeneratedDatasets.Open("generated:words?seed=5&count=1" + settings)[0].Id;
        Assert.Equal(3, new[] { "", "&strings=50", "&strings=100" }.Select(Name).Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedDatasets.Open("generated:words?strings=101"));
        Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedDatasets.Open("generated:words?strings=10&columns=3"));
    }

    [Fact]
    public void LettersInFieldsAreReadRowByRow()
    {
        IDataset data = GeneratedDatasets.Open("generated:words?seed=5&count=300&lines=3&columns=4&side=100&questions=2");
        var seen = new HashSet<char>();
        for (int i = 0; i < data.Count; i++)
        {
            WordPicture picture = ((WordDataset)data).At(i).Picture;
            Assert.Equal(12, picture.Lines.Count);
            for (int k = 0; k < 12; k++)
            {
                Assert.Equal((k / 4, k % 4), ((int)(picture.Lines[k].Y / (100.0 / 3)), (int)(picture.Lines[k].X / 25)));
            }

            IReadOnlyList<DataMessage> messages = data[i].Messages;
            Assert.Contains("row by row", messages[0].Text, StringComparison.Ordinal);
            Assert.Equal(string.Concat(picture.Lines.Select(line => line.Text)), messages[1].Text.Replace("\n", "", StringComparison.Ordinal));
            Assert.All(messages[1].Text.Split('\n'), row => Assert.Equal(4, row.Length));
            Assert.Equal(messages[1].Text, messages[3].Text.Replace(" ", "", StringComparison.Ordinal));
            seen.UnionWith(messages[1].Text);
        }

        Assert.Equal(63, seen.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedDatasets.Open("generated:words?columns=6"));
    }

    [Fact]
    public void WordsKeptForMeasuringAreNotTrainedOn()
    {
        HashSet<string> Common(SceneSplit split)
        {
            var random = new GeneratorRandom(1, "words", 0);
            return [.. Enumerable.Range(0, 4000).Select(_ => WordList.Common(random, split))];
        }

        Assert.Empty(Common(SceneSplit.Train).Intersect(Common(SceneSplit.Test)));
        Assert.InRange(Common(SceneSplit.Test).Count, 60, 90);
    }

    [Fact]
    public void WithTwoQuestionsATextIsAlsoSpelled()
    {
        IDataset once = GeneratedDatasets.Open("generated:words?seed=8&count=20"), twice = GeneratedDatasets.Open("generated:words?seed=8&count=20&questions=2");
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(once[i].Messages.Select(m => m.Text), twice[i].Messages.Take(2).Select(m => m.Text));
            Assert.Equal("Spell the text.", twice[i].Messages[2].Text);
            Assert.Equal(once[i].Messages[1].Text, twice[i].Messages[3].Text.Replace(" ", "", StringComparison.Ordinal));
            Assert.Equal((2 * once[i].Messages[1].Text.Length) - 1, twice[i].Messages[3].Text.Length);
            Assert.True(twice[i].TurnsApart);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedDatasets.Open("generated:words?questions=3"));
    }

    [Fact]
    public void DatasetsAreOpenedByName()
    {
        foreach ((string name, string _) in GeneratedDatasets.Known)
        {
            bool hasSide = !name.EndsWith("nlvr-like", StringComparison.Ordinal), hasThings = name.StartsWith("generated:scenes", StringComparison.Ordinal);
            IDataset data = GeneratedDatasets.Open(name + "?seed=3&count=20&split=test" + (hasSide ? "&side=96" : "") + (hasThings ? "&things=5" : ""));
            Assert.Equal(20, data.Count);
            for (int i = 0; i < data.Count; i++)
            {
                DatasetSample sample = data[i];
                Assert.NotEmpty(sample.Messages);
                Assert.All(sample.Media, m => Assert.Equal(hasSide ? 96 : 100, m.LoadImage().Height));
            }
        }

        Assert.Contains("generated:words", Assert.Throws<ArgumentException>(() => GeneratedDatasets.Open("generated:word")).Message, StringComparison.Ordinal);
        Assert.Contains("'sede'", Assert.Throws<ArgumentException>(() => GeneratedDatasets.Open("generated:words?sede=1")).Message, StringComparison.Ordinal);
        foreach (string none in (string[])["nlvr-like?side=200", "words?statements=8", "scenes?apart=1", "scenes-preferences?questions=8", "scenes-vqa?lines=2",
            "scenes-pictures?questions=2", "scenes-dialogue?questions=2", "scenes-map?questions=2", "scenes-index?questions=2"])
        {
            string message = Assert.Throws<ArgumentException>(() => GeneratedDatasets.Open("generated:" + none)).Message;
            Assert.Contains($"'{none.Split('?', '=')[1]}'", message, StringComparison.Ordinal);
            Assert.Contains("settings are seed, count, split", message, StringComparison.Ordinal);
        }

        string range = Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedDatasets.Open("generated:scenes?things=99")).Message;
        Assert.Contains("'things'", range, StringComparison.Ordinal);
        Assert.Contains("it must be less than or equal to '7'", range, StringComparison.Ordinal);
        Assert.Contains("validation", Assert.Throws<ArgumentException>(() => GeneratedDatasets.Open("nlvr:x?split=7")).Message, StringComparison.Ordinal);
        Assert.Contains("held-out", Assert.Throws<ArgumentException>(() => GeneratedDatasets.Open("generated:words?split=x")).Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "there are train, validation, test. (Parameter 'name')",
            Assert.Throws<ArgumentException>(() => GeneratedDatasets.Open("mnist:x?split=held-out")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PicturesWithClassesBecomeQuestions()
    {
        var pictures = new ListDataset([.. Enumerable.Range(0, 30).Select(i => new DatasetSample
        {
            Id = $"p{i}",
            Messages = [DataMessage.User(MediaReference.Drawn($"p{i}", () => Gray(i)))],
            LabelIndex = i % 10,
        })]);
        var train = new ClassQuestionDataset(pictures, ClassQuestionOptions.FashionMnist with { Copies = 3, Side = 64 });
        var test = new ClassQuestionDataset(pictures, ClassQuestionOptions.FashionMnist with { Split = SceneSplit.Test, Side = 64 });
        Assert.Equal(24 * 3, train.Count);
        Assert.Equal(3, test.Count);
        Assert.Equal("ankle boot", test[0].Messages[^1].Text);
        Assert.Equal("t-shirt", train[0].Label);
        Assert.NotEqual(train[0].Media.Single().ContentHash(), train[24].Media.Single().ContentHash());
        Assert.Equal(train[24].Media.Single().ContentHash(), train[24].Media.Single().ContentHash());
        Assert.Equal((64, 64), (train[30].Media.Single().LoadImage().Width, train[30].Media.Single().LoadImage().Height));
        Assert.Throws<ArgumentException>(
            () => new ClassQuestionDataset(pictures, ClassQuestionOptions.Mnist with { Split = SceneSplit.HeldOut }));
    }

    [Fact]
    public void AGridShowsSeveralPicturesAndAsksForAllOfThem()
    {
        IDataset pictures = Classes(40, i => Gray(i));
        var grid = new ClassQuestionDataset(pictures, ClassQuestionOptions.FashionMnist with { Grid = 2, Side = 65, Copies = 2 });
        Assert.Equal(64, grid.Count);
        string[][] rows = [.. grid[3].Messages[^1].Text.Split('\n').Select(row => row.Split(", "))];
        Assert.Equal([2, 2], rows.Select(row => row.Length));
        Assert.Equal("dress", rows[0][0]);
        Assert.All(rows.SelectMany(row => row), name => Assert.Contains(name, ClassQuestionOptions.FashionMnist.Names));
        Image picture = grid[3].Media.Single().LoadImage();
        Assert.Equal((65, 65), (picture.Width, picture.Height));

        // Each field has light of its own; the pixel that does not divide stays dark.
        Assert.All([(16, 16), (48, 16), (16, 48), (48, 48)], at => Assert.NotEqual(0, picture.Row(at.Item2)[3 * at.Item1]));
        Assert.True(picture.Row(64).IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(grid[3].Messages[^1].Text, grid[3].Messages[^1].Text);
        Assert.True(Enumerable.Range(0, 64).Select(i => grid[i].Messages[^1].Text).Distinct().Count() > 50);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new ClassQuestionDataset(pictures, ClassQuestionOptions.Mnist with { Grid = 5 }));
    }

    [Fact]
    public void PicturesThatLookLikeThoseLeftOutAreNotUsed()
    {
        IDataset pictures = Classes(40, i => Gray(i));

        // Pictures 3 and 11 with a level of noise, another picture, and one of another size.
        IDataset others = Classes(4, i => i == 3 ? new Image(9, 9, PixelFormat.Gray) : i == 2 ? Gray(1000) : Noisy(Gray(3 + (8 * i))));
        var whole = new ClassQuestionDataset(pictures, ClassQuestionOptions.FashionMnist);
        var part = new ClassQuestionDataset(pictures, ClassQuestionOptions.FashionMnist with { LeftOut = others });
        string[] before = [.. Enumerable.Range(0, whole.Count).Select(i => whole[i].Id!)];
        string[] after = [.. Enumerable.Range(0, part.Count).Select(i => part[i].Id!)];
        Assert.Equal(before.Where((_, i) => i is not (3 or 9)), after);

        static Image Noisy(Image image)
        {
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                image.Pixels[i] = (byte)Math.Clamp(image.Pixels[i] + (i % 3) - 1, 0, 255);
            }

            return image;
        }
    }

    private static ListDataset Classes(int count, Func<int, Image> draw) => new([.. Enumerable.Range(0, count).Select(i => new DatasetSample
    {
        Id = $"picture {i}",
        Messages = [DataMessage.User(MediaReference.Drawn($"p{i}", () => draw(i)))],
        LabelIndex = i % 10,
    })]);

    [Fact]
    public void FilesOfTheMnistLayoutAreOpenedByName()
    {
        string folder = Directory.CreateTempSubdirectory("percept-idx").FullName;
        try
        {
            byte[] pictures = [0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 28, 0, 0, 0, 28, .. new byte[20 * 28 * 28]];
            byte[] labels = [0, 0, 8, 1, 0, 0, 0, 20, .. Enumerable.Range(0, 20).Select(i => (byte)(i % 10))];
            string file = Path.Combine(folder, "train-images-idx3-ubyte");
            File.WriteAllBytes(file, pictures);
            File.WriteAllBytes(Path.Combine(folder, "train-labels-idx1-ubyte"), labels);
            IDataset train = GeneratedDatasets.Open($"fashion-mnist:{file}?split=train&copies=2&side=64");
            Assert.Equal(32, train.Count);
            Assert.Equal("pullover", train[2].Label);
            Assert.Equal("9", GeneratedDatasets.Open($"mnist:{file}?split=test")[1].Messages[^1].Text);
            Assert.Throws<ArgumentException>(() => GeneratedDatasets.Open($"mnist:{file}?count=1"));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static Image Gray(int value)
    {
        var image = new Image(28, 28, PixelFormat.Gray);
        new Random(value).NextBytes(image.Pixels);
        return image;
    }

    private static WordPicture Picture(string text) => new()
    {
        Lines = [new WordLine { Text = text, X = 32, Y = 32, Step = 5, Thickness = 3 }],
        Side = 64,
        Paint = new ImageColor(255, 255, 255),
        GroundFrom = default,
        GroundTo = default,
    };
}
