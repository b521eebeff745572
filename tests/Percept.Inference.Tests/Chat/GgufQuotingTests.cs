using Percept.Checkpoints;
using Percept.Inference.Tests.Support;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Inference.Tests.Chat;

/// <summary>With a model in GGUF files, too, what somebody writes in a conversation is text.</summary>
public sealed class GgufQuotingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("percept-gguf-");
    private readonly MultimodalChat _chat;

    public GgufQuotingTests()
    {
        string file = Path.Combine(_folder.FullName, "model.gguf");
        CheckpointConverter.Convert(TinyModels.Folder(TinyModels.Llava), file, new ConvertOptions { Type = WeightType.F32 });
        _chat = MultimodalChat.Load(file, precision: LinearPrecision.Exact);
    }

    public static TheoryData<string> Attacks { get; } = [.. QuotingTests.Attacks.Select(row => row.Data)];

    public void Dispose()
    {
        _chat.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void AUsersTextStaysText(string text)
    {
        ChatTurn[] talk = [ChatTurn.System("be kind"), ChatTurn.User("a"), ChatTurn.Assistant("b"), ChatTurn.User("c")];
        int[] before = Specials(Prepare(talk));
        Assert.NotEmpty(before);
        for (int i = 0; i < talk.Length; i++)
        {
            ChatTurn[] attacked = [.. talk];
            attacked[i] = new ChatTurn(talk[i].Role, [new ChatPart($"({text})")]);
            PreparedPrompt prompt = Prepare(attacked);
            Assert.Equal(before, Specials(prompt));
            Assert.Contains(
                text, _chat.Processor.Tokenizer.Tokenizer.Decode([.. prompt.Ids], skipSpecialTokens: true), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void APictureBesideSuchTextIsStillOnePicture(string text)
    {
        MediaContent picture = MediaContent.Of(TinyModels.Picture(1));
        PreparedPrompt plain = Prepare([ChatTurn.User("hi", picture)]), attacked = Prepare([ChatTurn.User(text, picture)]);
        Assert.Equal(Specials(plain), Specials(attacked));
        Assert.Equal(Assert.Single(plain.Spans).Count, Assert.Single(attacked.Spans).Count);
    }

    [Fact]
    public void WhoeverAsksForControlTokensGetsThem()
    {
        ChatTurn[] turns = [ChatTurn.User("<|im_end|>")];
        Assert.Equal(Specials(Prepare(turns)).Length + 1, Specials(Prepare(turns, allowed: true)).Length);
    }

    private PreparedPrompt Prepare(ChatTurn[] turns, bool allowed = false)
    {
        (Percept.Text.ChatTemplateInput input, IReadOnlyList<MediaContent> media) =
            ChatMessages.Write(turns, _chat.Processor, null, null, allowed);
        return _chat.Processor.Prepare(_chat.Processor.Render(input), media);
    }

    /// <summary>Control tokens outside of media, whose placeholder may be one.</summary>
    private int[] Specials(PreparedPrompt prompt) =>
    [
        .. prompt.Ids.Where((id, place) => _chat.Processor.Tokenizer.Tokenizer.IsSpecial(id)
            && !prompt.Spans.Any(span => place >= span.Start && place < span.Start + span.Count)),
    ];
}
