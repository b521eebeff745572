using System.IO.Compression;
using Percept.Data;
using Percept.Media;
using Xunit;

namespace Percept.Evaluation.Tests;

public sealed class DataTests
{
    [Fact]
    public void RealNlvrHasAllPicturesAndTheKnownMajority()
    {
        Assert.SkipWhen(ScoringGoldens.SharedData is null, "The shared data is not here.");
        string folder = Path.Combine(ScoringGoldens.SharedData!, "nlvr");
        foreach ((string split, int pictures, double majority) in new[] { ("dev", 5934, 0.5531), ("test", 5940, 0.5616) })
        {
            EvaluationData data = NlvrData.Open(folder, split);
            Assert.Equal(pictures, data.Samples.Count);
            double yes = data.Samples.Average(sample => sample.References[0] == "true" ? 1.0 : 0);
            Assert.Equal(majority, Math.Max(yes, 1 - yes), 0.00005);
            Image picture = data.Samples[^1].Media[0].LoadImage();
            Assert.Equal((400, 100), (picture.Width, picture.Height));
        }
    }

    [Fact]
    public void RealDigitsAndClothesAreRead()
    {
        Assert.SkipWhen(ScoringGoldens.SharedData is null, "The shared data is not here.");
        IEvaluationTask digits = EvaluationTasks.Open("mnist", Path.Combine(ScoringGoldens.SharedData!, "mnist"));
        Assert.Equal(10000, digits.Data.Samples.Count);
        Assert.Equal("7", digits.Data.Samples[0].References[0]);
        Image picture = digits.Data.Samples[0].Media[0].LoadImage();
        Assert.Equal((28, 28, PixelFormat.Gray), (picture.Width, picture.Height, picture.Format));
        IEvaluationTask clothes = EvaluationTasks.Open("fashion-mnist", Path.Combine(ScoringGoldens.SharedData!, "fashion-mnist"), limit: 100);
        Assert.Equal(100, clothes.Data.Samples.Count);
        Assert.Equal(10, clothes.Data.Samples.Select(sample => sample.References[0]).Distinct().Count());
    }

    [Fact]
    public void PartsKeepGroupsAndOrderAndAreDrawnTheSame()
    {
        using var folder = new TestFolder();
        EvaluationData all = NlvrData.Open(TinyNlvr.Write(folder.Path), "dev");
        EvaluationData part = all.Take(4);
        Assert.Contains(part.Samples.Count, new[] { 6, 12 });
        Assert.Equal(part.Samples.Select(sample => sample.Id), all.Take(4).Samples.Select(sample => sample.Id));
        Assert.Equal(part.Samples, all.Samples.Where(sample => sample.Group == part.Samples[0].Group));
        Assert.Same(all, all.Take(18));
    }

    [Fact]
    public void MissingPicturesFilesAndBadLinesAreNamed()
    {
        using var folder = new TestFolder();
        TinyNlvr.Write(folder.Path, withAllPictures: false);
        Assert.Contains("dev-7-0-5.png", Assert.Throws<InvalidDataException>(() => NlvrData.Open(folder.Path, "dev")).Message, StringComparison.Ordinal);
        Assert.Contains("test.jsonl", Assert.Throws<FileNotFoundException>(() => NlvrData.Open(folder.Path, "test")).Message, StringComparison.Ordinal);
        string file = folder.File("questions.jsonl");
        File.WriteAllText(file, "{\"id\":\"1\",\"question\":\"?\",\"image\":\"gone.png\",\"answer\":\"x\"}\n{\"id\":\"2\",\"image\":\"lost.png\"}\n");
        Assert.Contains("2 media", Assert.Throws<FileNotFoundException>(() => QuestionFile.Open(file)).Message, StringComparison.Ordinal);
        File.WriteAllText(file, "{\"id\":\"1\"}\n[1]\n");
        Assert.Contains("questions.jsonl:2", Assert.Throws<InvalidDataException>(() => QuestionFile.Open(file)).Message, StringComparison.Ordinal);
        File.WriteAllText(file, "{\"id\":\"1\"}\n{\"id\":\"1\"}\n");
        Assert.Contains("two samples '1'", Assert.Throws<InvalidDataException>(() => QuestionFile.Open(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnArrayOfConversationsIsAFileOfQuestions()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder.File("a.png"), PngEncoder.Encode(new Image(2, 2, PixelFormat.Gray)));
        File.WriteAllText(
            folder.File("test.json"),
            """
            [{"id": "7", "image": "a.png", "conversations": [{"from": "human", "value": "<image>\nWhich digit is this?"}, {"from": "gpt", "value": "seven"}]},
             {"id": "8", "image": "a.png", "conversations": [{"from": "human", "value": "<image>\nAnd this?"}, {"from": "gpt", "value": "eight"}]}]
            """);
        EvaluationData data = QuestionFile.Open(folder.File("test.json"));
        Assert.Equal(2, data.Samples.Count);
        Assert.Equal(("7", "Which digit is this?", "seven"), (data.Samples[0].Id, data.Samples[0].Question, data.Samples[0].References[0]));
        Assert.Single(data.Samples[1].Media);
    }

    [Fact]
    public void QuestionsAreReadInTheSpellingsOfPublishedFiles()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(folder.File("a.png"), PngEncoder.Encode(new Image(2, 2, PixelFormat.Gray)));
        File.WriteAllText(
            folder.File("q.jsonl"),
            "{\"question_id\": 1, \"image\": \"a.png\", \"text\": \"Is there a dog?\", \"label\": \"no\", \"category\": \"random\"}\n\n"
            + "{\"id\": \"x\", \"images\": [\"a.png\", \"a.png\"], \"question\": \"Which?\", \"options\": [\"one\", \"two\"], \"answers\": [\"B\"]}\n");
        EvaluationData data = QuestionFile.Open(folder.Path);
        EvaluationSample first = data.Samples[0], second = data.Find("x");
        Assert.Equal(("1", "Is there a dog?", "no", "random"), (first.Id, first.Question, first.References[0], first.Category));
        Assert.Equal(2, second.Media.Count);
        Assert.Equal("Which?\nA. one\nB. two\nAnswer with the option's letter from the given choices directly.", new ChoiceTask(data).Prompt(second));
        Assert.Equal(new SampleScore("B", 1), new ChoiceTask(data).Score(second, "B"));
        string hash = data.Hash;
        File.WriteAllBytes(folder.File("a.png"), PngEncoder.Encode(new Image(2, 1, PixelFormat.Gray)));
        Assert.NotEqual(hash, QuestionFile.Open(folder.Path).Hash);
    }

    [Fact]
    public void DamagedIdxFilesAreRefused()
    {
        using var folder = new TestFolder();
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4], labels = [0, 0, 8, 1, 0, 0, 0, 2, 9, 0];
        void Write(byte[] pictures, byte[] marks)
        {
            File.WriteAllBytes(folder.File("t-images-idx3-ubyte"), pictures);
            File.WriteAllBytes(folder.File("t-labels-idx1-ubyte"), marks);
        }

        Write(images, labels);
        EvaluationData data = IdxData.Open(folder.Path, null, ClassTask.Digits);
        Assert.Equal(["9", "0"], data.Samples.Select(sample => sample.References[0]));
        Assert.Equal([3, 4], data.Samples[1].Media[0].LoadImage().Pixels.ToArray());

        // Folders often have a file packed and unpacked.
        File.WriteAllBytes(folder.File("t-images-idx3-ubyte.gz"), [0]);
        Assert.Equal(2, IdxData.Open(folder.Path, null, ClassTask.Digits).Samples.Count);
        Assert.Equal(2, IdxData.Open(folder.Path, "t", ClassTask.Digits).Samples.Count);
        File.Delete(folder.File("t-images-idx3-ubyte.gz"));
        foreach ((byte[] pictures, byte[] marks) in new[]
        {
            (images[..^1], labels), (images, labels[..^1]), (images[..3], labels), ([1, .. images[1..]], labels),
            (images, [.. labels[..^1], 10]), ([.. images[..4], 255, 255, 255, 255, .. images[8..]], labels),
        })
        {
            Write(pictures, marks);
            Assert.Throws<InvalidDataException>(() => IdxData.Open(folder.Path, null, ClassTask.Digits));
        }
    }

    [Fact]
    public void ConversationsBecomeQuestions()
    {
        MediaReference picture = MediaReference.Drawn("p", () => new Image(1, 1, PixelFormat.Gray));
        var dataset = new ListDataset(
        [
            new DatasetSample { Id = "talk", Messages =
                [DataMessage.User(picture, "\nWhat?"), DataMessage.Assistant("This."), DataMessage.User("Where?"), DataMessage.Assistant("Here.")] },
            new DatasetSample { Id = "pair", Messages = [DataMessage.User(picture)], Caption = "a dot" },
        ]);
        EvaluationData data = DatasetQuestions.Of(dataset, "made up");
        Assert.Equal(["talk#1", "talk#2", "pair"], data.Samples.Select(sample => sample.Id));
        Assert.Equal(["What?", "Where?", ""], data.Samples.Select(sample => sample.Question));
        Assert.Equal(["This.", "Here.", "a dot"], data.Samples.Select(sample => sample.References[0]));
        Assert.Equal([1, 0, 1], data.Samples.Select(sample => sample.Media.Count));
        Assert.All(data.Samples, sample => Assert.Single(sample.AllMedia));
        Assert.Equal([0, 2, 0], data.Samples.Select(sample => sample.History.Count));
        Assert.Equal(
            [("user", "What?", 1), ("assistant", "This.", 0)], data.Samples[1].History.Select(turn => (turn.Role, turn.Text, turn.Media.Count)));
    }

    [Fact]
    public void InstructionsAreToldBeforeTheQuestion()
    {
        var dataset = new ListDataset(
        [
            new DatasetSample { Id = "a", Messages = [DataMessage.System("Be brief."), DataMessage.User("What?"), DataMessage.Assistant("This.")] },
        ]);
        EvaluationSample sample = Assert.Single(DatasetQuestions.Of(dataset, "made up").Samples);
        Assert.Equal(("a", "What?"), (sample.Id, sample.Question));
        Assert.Equal("Be brief.", Assert.Single(sample.History).Text);
    }

    [Fact]
    public void QuestionsNameNothingOutsideTheirFolder()
    {
        using var folder = new TestFolder();
        using var other = new TestFolder();
        byte[] picture = PngEncoder.Encode(new Image(2, 2, PixelFormat.Gray));
        File.WriteAllBytes(other.File("a.png"), picture);
        File.CreateSymbolicLink(folder.File("link.png"), other.File("a.png"));
        string file = folder.File("q.jsonl");
        foreach (string name in new[] { other.File("a.png"), "../" + Path.GetFileName(other.Path) + "/a.png", "link.png" })
        {
            File.WriteAllText(file, $"\n{{\"id\":\"1\",\"image\":\"{name}\",\"answer\":\"x\"}}\n");
            string message = Assert.Throws<InvalidDataException>(() => QuestionFile.Open(file)).Message;
            Assert.Contains("q.jsonl:2", message, StringComparison.Ordinal);
            Assert.Contains("--allow-outside", message, StringComparison.Ordinal);
            Assert.Single(QuestionFile.Open(file, allowOutside: true).Samples[0].Media);
        }
    }

    [Fact]
    public void TextsThatAreNoUnicodeAreNamed()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("q.jsonl"), """{"id":"1","question":"\ud800","answer":"x"}""");
        Assert.Contains(
            "q.jsonl:1", Assert.Throws<InvalidDataException>(() => QuestionFile.Open(folder.Path)).Message, StringComparison.Ordinal);
        byte[] line = [.. "{\"id\":\"1\",\"question\":\""u8, 0xff, .. "\",\"answer\":\"x\"}"u8];
        File.WriteAllBytes(folder.File("q.jsonl"), line);
        Assert.Contains(
            "no UTF-8", Assert.Throws<InvalidDataException>(() => QuestionFile.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grounding", "\"answer\":\"left\"", "[left, top, right, bottom]")]
    [InlineData("counting", "\"answer\":\"many\"", "expected a number")]
    [InlineData("choice", "\"answer\":\"C\",\"options\":[\"one\",\"two\"]", "from A to B")]
    [InlineData("choice", "\"answer\":\"A\"", "has no options")]
    [InlineData("pope", "\"answer\":\"Yes\"", "expected yes or no")]
    [InlineData("vqa", "\"category\":\"x\"", "has no answer")]
    public void AnswersThatCannotBeComparedWithAreNamedBeforeAnythingIsAsked(string task, string fields, string part)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("q.jsonl"), $"{{\"id\":\"17\",\"question\":\"?\",{fields}}}\n");
        string message = Assert.Throws<InvalidDataException>(() => EvaluationTasks.Open(task, folder.Path)).Message;
        Assert.Contains("q.jsonl:1: The sample '17' of 'q'", message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void FourNumbersAreABox()
    {
        using var folder = new TestFolder();
        File.WriteAllText(
            folder.File("q.jsonl"),
            "{\"id\":\"1\",\"question\":\"?\",\"answer\":[0 , 0.25,1,1]}\n{\"id\":\"2\",\"question\":\"?\",\"answers\":[[0,0,1,1],[0,0,0.5,1]]}\n");
        IEvaluationTask task = EvaluationTasks.Open("grounding", folder.Path);
        Assert.Equal("[0, 0.25, 1, 1]", Assert.Single(task.Data.Samples[0].References));
        Assert.Equal(1, task.Score(task.Data.Samples[0], "[0, 0.25, 1, 1]").Value);
        Assert.Equal(["[0, 0, 1, 1]", "[0, 0, 0.5, 1]"], task.Data.Samples[1].References);
        File.WriteAllText(folder.File("q.jsonl"), "{\"id\":\"1\",\"question\":\"?\",\"answers\":[2,2,3,2]}\n");
        Assert.Equal(["2", "2", "3", "2"], EvaluationTasks.Open("vqa", folder.Path).Data.Samples[0].References);
    }

    [Fact]
    public void PicturesOfNlvrCountInTheHash()
    {
        using var folder = new TestFolder();
        File.WriteAllText(
            folder.File("dev.jsonl"),
            """{"sentence":"There is a box.","label":"true","identifier":"1-0","directory":"0","structured_rep":[[],[],[]]}""" + "\n");
        string Hash(byte grey)
        {
            using (ZipArchive archive = ZipFile.Open(folder.File("dev.zip"), ZipArchiveMode.Create))
            {
                for (int order = 0; order < 6; order++)
                {
                    using Stream entry = archive.CreateEntry($"dev/0/dev-1-0-{order}.png", CompressionLevel.NoCompression).Open();
                    var picture = new Image(400, 100, PixelFormat.Rgb);
                    picture.Pixels.Fill(grey);
                    entry.Write(PngEncoder.Encode(picture));
                }
            }

            EvaluationData data = EvaluationTasks.Open("nlvr-boxes", folder.Path).Data;
            Assert.Equal(6, data.Samples.Count);

            // Listed first: the pictures come with the question for a list, whose answer is the model's own.
            EvaluationData listed = EvaluationTasks.Open("nlvr-lists", folder.Path).Data;
            Assert.All(data.Samples.Zip(listed.Samples), pair =>
            {
                (EvaluationSample plain, EvaluationSample behind) = pair;
                Assert.Equal((plain.Id, plain.Question, plain.Group, "true"), (behind.Id, behind.Question, behind.Group, behind.References[0]));
                Assert.Equal((3, 0, 3), (plain.Media.Count, behind.Media.Count, behind.AllMedia.Count()));
                Assert.Equal([(NlvrList.Question, false), ("1: tower . 2: tower . 3: tower .", true)], behind.History.Select(turn => (turn.Text, turn.IsOwn)));
            });
            File.Delete(folder.File("dev.zip"));
            return data.Hash;
        }

        Assert.NotEqual(Hash(10), Hash(20));
    }
}
