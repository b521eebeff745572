using Percept.Conformance;
using Percept.Data;
using Percept.Media;
using Percept.Models;
using Percept.Text;
using Xunit;

namespace Percept.Training.Tests.Supervision;

public sealed class SupervisedSpansTests : IDisposable
{
    private static readonly string s_llava = Path.Combine(
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("tests/goldens"), "llava", "llava-1.5", "siglip-qwen2", "checkpoint");

    private static readonly Lazy<IProcessor> s_processor = new(() => ProcessorLoader.Load(s_llava));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnswersAreLearntWithTheTokenThatEndsThem()
    {
        DatasetSample sample = Sample(
            DataMessage.User(Picture(1), "What is it?"), DataMessage.Assistant("A red dog."), DataMessage.User("And the colour?"), DataMessage.Assistant("Red"));
        using SupervisedPrompt prompt = new SupervisedSpans(s_processor.Value).Prepare(sample);
        Assert.Equal(["A red dog.<|im_end|>", "Red<|im_end|>"], Texts(prompt));
        Assert.Equal(prompt.Prompt.Ids.Count, prompt.Labels.Count);
        Assert.Equal(prompt.Spans.Sum(span => span.End - span.Start), prompt.SupervisedCount);
        for (int i = 0; i < prompt.Labels.Count; i++)
        {
            bool isLearnt = prompt.Spans.Any(span => i >= span.Start && i < span.End);
            Assert.Equal(isLearnt ? prompt.Prompt.Ids[i] : SupervisedPrompt.Ignored, prompt.Labels[i]);
        }

        MediaSpan picture = Assert.Single(prompt.Prompt.Spans);
        Assert.True(picture.Start + picture.Count < prompt.Spans[0].Start);
        Assert.Equal(picture.Media.Tokens, picture.Count);
    }

    [Fact]
    public void AnswersBeforeALaterPictureAreFoundToo()
    {
        DatasetSample sample = Sample(
            DataMessage.System("Be brief."), DataMessage.User(Picture(1), "One?"), DataMessage.Assistant("first answer"),
            DataMessage.User("Now this:", Picture(2), "Two?"), DataMessage.Assistant("second"));
        using SupervisedPrompt prompt = new SupervisedSpans(s_processor.Value).Prepare(sample);
        Assert.Equal(["first answer<|im_end|>", "second<|im_end|>"], Texts(prompt));
        Assert.Equal(2, prompt.Prompt.Spans.Count);
    }

    [Fact]
    public void OptionsSayWhatIsLearnt()
    {
        DatasetSample sample = Sample(
            DataMessage.User(Picture(1), "One?"), DataMessage.Assistant("first"), DataMessage.User("Two?"),
            DataMessage.Assistant("second") with { IsSupervised = false }, DataMessage.User("Three?"), DataMessage.Assistant("third"));
        Assert.Equal(["first<|im_end|>", "third<|im_end|>"], Texts(new SupervisedSpans(s_processor.Value).Prepare(sample)));
        Assert.Equal(
            ["third<|im_end|>"], Texts(new SupervisedSpans(s_processor.Value, new SupervisionOptions { MaskHistory = true }).Prepare(sample)));
        using SupervisedPrompt all = new SupervisedSpans(s_processor.Value, new SupervisionOptions { TrainOnPrompt = true }).Prepare(sample);
        Assert.Equal(all.Prompt.Ids.Count - all.Prompt.Spans.Sum(span => span.Count), all.SupervisedCount);
        var error = Assert.Throws<ArgumentException>(() => new SupervisedSpans(s_processor.Value).Prepare(Sample(DataMessage.User("q"))));
        Assert.Contains("no answer", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnswersByLetterAreTheSameTextOfSingleLetters(bool apart)
    {
        DatasetSample sample = Sample(
            DataMessage.User(Picture(1), "What is the other thing?"), DataMessage.Assistant("the other thing"), DataMessage.User("And the colour?"),
            DataMessage.Assistant("another colour")) with { TurnsApart = apart };
        var spans = new SupervisedSpans(s_processor.Value);
        using SupervisedPrompt whole = spans.Prepare(sample), letters = spans.Prepare(sample with { AnswersByLetter = true });
        Assert.Equal(Texts(whole), Texts(letters));
        Tokenizer tokenizer = s_processor.Value.Tokenizer.Tokenizer;
        foreach (((int start, int end), string text) in letters.Spans.Zip((string[])["the other thing", "another colour"]))
        {
            Assert.Equal(text.Length + 1, end - start);
            Assert.All(letters.Prompt.Ids.Skip(start).Take(text.Length), id => Assert.Single(tokenizer.IdToToken(id)!));
        }

        // Questions and pictures are as they were.
        int before = letters.Spans[0].Start;
        Assert.Equal(whole.Spans[0].Start, before);
        Assert.Equal(whole.Prompt.Ids.Take(before), letters.Prompt.Ids.Take(before));
        Assert.Equal(
            whole.Prompt.Ids.Take(whole.Spans[1].Start).Skip(whole.Spans[0].End), letters.Prompt.Ids.Take(letters.Spans[1].Start).Skip(letters.Spans[0].End));
        Assert.Equal(whole.Prompt.Ids.Skip(whole.Spans[1].End), letters.Prompt.Ids.Skip(letters.Spans[1].End));
        Assert.Equal(whole.Prompt.Spans.Select(span => (span.Start, span.Count)), letters.Prompt.Spans.Select(span => (span.Start, span.Count)));
        if (apart)
        {
            Assert.Equal(letters.Prompt.Ids.Count, letters.Apart!.Turns[1].End);
            Assert.Equal((letters.Apart.Turns[0].End, whole.Apart!.Turns[1].First - whole.Apart.Turns[1].Start),
                (letters.Spans[0].End, letters.Apart.Turns[1].First - letters.Apart.Turns[1].Start));
        }
    }

    [Fact]
    public void LettersThatComeInMoveWhatIsBehindThem()
    {
        DatasetSample sample = Sample(
            DataMessage.User(Picture(1), "One?"), DataMessage.Assistant("the other thing"), DataMessage.User("Now this:", Picture(2), "Two?"),
            DataMessage.Assistant("second"));
        using SupervisedPrompt whole = new SupervisedSpans(s_processor.Value).Prepare(sample);
        int count = whole.Prompt.Ids.Count;
        var placed = new PreparedPrompt { Ids = whole.Prompt.Ids, Spans = whole.Prompt.Spans, Positions = [.. Enumerable.Range(0, count), .. Enumerable.Range(100, count)] };
        var letters = AnswerLetters.Of(placed, [whole.Spans[0]], s_processor.Value);
        int more = letters.Prompt.Ids.Count - count;
        Assert.True(more > 3, "The answer has a token of several letters.");
        Assert.Equal(whole.Prompt.Spans.Select(span => span.Start + (span.Start > whole.Spans[0].Start ? more : 0)), letters.Prompt.Spans.Select(span => span.Start));
        Assert.Equal([.. Enumerable.Range(0, count + more), .. Enumerable.Range(100, count + more)], letters.Prompt.Positions!);
        Assert.Equal((whole.Spans[1].Start + more, whole.Spans[1].End + more), letters.At(whole.Spans[1]));
    }

    [Fact]
    public void WhereTheQuestionIsLearntTooOnlyAnswersAreTakenApart()
    {
        DatasetSample sample = Sample(DataMessage.User("What is the other thing?"), DataMessage.Assistant("the other thing"));
        var spans = new SupervisedSpans(s_processor.Value, new SupervisionOptions { TrainOnPrompt = true });
        using SupervisedPrompt whole = spans.Prepare(sample), letters = spans.Prepare(sample with { AnswersByLetter = true });
        Assert.Equal(letters.Prompt.Ids.Count, letters.SupervisedCount);
        Assert.Equal(Texts(whole), Texts(letters));
        Assert.True(letters.SupervisedCount < Texts(whole).Single().Length, "The question has tokens of several letters.");
        Assert.True(letters.SupervisedCount > whole.SupervisedCount);
    }

    [Fact]
    public void PairsAreLearntInTheirEndsOnly()
    {
        DatasetSample sample = Sample(DataMessage.User(Picture(1), "q"), DataMessage.Assistant("earlier"), DataMessage.User("r")) with
        {
            Chosen = [DataMessage.Assistant("good")],
            Rejected = [DataMessage.Assistant("quite bad")],
        };
        var spans = new SupervisedSpans(s_processor.Value);
        (SupervisedPrompt chosen, SupervisedPrompt rejected) = spans.PreparePair(sample);
        Assert.Equal(["good<|im_end|>"], Texts(chosen));
        Assert.Equal(["quite bad<|im_end|>"], Texts(rejected));
        int start = chosen.Spans[0].Start;
        Assert.Equal(chosen.Prompt.Ids.Take(start), rejected.Prompt.Ids.Take(start));
        Assert.Equal(rejected.Prompt.Ids.Count, spans.CountTokens(sample));
    }

    [Fact]
    public void ControlTokensInDataStayText()
    {
        using SupervisedPrompt prompt = new SupervisedSpans(s_processor.Value).Prepare(
            Sample(DataMessage.User("say <|im_end|>"), DataMessage.Assistant("it is <|im_end|> there")));
        int end = s_processor.Value.Tokenizer.Tokenizer.TokenToId("<|im_end|>")!.Value;
        Assert.Equal(2, prompt.Prompt.Ids.Count(id => id == end));
        Assert.Equal(["it is <|im_end|> there<|im_end|>"], Texts(prompt));
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(PublishedTemplates))]
    public void PublishedTemplatesLetAnswersBeTold(string name, string endOfTurn)
    {
        IProcessor processor = WithTemplate(File.ReadAllText(Path.Combine(CaseFinder.FindPack()!, "templates", "published", name, "template.jinja")));
        using SupervisedPrompt prompt = new SupervisedSpans(processor).Prepare(Sample(
            DataMessage.User("What is it?"), DataMessage.Assistant("A red dog."), DataMessage.User("And what colour?"), DataMessage.Assistant("Red, of course")));
        Assert.Equal(["A red dog." + endOfTurn, "Red, of course" + endOfTurn], Texts(prompt, processor).Select(text => text.TrimStart()));
    }

    [Fact]
    public void TemplatesThatRewriteEarlierAnswersAreNamed()
    {
        const string Template =
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content if loop.last or m.role == 'user' else m.content.split('</think>')[-1] }}<|im_end|>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
        IProcessor processor = WithTemplate(Template);
        DatasetSample sample = Sample(
            DataMessage.User("q"), DataMessage.Assistant("<think>hm</think>a"), DataMessage.User("r"), DataMessage.Assistant("<think>so</think>b"));
        var error = Assert.Throws<TemplatePrefixException>(() => new SupervisedSpans(processor).Prepare(sample));
        Assert.Contains("message 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("mask_history", error.Message, StringComparison.Ordinal);
        using SupervisedPrompt last = new SupervisedSpans(processor, new SupervisionOptions { MaskHistory = true }).Prepare(sample);
        Assert.Equal(["<think>so</think>b<|im_end|>"], Texts(last, processor));
    }

    public static TheoryData<string, string> PublishedTemplates()
    {
        var rows = new TheoryData<string, string>();
        if (CaseFinder.FindPack() is not { } pack || !Directory.Exists(Path.Combine(pack, "templates", "published")))
        {
            return rows;
        }

        rows.Add("Qwen-Qwen2.5-7B-Instruct", "<|im_end|>");
        rows.Add("meta-llama-Llama-3.1-8B-Instruct", "<|eot_id|>");
        rows.Add("google-gemma-2-2b-it", "<end_of_turn>\n");
        rows.Add("mistralai-Mistral-Nemo-Instruct-2407", "<|im_end|>");
        rows.Add("ibm-granite-granite-3.3-2B-Instruct", "<|end_of_text|>\n");
        rows.Add("LFM2.5-Instruct", "<|im_end|>");
        return rows;
    }

    private static DatasetSample Sample(params IReadOnlyList<DataMessage> messages) => new() { Id = "s", Messages = messages };

    private static MediaReference Picture(int seed) => MediaReference.Drawn($"p{seed}", () =>
    {
        var image = new Image(50, 40, PixelFormat.Rgb);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    });

    private static IEnumerable<string> Texts(SupervisedPrompt prompt, IProcessor? processor = null) => prompt.Spans.Select(span =>
        (processor ?? s_processor.Value).Tokenizer.Tokenizer.Decode([.. prompt.Prompt.Ids.Skip(span.Start).Take(span.End - span.Start)]));

    /// <summary>The tokenizer of the tiny model with another template; its contents are texts.</summary>
    private TextProcessor WithTemplate(string template)
    {
        foreach (string name in (string[])["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])
        {
            File.WriteAllBytes(_folder.File(name), File.ReadAllBytes(Path.Combine(s_llava, name)));
        }

        File.WriteAllText(_folder.File("chat_template.jinja"), template);
        LoadedTokenizer tokenizer = TokenizerLoader.FromFolder(_folder.Path);
        return new TextProcessor(tokenizer, [tokenizer.Tokenizer.TokenToId("<|im_end|>")!.Value]);
    }
}
