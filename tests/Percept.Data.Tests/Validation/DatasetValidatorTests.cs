using Xunit;

namespace Percept.Data.Tests.Validation;

public sealed class DatasetValidatorTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryBadLineIsListedWithItsReason()
    {
        TestPictures.Write(_folder.File("good.png"), 1);
        byte[] png = File.ReadAllBytes(_folder.File("good.png"));
        File.WriteAllBytes(_folder.File("cut.png"), png[..(png.Length / 2)]);
        File.WriteAllText(_folder.File("text.png"), "this is no picture");
        string[] lines =
        [
            Llava("a", "good.png", "<image>\\nq", "fine"),
            Llava("b", "gone.png", "<image>q", "a"),
            Llava("c", "cut.png", "<image>q", "a"),
            Llava("d", "text.png", "<image>q", "a"),
            Llava("e", "good.png", "q", "a"),
            Llava("f", "good.png", "<image><image>q", "a"),
            Llava("g", "good.png", "<image>q", "  "),
            """{"id": "h", "conversations": [{"from": "alien", "value": "q"}, {"from": "gpt", "value": "a"}]}""",
            """{"id": "i", "conversations": [{"from": "human", "value": "q"}, {"from": "human", "value": "r"}, {"from": "gpt", "value": "a"}]}""",
            """{"id": "j", "conversations": [{"from": "human", "value": "q"}]}""",
            """{"id": "a", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}""",
            """{"id": "k", "conversations": """,
            """{"id": "l", "what": 1}""",
            Llava("m", "../out.png", "<image>q", "a"),
            """{"id": "n", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "one two three four five six"}]}""",
            """{"id": "o", "prompt": "q", "chosen": "", "rejected": "x"}""",
            """{"id": "p", "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "train": false}]}""",
        ];
        File.WriteAllLines(_folder.File("data.jsonl"), lines);
        var validator = new DatasetValidator(DatasetReader.Open(_folder.File("data.jsonl")), new ValidationOptions
        {
            CountTokens = sample => sample.Messages.Sum(message => message.Text.Split(' ').Length),
            MaxTokens = 5,
        });
        DataProblem[] problems = [.. validator.Validate()];
        Assert.Equal(
            [
                (2, "b", DataProblemKind.MissingMedia), (3, "c", DataProblemKind.DamagedMedia), (4, "d", DataProblemKind.DamagedMedia),
                (5, "e", DataProblemKind.MarkCount), (6, "f", DataProblemKind.MarkCount), (7, "g", DataProblemKind.EmptyAnswer),
                (8, "h", DataProblemKind.UnknownRole), (9, "i", DataProblemKind.RoleOrder), (10, "j", DataProblemKind.EmptyAnswer),
                (11, "a", DataProblemKind.DuplicateId), (12, null, DataProblemKind.Malformed), (13, "l", DataProblemKind.Malformed),
                (14, "m", DataProblemKind.OutsideMedia), (15, "n", DataProblemKind.TooLong), (16, "o", DataProblemKind.EmptyAnswer),
                (17, "p", DataProblemKind.EmptyAnswer),
            ],
            Distinct(problems));
        Assert.Equal((17, 16), (validator.Checked, validator.Bad));
        Assert.All(problems, problem => Assert.True(problem.Message.Length > 10 && problem.NextStep.Length > 5, problem.ToString()));
        Assert.Contains("data.jsonl:1", problems.Single(problem => problem.Kind == DataProblemKind.DuplicateId).Message, StringComparison.Ordinal);
        Assert.Contains("7 tokens, more than 5", problems.Single(problem => problem.Kind == DataProblemKind.TooLong).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TextsThatAreNoUnicodeAreListedAndTheRestIsChecked()
    {
        byte[] broken = [.. "{\"id\": \"c\", \"instruction\": \""u8, 0xff, 0xfe, .. "\", \"output\": \"a\"}\n"u8];
        byte[] lines =
        [
            .. """{"id": "a", "instruction": "q", "output": "a"}"""u8, (byte)'\n', .. """{"id": "b", "instruction": "\ud800", "output": "a"}"""u8,
            (byte)'\n', .. broken, .. """{"id": "d", "instruction": "q", "output": ""}"""u8,
        ];
        File.WriteAllBytes(_folder.File("data.jsonl"), lines);
        var validator = new DatasetValidator(DatasetReader.Open(_folder.File("data.jsonl")));
        DataProblem[] problems = [.. validator.Validate()];
        Assert.Equal(
            [(2, "b", DataProblemKind.Malformed), (3, "c", DataProblemKind.Malformed), (4, "d", DataProblemKind.EmptyAnswer)], Distinct(problems));
        Assert.Equal((4, 3), (validator.Checked, validator.Bad));
    }

    [Theory]
    [InlineData("""{"img": "x.png", "instruction": "q", "output": "a"}""", true)]
    [InlineData("""{"pictures": ["x.png"], "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}""", true)]
    [InlineData("""{"id": "x.png", "instruction": "q", "output": "a"}""", false)]
    [InlineData("""{"note": "see x.png", "instruction": "q", "output": "a"}""", false)]
    public void MediaUnderOtherKeysAreTold(string record, bool isTold)
    {
        File.WriteAllLines(_folder.File("data.jsonl"), [record]);
        DataProblem[] problems = [.. new DatasetValidator(DatasetReader.Open(_folder.File("data.jsonl"))).Validate()];
        Assert.Equal(isTold ? [DataProblemKind.UnreadMedia] : [], problems.Select(problem => problem.Kind));
    }

    [Theory]
    [InlineData(MediaCheck.None, 0)]
    [InlineData(MediaCheck.Header, 1)]
    [InlineData(MediaCheck.Decode, 2)]
    public void MediaAreLookedAtAsCloselyAsAsked(MediaCheck check, int bad)
    {
        File.WriteAllText(_folder.File("cut.ppm"), "P6\n40 30\n255\nfew pixels");
        File.WriteAllLines(_folder.File("data.jsonl"), [Llava("a", "cut.ppm", "<image>q", "a"), Llava("b", "gone.png", "<image>q", "a")]);
        var validator = new DatasetValidator(DatasetReader.Open(_folder.File("data.jsonl")), new ValidationOptions { Media = check });
        Assert.Equal(bad, validator.Validate().Count());
    }

    [Fact]
    public void GoodRecordsOfEveryFormatHaveNoProblems()
    {
        TestPictures.Write(_folder.File("x.png"), 1);
        File.WriteAllText(_folder.File("data.json"), """
            [{"image": "x.png", "conversations": [{"from": "human", "value": "<image>q"}, {"from": "gpt", "value": "a"}]},
             {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "call"},
               {"role": "tool", "content": "r"}, {"role": "assistant", "content": "a"}]},
             {"instruction": "q", "output": "a"},
             {"image": "x.png", "caption": "a dog"},
             {"prompt": "q", "chosen": "a", "rejected": "b"}]
            """);
        var validator = new DatasetValidator(DatasetReader.Open(_folder.File("data.json")));
        Assert.Empty(validator.Validate());
        Assert.Equal(5, validator.Checked);
    }

    [Fact]
    public void WhatCountingThrowsIsAProblemOfTheRecord()
    {
        File.WriteAllText(_folder.File("data.json"), """[{"instruction": "q", "output": "a"}]""");
        var validator = new DatasetValidator(
            DatasetReader.Open(_folder.File("data.json")), new ValidationOptions { CountTokens = _ => throw new NotSupportedException("No template.") });
        Assert.Contains("No template", Assert.Single(validator.Validate()).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<(int, string?, DataProblemKind)> Distinct(DataProblem[] problems) =>
        problems.Select(problem => ((int)problem.Source.Line, problem.Id, problem.Kind)).Distinct();

    private static string Llava(string id, string image, string question, string answer) =>
        $$"""{"id": "{{id}}", "image": "{{image}}", "conversations": [{"from": "human", "value": "{{question}}"}, {"from": "gpt", "value": "{{answer}}"}]}""";
}
