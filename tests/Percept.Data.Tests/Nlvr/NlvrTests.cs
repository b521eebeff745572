using System.Text.RegularExpressions;
using Percept.Media;
using Xunit;

namespace Percept.Data.Tests.Nlvr;

public partial class NlvrTests
{
    /// <summary>The dataset's folder; tests that need it are skipped where it is not named.</summary>
    private static string Folder
    {
        get
        {
            string? folder = Environment.GetEnvironmentVariable("PERCEPT_NLVR");
            Assert.SkipWhen(folder is null, "PERCEPT_NLVR does not name the folder of the NLVR dataset.");
            return folder!;
        }
    }

    private static string Fixtures => Path.Combine(AppContext.BaseDirectory, "Nlvr", "Fixtures");

    [Fact]
    public void LinesAreReadAndPictureAndContentAgree()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Fixtures, "records.jsonl"));
        Assert.Equal(4, lines.Length);
        foreach (string line in lines)
        {
            NlvrRecord record = NlvrFiles.Parse(line);
            Image official = ImageDecoder.Decode(File.ReadAllBytes(Path.Combine(Fixtures, $"dev-{record.Identifier}-0.png"))).Convert(PixelFormat.Rgb);
            (int pixels, int most) = Difference(official, record.Scene.Draw());
            Assert.InRange(pixels, 0, 60);
            Assert.InRange(most, 0, 15);
        }
    }

    [Fact]
    public void TrainingShowsNoSceneOfValidationInWhateverOrder()
    {
        string folder = Directory.CreateTempSubdirectory("percept-nlvr-").FullName;
        try
        {
            static string Box(int x) => $$"""[{"type":"square","color":"Black","x_loc":{{x}},"y_loc":1,"size":10},{"type":"circle","color":"Yellow","x_loc":50,"y_loc":50,"size":20}]""";
            static string Turned(int x) => $$"""[{"type":"circle","color":"Yellow","x_loc":50,"y_loc":50,"size":20},{"type":"square","color":"Black","x_loc":{{x}},"y_loc":1,"size":10}]""";
            static string Line(string id, string directory, params string[] boxes) =>
                $$"""{"sentence":"There is a square.","label":"true","identifier":"{{id}}","directory":"{{directory}}","structured_rep":[{{string.Join(',', boxes)}}]}""";
            File.WriteAllLines(Path.Combine(folder, "train.jsonl"),
            [
                Line("1-0", "1", Box(1), Box(2), Box(3)), Line("2-0", "9", Turned(3), Box(1), Box(2)), Line("3-0", "1", Box(1), Box(2), Box(4)),
            ]);
            Assert.Equal("3-0", Assert.Single(NlvrFiles.Read(folder, NlvrSplit.Train)).Identifier);
            Assert.Equal("2-0", Assert.Single(NlvrFiles.Read(folder, NlvrSplit.Validation)).Identifier);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void BrokenLinesAreNamed()
    {
        Assert.Contains("structured_rep", Assert.Throws<InvalidDataException>(() => NlvrFiles.Parse("{}")).Message, StringComparison.Ordinal);
        Assert.Contains("'hexagon'", Assert.Throws<InvalidDataException>(() => NlvrFiles.Parse(
            """{"sentence":"a","label":"true","identifier":"1-0","structured_rep":[[{"type":"hexagon","color":"Black","x_loc":1,"y_loc":1,"size":10}],[],[]]}"""))
            .Message, StringComparison.Ordinal);
        Assert.Contains("'maybe'", Assert.Throws<InvalidDataException>(() => NlvrFiles.Parse(
            """{"sentence":"a","label":"maybe","identifier":"1-0","structured_rep":[[],[],[]]}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMovedPictureIsTheSceneMoved()
    {
        var random = new GeneratorRandom(1, "test", 0);
        for (int i = 0; i < 20; i++)
        {
            NlvrScene scene = NlvrScenes.Any(random, i % 2 == 0);
            for (int order = 0; order < NlvrScene.Orders; order++)
            {
                Assert.Equal(
                    scene.InOrder(order).Draw().Pixels.ToArray(), NlvrScene.MoveBoxes(scene.Draw(), order).Pixels.ToArray());
            }
        }
    }

    [Fact]
    public void GeneratedStatementsAreTrueInHalfOfTheCasesWhateverTheySay()
    {
        const int Count = 4000;
        var data = new NlvrStatementDataset(5, Count);
        var byForm = new Dictionary<string, (int True, int All)>();
        int right = 0, all = 0, truths = 0, towers = 0;
        for (int i = 0; i < Count; i++)
        {
            (NlvrStatement statement, NlvrScene scene, bool label) = data.At(i);
            Assert.Equal(label, statement.Holds(scene));
            Assert.Equal(statement.IsTower, scene.IsTower);
            truths += label ? 1 : 0;
            towers += statement.IsTower ? 1 : 0;
            string form = Number().Replace(Colour().Replace(statement.Text.ToLowerInvariant().TrimEnd('.'), "C"), "N");
            (int known, int seen) = byForm.GetValueOrDefault(form);
            if (i >= Count / 2)
            {
                all++;
                right += (2 * known >= seen) == label ? 1 : 0;
            }
            else
            {
                byForm[form] = (known + (label ? 1 : 0), seen + 1);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{truths} of {Count} true, {towers} towers, {byForm.Count} forms; the guesser by form has {(double)right / all:P1}");
        Assert.InRange(truths, 0.46 * Count, 0.54 * Count);
        Assert.InRange((double)right / all, 0.44, 0.56);
        Assert.True(byForm.Count > 500);
    }

    [Fact]
    public void SeveralStatementsAboutOneSceneAreAllAsTheySay()
    {
        const int Count = 300;
        var data = new NlvrStatementDataset(5, Count, options: new NlvrSampleOptions { BoxesApart = true, Lists = NlvrLists.Behind, Statements = 3 });
        int truths = 0;
        for (int i = 0; i < Count; i++)
        {
            (IReadOnlyList<(NlvrStatement Statement, bool Label)> asked, NlvrScene scene) = data.AllAt(i);
            Assert.All(asked, one => Assert.Equal(one.Label, one.Statement.Holds(scene)));
            truths += asked.Count(one => one.Label);
            if (i >= 20)
            {
                continue;
            }

            // Three pictures, three statements with answers, and the list.
            DatasetSample sample = data[i];
            Assert.Equal(8, sample.Messages.Count);
            Assert.Equal(asked.Select(one => one.Label ? "true" : "false"), sample.Messages.Take(6).Where((_, at) => at % 2 == 1).Select(m => m.Text));
            Assert.Equal((NlvrList.Question, NlvrList.Of(scene)), (sample.Messages[6].Text, sample.Messages[7].Text));
            Image whole = scene.Draw();
            Assert.Equal(
                Enumerable.Range(0, 3).Select(box => NlvrScene.Box(whole, box).Pixels.ToArray()),
                sample.Media.Select(media => media.LoadImage().Pixels.ToArray()));
        }

        Assert.InRange(truths, 0.44 * 3 * Count, 0.56 * 3 * Count);

        // Listed first, or given as text in place of the pictures; then all statements follow on the list.
        foreach (NlvrLists place in new[] { NlvrLists.Before, NlvrLists.Instead })
        {
            var listed = new NlvrStatementDataset(5, 1, options: new NlvrSampleOptions { BoxesApart = true, Lists = place, Statements = 3 });
            DatasetSample sample = listed[0];
            Assert.Equal((NlvrList.Question, NlvrList.Of(listed.AllAt(0).Scene)), (sample.Messages[0].Text, sample.Messages[1].Text));
            Assert.Equal((8, 2, true), (sample.Messages.Count, sample.CommonMessages, sample.TurnsApart));
            Assert.Equal((place == NlvrLists.Before ? 3 : 0, place == NlvrLists.Before), (sample.Media.Count(), sample.Messages[1].IsSupervised));
        }

        NlvrItem Square(int x, int y) => new(NlvrShape.Square, NlvrColor.Blue, x, y, 20);
        Assert.Equal(
            "1: medium blue square 1,1 left top. 2: medium blue square 5,9 bottom; medium blue square 9,5 right.",
            NlvrList.Of(new NlvrScene([[Square(0, 0)], [Square(80, 40), Square(40, 80)]])));
        Assert.Contains("before", Assert.Throws<ArgumentException>(() => GeneratedDatasets.Open("generated:nlvr-like?lists=1")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new NlvrStatementDataset(5, 1, options: new NlvrSampleOptions { Statements = 17 }));
    }

    [Fact]
    public void StatementsBehindTheFourthAreTrueAsOftenAsNot()
    {
        const int Count = 120;
        var data = new NlvrStatementDataset(6, Count, options: new NlvrSampleOptions { BoxesApart = true, Statements = 12 });
        int truths = 0, all = 0;
        for (int i = 0; i < Count; i++)
        {
            (IReadOnlyList<(NlvrStatement Statement, bool Label)> asked, NlvrScene scene) = data.AllAt(i);
            Assert.All(asked, one => Assert.Equal(one.Label, one.Statement.Holds(scene)));
            Assert.All(asked, one => Assert.Equal(asked[0].Statement.IsTower, one.Statement.IsTower));
            Assert.Equal(8, asked.Skip(4).Select(one => one.Statement.Text).Distinct().Count());
            truths += asked.Skip(4).Count(one => one.Label);
            all += asked.Count - 4;
        }

        Assert.InRange((double)truths / all, 0.44, 0.56);
    }

    [Fact]
    public void ListsTellSizeColourShapeAndPlace()
    {
        NlvrItem circle = new(NlvrShape.Circle, NlvrColor.Black, 40, 90, 10), square = new(NlvrShape.Square, NlvrColor.Blue, 10, 10, 30);
        var scattered = new NlvrScene([[circle, square], [square with { Size = 20 }], [circle]]);
        Assert.Equal(
            "1: big blue square 2,2; small black circle 4,9 bottom. 2: medium blue square 2,2. 3: small black circle 4,9 bottom.", NlvrList.Of(scattered));
        NlvrItem block = new(NlvrShape.Square, NlvrColor.Yellow, 40, 80, 20);
        var towers = new NlvrScene([[block with { Color = NlvrColor.Black, Y = 59 }, block], [block], [block]]);
        Assert.Equal("1: tower yellow black. 2: tower yellow. 3: tower yellow.", NlvrList.Of(towers));
    }

    [Fact]
    public void TablesCountWhatEachBoxHas()
    {
        NlvrItem circle = new(NlvrShape.Circle, NlvrColor.Black, 40, 90, 10), square = new(NlvrShape.Square, NlvrColor.Blue, 0, 0, 30);
        var scattered = new NlvrScene([[circle, square], [square with { Color = NlvrColor.Yellow, X = 10, Y = 20 }], [circle, circle with { X = 0 }]]);
        Dictionary<string, string> tables = NlvrTables.Ask(new GeneratorRandom(1, "t", 0), scattered, 6).ToDictionary(table => table.Question, table => table.Answer);
        Assert.Equal(6, tables.Count);
        Assert.Equal("1: black 1 yellow 0 blue 1. 2: black 0 yellow 1 blue 0. 3: black 2 yellow 0 blue 0.", tables["Count the items of each colour in each box."]);
        Assert.Equal("1: square 1 circle 1 triangle 0. 2: square 1 circle 0 triangle 0. 3: square 0 circle 2 triangle 0.", tables["Count the items of each shape in each box."]);
        Assert.Equal("1: small 1 medium 0 big 1. 2: small 0 medium 0 big 1. 3: small 2 medium 0 big 0.", tables["Count the items of each size in each box."]);
        Assert.Equal("1: left 1 right 0 top 1 bottom 1. 2: left 0 right 0 top 0 bottom 0. 3: left 1 right 0 top 0 bottom 2.", tables["Count the items that touch each wall of each box."]);
        Assert.StartsWith(
            "1: black square 0 black circle 1 black triangle 0, yellow square 0 yellow circle 0 yellow triangle 0, blue square 1 blue circle 0 blue triangle 0. 2: ",
            tables["Count the items of each colour and shape in each box."], StringComparison.Ordinal);
        Assert.Equal(
            "1: black 1 yellow 0 blue 1. 2: black 0 yellow 0 blue 0. 3: black 2 yellow 0 blue 0.",
            tables["Count the items of each colour that touch a wall of each box."]);

        NlvrItem block = new(NlvrShape.Square, NlvrColor.Yellow, 40, 80, 20);
        var towers = new NlvrScene([[block with { Color = NlvrColor.Black, Y = 59 }, block], [block], [block]]);
        Assert.Equal(
            ["1: black 1 yellow 1 blue 0. 2: black 0 yellow 1 blue 0. 3: black 0 yellow 1 blue 0.", "1: blocks 2. 2: blocks 1. 3: blocks 1."],
            NlvrTables.Ask(new GeneratorRandom(1, "t", 0), towers, 6).Select(table => table.Answer).Order(StringComparer.Ordinal));

        // They come behind statements and before short questions, which stay what they are without tables.
        IDataset without = GeneratedDatasets.Open("generated:nlvr-like?seed=4&count=20&questions=3"), with = GeneratedDatasets.Open("generated:nlvr-like?seed=4&count=20&questions=3&tables=2");
        for (int i = 0; i < 20; i++)
        {
            string[] before = [.. without[i].Messages.Select(m => m.Text)], after = [.. with[i].Messages.Select(m => m.Text)];
            Assert.Equal(before.Take(2), after.Take(2));
            Assert.Equal(before.Skip(2), after.Skip(6));
            Assert.All([after[2], after[4]], question => Assert.StartsWith("Count the ", question, StringComparison.Ordinal));
            Assert.True(with[i].TurnsApart);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedDatasets.Open("generated:nlvr-like?tables=7"));
    }

    [Fact]
    public void StatementsMeanWhatTheySay()
    {
        // Worked by hand: three boxes, of which the first has a small black circle at its lower edge.
        NlvrItem circle = new(NlvrShape.Circle, NlvrColor.Black, 40, 90, 10), square = new(NlvrShape.Square, NlvrColor.Blue, 10, 10, 30);
        var scene = new NlvrScene([[circle, square], [square], [square with { X = 0, Color = NlvrColor.Yellow }]]);
        var expected = new Dictionary<string, bool>
        {
            ["there is exactly one black circle touching the base"] = true,
            ["there is a black circle touching the edge"] = true,
            ["there are exactly two blue squares"] = true,
            ["there is a blue square touching the edge"] = false,
            ["there is a yellow square touching the edge"] = true,
            ["there are two boxes with exactly one blue square"] = true,
        };
        var seen = new HashSet<string>();
        for (int i = 0; i < 400_000 && seen.Count < expected.Count; i++)
        {
            NlvrStatement statement = new NlvrGrammar(new GeneratorRandom(9, "find", i)).Next();
            string text = statement.Text.ToLowerInvariant().TrimEnd('.');
            if (expected.TryGetValue(text, out bool truth))
            {
                Assert.Equal(truth, statement.Holds(scene));
                seen.Add(text);
            }
        }

        Assert.True(seen.Count >= 4, string.Join("; ", seen));
    }

    [Fact]
    public void TheWordsOfMostRealSentencesAreTheGrammars()
    {
        var known = new HashSet<string>();
        for (int i = 0; i < 60_000; i++)
        {
            known.UnionWith(Words(new NlvrGrammar(new GeneratorRandom(1, "words", i)).Next().Text));
        }

        IReadOnlyList<NlvrRecord> records = NlvrFiles.Read(Folder, NlvrSplit.Train);
        int covered = records.Count(r => Words(r.Sentence).All(known.Contains));
        var missing = records.SelectMany(r => Words(r.Sentence).Where(w => !known.Contains(w)).Distinct())
            .GroupBy(w => w).OrderByDescending(g => g.Count()).Take(40).Select(g => $"{g.Key} {g.Count()}");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{(double)covered / records.Count:P1} of {records.Count} sentences; {known.Count} words; missing {string.Join(", ", missing)}");
        Assert.True((double)covered / records.Count > 0.85);
    }

    [Fact]
    public void StatementsMeanWhatPeopleMean()
    {
        // Generated statements that people wrote as well, judged on people's pictures.
        var statements = new Dictionary<string, NlvrStatement>();
        for (int i = 0; i < 400_000; i++)
        {
            NlvrStatement statement = new NlvrGrammar(new GeneratorRandom(2, "mean", i)).Next();
            statements.TryAdd(string.Join(' ', Words(statement.Text)), statement);
        }

        int found = 0, judged = 0, right = 0;
        var wrong = new Dictionary<string, int>();
        IReadOnlyList<NlvrRecord> records = NlvrFiles.Read(Folder, NlvrSplit.Train);
        foreach (NlvrRecord record in records)
        {
            if (!statements.TryGetValue(string.Join(' ', Words(record.Sentence)), out NlvrStatement? statement)
                || statement.IsTower != record.Scene.IsTower)
            {
                continue;
            }

            found++;
            NlvrScene scene = new([.. record.Scene.Boxes.Select(Upward)]);
            if (statement.Holds(scene) is { } truth)
            {
                judged++;
                right += truth == record.Label ? 1 : 0;
                wrong[statement.Text.ToLowerInvariant()] = wrong.GetValueOrDefault(statement.Text.ToLowerInvariant()) + (truth == record.Label ? 0 : 1);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{found} of {records.Count} sentences, {judged} judged, {(double)right / judged:P1} as people did; "
            + string.Join("; ", wrong.OrderByDescending(w => w.Value).Take(25).Select(w => $"{w.Value} {w.Key}")));
        Assert.True(found > 3000);
        Assert.True((double)right / judged > 0.93);

        // The files list blocks in any order.
        static IReadOnlyList<NlvrItem> Upward(IReadOnlyList<NlvrItem> box) => [.. box.OrderByDescending(i => i.Y)];
    }

    [Fact]
    public void OfficialPicturesAreWhatTheContentDraws()
    {
        var set = new NlvrDataset(Folder, NlvrSplit.Dev, 1);
        int equal = 0, near = 0, worst = 0, worstPixels = 0;
        for (int i = 0; i < set.Count; i++)
        {
            (int pixels, int most) = Difference(set[i].Media.Single().LoadImage(), set.At(i).Record.Scene.Draw());
            equal += pixels == 0 ? 1 : 0;
            near += most <= 15 ? 1 : 0;
            (worst, worstPixels) = (Math.Max(worst, most), Math.Max(worstPixels, pixels));
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{equal} of {set.Count} equal to one level, {near} to 15 levels; at most {worstPixels} pixels by {worst}");
        Assert.True(near > 0.97 * set.Count);
    }

    [Fact]
    public void PartsOfTheRealDatasetAreWhole()
    {
        var train = new NlvrDataset(Folder, NlvrSplit.Train);
        var validation = new NlvrDataset(Folder, NlvrSplit.Validation);
        var test = (NlvrDataset)GeneratedDatasets.Open($"nlvr:{Folder}?split=test");
        Assert.Equal(990, GeneratedDatasets.Open($"nlvr:{Folder}?split=test&orders=1").Count);
        Assert.Equal((10979 * 6, 1229 * 6), (train.Count, validation.Count));
        HashSet<string> shown = [.. Enumerable.Range(0, train.Count / 6).Select(i => train.At(6 * i).Record.Scene.Key())];
        Assert.DoesNotContain(Enumerable.Range(0, validation.Count / 6), i => shown.Contains(validation.At(6 * i).Record.Scene.Key()));
        Assert.Equal(5940, test.Count);
        IEnumerable<string> Presentations(NlvrDataset set) =>
            Enumerable.Range(0, set.Count / 6).Select(i => set.At(6 * i).Record.Identifier.Split('-')[0]).Distinct();
        Assert.Empty(Presentations(train).Intersect(Presentations(validation)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{train.Count / 6} and {validation.Count / 6} statements");

        // The official pictures of other orders are those with moved boxes, but for a few grey levels.
        for (int i = 0; i < 60; i++)
        {
            (NlvrRecord _, int order) = test.At(i);
            Image first = test[i - order].Media.Single().LoadImage();
            (int pixels, int most) = Difference(test[i].Media.Single().LoadImage(), NlvrScene.MoveBoxes(first, order));
            Assert.InRange(pixels, 0, 3);
            Assert.InRange(most, 0, 14);
        }
    }

    private static IEnumerable<string> Words(string sentence) => Word().Matches(sentence.ToLowerInvariant()).Select(m => m.Value);

    /// <summary>How many pixels differ by more than one level, and by how much at most.</summary>
    private static (int Pixels, int Most) Difference(Image one, Image other)
    {
        int pixels = 0, most = 0;
        for (int i = 0; i < one.Pixels.Length; i += 3)
        {
            int worst = 0;
            for (int c = 0; c < 3; c++)
            {
                worst = Math.Max(worst, Math.Abs(one.Pixels[i + c] - other.Pixels[i + c]));
            }

            pixels += worst > 1 ? 1 : 0;
            most = Math.Max(most, worst);
        }

        return (pixels, most);
    }

    [GeneratedRegex("[a-z]+|[0-9]+")]
    private static partial Regex Word();

    [GeneratedRegex("black|yellow|blue")]
    private static partial Regex Colour();

    [GeneratedRegex(@"\b(one|two|three|four|five|six|seven|[0-9])\b")]
    private static partial Regex Number();
}
