using System.Text.Json;
using Percept.Media;
using Xunit;

namespace Percept.Data.Tests.Reading;

public sealed class DatasetReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LlavaRecordsHaveTheirPictureInThePlaceOfItsMark()
    {
        DatasetSample sample = Only("""
            [{"id": "a1", "image": "p/one.png", "conversations": [
              {"from": "human", "value": "<image>\nWhat is this?"}, {"from": "gpt", "value": "A dog."},
              {"from": "human", "value": "Sure?"}, {"from": "gpt", "value": "Yes."}]}]
            """);
        Assert.Equal("a1", sample.Id);
        Assert.Equal(["user", "assistant", "user", "assistant"], sample.Messages.Select(message => message.Role));
        Assert.Equal(DataPartKind.Image, sample.Messages[0].Parts[0].Kind);
        Assert.Equal("What is this?", sample.Messages[0].Text);
        Assert.Equal("p/one.png", sample.Media.Single().Name);
        Assert.Equal(_folder.File("p/one.png"), sample.Media.Single().Path);
        Assert.Equal([false, true, false, true], sample.Messages.Select(message => message.IsSupervised));
    }

    [Fact]
    public void SeveralPicturesGoToTheirMarksInOrder()
    {
        DatasetSample sample = Only("""
            [{"image": ["one.png", "two.png"], "conversations": [
              {"from": "human", "value": "First <image> then\n<image>"}, {"from": "gpt", "value": "ok"}]}]
            """);
        Assert.Equal("First |Image one.png| then|Image two.png", string.Join('|', sample.Messages[0].Parts.Select(part => part.Text ?? part.Media!.ToString())));
        Assert.Equal("data.json:1", sample.Id);
    }

    [Fact]
    public void RecordsOfMessagesTakeAllKindsOfMedia()
    {
        DatasetSample sample = Only("""
            [{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "<video><audio>What happens?"},
              {"role": "assistant", "content": "Rain."}], "videos": ["v.mp4"], "audios": ["s.wav"]}]
            """);
        Assert.Equal([DataPartKind.Video, DataPartKind.Audio], sample.Media.Select(media => media.Kind));
        Assert.Equal("What happens?", sample.Messages[1].Text);
    }

    [Fact]
    public void PartsTakeMediaOfTheirOwnOrOfTheList()
    {
        string bytes = Convert.ToBase64String(PngEncoder.Encode(TestPictures.Draw(8, 6, 1)));
        DatasetSample sample = Only($$$"""
            [{"images": ["listed.png"], "messages": [
              {"role": "user", "content": [{"type": "image"}, {"type": "image", "path": "own.png"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,{{{bytes}}}"}}, {"type": "text", "text": "<image> is text here"}]},
              {"role": "assistant", "content": [{"type": "text", "text": "ok"}]}]}]
            """);
        MediaReference[] media = [.. sample.Media];
        Assert.Equal(["listed.png", "own.png", "data:image/png;base64"], media.Select(one => one.Name));
        Assert.Equal(8, media[2].LoadImage().Width);
        Assert.Equal("<image> is text here", sample.Messages[0].Text);
    }

    [Fact]
    public void AlpacaRecordsHaveHistoryAndSystem()
    {
        DatasetSample sample = Only("""
            [{"instruction": "<image>Describe", "input": "briefly", "output": "A cat.", "system": "S", "history": [["q1", "a1"]], "images": ["x.png"]}]
            """);
        Assert.Equal(
            ["system: S", "user: q1", "assistant: a1", "user: [Image x.png]Describe\nbriefly", "assistant: A cat."],
            sample.Messages.Select(message => message.ToString()));
    }

    [Fact]
    public void QuestionRowsShowTheirPictureFirst()
    {
        DatasetSample sample = Only("""[{"question_id": 7, "image": "x.png", "question": "What colour?", "answer": "Red"}]""");
        Assert.Equal("7", sample.Id);
        Assert.Equal("user: [Image x.png]What colour?", sample.Messages[0].ToString());
    }

    [Theory]
    [InlineData("""{"prompt": "q", "chosen": "good", "rejected": "bad"}""")]
    [InlineData("""{"instruction": "q", "input": "", "output": ["good", "bad"]}""")]
    [InlineData("""{"conversations": [{"from": "human", "value": "q"}], "chosen": {"from": "gpt", "value": "good"}, "rejected": {"from": "gpt", "value": "bad"}}""")]
    [InlineData("""{"chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "good"}], "rejected": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "bad"}]}""")]
    [InlineData("""{"prompt": [{"role": "user", "content": "q"}], "chosen": [{"role": "assistant", "content": "good"}], "rejected": [{"role": "assistant", "content": "bad"}]}""")]
    [InlineData("""{"prompt": [{"role": "user", "content": "q"}], "chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "good"}], "rejected": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "bad"}]}""")]
    public void PreferencePairsAreReadInAllSpellings(string record)
    {
        DatasetSample sample = Only($"[{record}]");
        Assert.Equal("user: q", Assert.Single(sample.Messages).ToString());
        Assert.Equal("assistant: good", Assert.Single(sample.Chosen!).ToString());
        Assert.Equal("assistant: bad", Assert.Single(sample.Rejected!).ToString());
    }

    [Fact]
    public void APairWithAPictureCountsItOnce()
    {
        DatasetSample sample = Only("""
            [{"images": ["x.png"], "chosen": [{"role": "user", "content": "<image>q"}, {"role": "assistant", "content": "good"}],
              "rejected": [{"role": "user", "content": "<image>q"}, {"role": "assistant", "content": "bad"}]}]
            """);
        Assert.Equal("x.png", sample.Media.Single().Name);
    }

    [Fact]
    public void AnEntryOfDatasetInfoNamesKeysAndRoles()
    {
        Write("d.json", """[{"turns": [{"who": "asker", "says": "<image>hi"}, {"who": "bot", "says": "hello"}], "pics": ["x.png"], "good": true}]""");
        Write("dataset_info.json", """
            {"mine": {"file_name": "d.json", "formatting": "sharegpt", "columns": {"messages": "turns", "images": "pics", "kto_tag": "good"},
              "tags": {"role_tag": "who", "content_tag": "says", "user_tag": "asker", "assistant_tag": "bot"}}}
            """);
        DatasetSample sample = DatasetReader.OpenEntry(_folder.File("dataset_info.json"), "mine")[0];
        Assert.Equal(["user: [Image x.png]hi", "assistant: hello"], sample.Messages.Select(message => message.ToString()));
        Assert.True(sample.IsDesirable);
        var error = Assert.Throws<InvalidDataException>(() => DatasetReader.OpenEntry(_folder.File("dataset_info.json"), "other"));
        Assert.Contains("mine", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MessagesSayWhetherTheyAreLearnt()
    {
        DatasetSample sample = Only("""
            [{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0},
              {"role": "user", "content": "c"}, {"role": "assistant", "content": "d", "train": true}]}]
            """);
        Assert.Equal([false, false, false, true], sample.Messages.Select(message => message.IsSupervised));
    }

    [Theory]
    [InlineData("../out.png")]
    [InlineData("/etc/hostname")]
    [InlineData("a/../../out.png")]
    [InlineData("https://example.org/x.png")]
    public void NothingOutsideIsFollowed(string path)
    {
        Write("data.json", $$"""[{"image": {{JsonSerializer.Serialize(path)}}, "conversations": [{"from": "human", "value": "<image>q"}, {"from": "gpt", "value": "a"}]}]""");
        var error = Assert.Throws<InvalidDataException>(() => DatasetReader.Open(_folder.File("data.json"))[0]);
        Assert.Contains("data.json:1: OutsideMedia", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LinksThatLeadOutAreFollowedOnlyWhenAllowed()
    {
        using var other = new TempFolder();
        TestPictures.Write(other.File("x.png"), 1);
        Directory.CreateSymbolicLink(_folder.File("linked"), other.Path);
        Write("data.json", """[{"image": "linked/x.png", "conversations": [{"from": "human", "value": "<image>q"}, {"from": "gpt", "value": "a"}]}]""");
        Assert.Throws<InvalidDataException>(() => DatasetReader.Open(_folder.File("data.json"))[0]);
        foreach (DataReadOptions options in new[] { new DataReadOptions { AllowOutside = true }, new DataReadOptions { MediaRoot = _folder.File("linked") } })
        {
            Write("data.json", $$"""[{"image": "{{(options.AllowOutside ? "linked/" : "")}}x.png", "conversations": [{"from": "human", "value": "<image>q"}, {"from": "gpt", "value": "a"}]}]""");
            Assert.Equal(40, DatasetReader.Open(_folder.File("data.json"), options)[0].Media.Single().LoadImage().Width);
        }
    }

    [Fact]
    public void FoldersOfCaptionsAreReadInThreeLayouts()
    {
        TestPictures.Write(_folder.File("a/x.png"), 1);
        Write("a/metadata.jsonl", """{"file_name": "x.png", "text": "one"}""" + "\n");
        TestPictures.Write(_folder.File("b/x.png"), 1);
        Write("b/metadata.csv", "file_name,text\r\nx.png,\"two, \"\"quoted\"\"\nand broken\"\r\n");
        TestPictures.Write(_folder.File("c/x.png"), 1);
        Write("c/x.txt", "three\n");
        Assert.Equal("one", Read("a").Caption);
        Assert.Equal("two, \"quoted\"\nand broken", Read("b").Caption);
        Assert.Equal("three", Read("c").Caption);
        foreach (string name in (string[])["a", "b", "c"])
        {
            Assert.Equal(40, Read(name).Media.Single().LoadImage().Width);
            Assert.Equal(Read(name).Caption, Read(name).Messages[1].Text);
        }

        DatasetSample Read(string name) => DatasetReader.Open(_folder.File(name))[0];
    }

    [Fact]
    public void QuestionsOfAFolderShowTheirPictureFirst()
    {
        TestPictures.Write(_folder.File("a/x.png"), 1);
        Write("a/metadata.jsonl", """{"file_name": "x.png", "question": "What colour?", "answer": "Red"}""" + "\n");
        DatasetSample sample = DatasetReader.Open(_folder.File("a"))[0];
        Assert.Equal(["user: [Image x.png]What colour?", "assistant: Red"], sample.Messages.Select(message => message.ToString()));
    }

    [Fact]
    public void FoldersAreNotLeftByLinks()
    {
        using var other = new TempFolder();
        TestPictures.Write(other.File("x.png"), 1);
        File.WriteAllText(other.File("secret.txt"), "secret");
        Directory.CreateDirectory(_folder.File("set"));
        Directory.CreateSymbolicLink(_folder.File("set/class"), other.Path);
        TestPictures.Write(_folder.File("set/other/x.png"), 1);
        TestPictures.Write(_folder.File("texts/x.png"), 1);
        File.CreateSymbolicLink(_folder.File("texts/x.txt"), other.File("secret.txt"));
        foreach (string name in new[] { "set", "texts" })
        {
            IDataset dataset = DatasetReader.Open(_folder.File(name));
            Assert.Contains("OutsideMedia", Assert.Throws<InvalidDataException>(() => dataset[0]).Message, StringComparison.Ordinal);
            Assert.Single(DatasetReader.Open(_folder.File(name), new DataReadOptions { AllowOutside = true })[0].Media);
        }
    }

    [Fact]
    public void FoldersOfClassesAreNumberedByTheirNames()
    {
        foreach ((string name, int seed) in new[] { ("dog/1.png", 1), ("cat/2.png", 2), ("cat/1.png", 3) })
        {
            TestPictures.Write(_folder.File("set/" + name), seed);
        }

        IDataset dataset = DatasetReader.Open(_folder.File("set"));
        Assert.Equal(
            ["cat/1.png 0 cat", "cat/2.png 0 cat", "dog/1.png 1 dog"],
            Enumerable.Range(0, dataset.Count).Select(i => $"{dataset[i].Id} {dataset[i].LabelIndex} {dataset[i].Label}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void IdxFilesArePicturesWithLabels(bool isPacked)
    {
        byte[] pictures = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, .. Enumerable.Range(1, 12).Select(i => (byte)i)];
        byte[] labels = [0, 0, 8, 1, 0, 0, 0, 2, 7, 9];
        string end = isPacked ? ".gz" : "";
        WriteIdx("t-images-idx3-ubyte" + end, pictures, isPacked);
        WriteIdx("t-labels-idx1-ubyte" + end, labels, isPacked);
        IDataset dataset = DatasetReader.Open(_folder.Path);
        Assert.Equal(2, dataset.Count);
        Assert.Equal((9, "9"), (dataset[1].LabelIndex!.Value, dataset[1].Label));
        Image picture = dataset[1].Media.Single().LoadImage();
        Assert.Equal((3, 2), (picture.Width, picture.Height));
        Assert.Equal((byte[])[7, 8, 9, 10, 11, 12], picture.Pixels.ToArray());
    }

    [Fact]
    public void HashesTellContentsAndNotNames()
    {
        TestPictures.Write(_folder.File("x.png"), 1);
        TestPictures.Write(_folder.File("same.png"), 1);
        TestPictures.Write(_folder.File("other.png"), 2);
        Write("data.jsonl", string.Join('\n', new[] { "x", "same", "other" }.Select((name, i) =>
            $$"""{"id": {{i}}, "image": "{{name}}.png", "conversations": [{"from": "human", "value": "<image>q"}, {"from": "gpt", "value": "a"}]}""")));
        IDataset dataset = DatasetReader.Open(_folder.File("data.jsonl"));
        Assert.Equal(dataset[0].ContentHash(), dataset[1].ContentHash());
        Assert.NotEqual(dataset[0].ContentHash(), dataset[2].ContentHash());
    }

    [Fact]
    public void AFolderThatIsNoDatasetNamesItsFiles()
    {
        Write("one.json", "[]");
        var error = Assert.Throws<InvalidDataException>(() => DatasetReader.Open(_folder.Path));
        Assert.Contains("one.json", error.Message, StringComparison.Ordinal);

        // Pictures of records are no classes, nor is one folder of pictures.
        TestPictures.Write(_folder.File("pictures/1.png"), 1);
        TestPictures.Write(_folder.File("more/1.png"), 1);
        Assert.Contains("one.json", Assert.Throws<InvalidDataException>(() => DatasetReader.Open(_folder.Path)).Message, StringComparison.Ordinal);
        File.Delete(_folder.File("one.json"));
        Assert.Equal(2, DatasetReader.Open(_folder.Path).Count);
        Directory.Delete(_folder.File("more"), true);
        Assert.Throws<InvalidDataException>(() => DatasetReader.Open(_folder.Path));
        Assert.Equal(1, DatasetReader.Open(_folder.Path, new DataReadOptions { Format = DataFormat.ClassFolder }).Count);
    }

    private DatasetSample Only(string json)
    {
        Write("data.json", json);
        IDataset dataset = DatasetReader.Open(_folder.File("data.json"));
        Assert.Equal(1, dataset.Count);
        return dataset[0];
    }

    private void Write(string name, string text) => File.WriteAllText(_folder.File(name), text);

    private void WriteIdx(string name, byte[] bytes, bool isPacked)
    {
        using Stream file = File.Create(_folder.File(name));
        using Stream target = isPacked ? new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest) : file;
        target.Write(bytes);
    }
}
