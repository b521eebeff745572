using Percept.Models.Tests.Support;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Models.Tests.Multimodal;

/// <summary>Rows of media among the embeddings of tokens.</summary>
public class EmbeddingSplicerTests
{
    private readonly ILanguageModel _language = ((LlavaModel)GoldenCheckpoints.Load("llava/llava-1.5/siglip-qwen2")).Language;

    /// <summary>A prompt with two media, one of them split; ids at placeholders are none of the vocabulary.</summary>
    private (int[] Ids, MediaSpan[] Spans, Dictionary<MediaInput, Tensor> Rows) Prompt()
    {
        var random = new RandomStream(3);
        MediaInput Media(int tokens) => new() { Kind = MediaKind.Image, Pixels = default, Size = default, Tokens = tokens };
        MediaInput first = Media(3), second = Media(4);
        int[] ids = [5, -200, -200, -200, 6, 7, -200, -200, 8, -200, -200];
        return (
            ids,
            [new(1, 3, first), new(6, 2, second), new(9, 2, second, Offset: 2)],
            new()
            {
                [first] = Ops.RandomNormal([3, _language.HiddenSize], random),
                [second] = Ops.RandomNormal([4, _language.HiddenSize], random),
            });
    }

    [Fact]
    public void RowsStandAtTheirPlaces()
    {
        using GradientSwitch off = Gradients.Off();
        (int[] ids, MediaSpan[] spans, Dictionary<MediaInput, Tensor> rows) = Prompt();
        Tensor got = EmbeddingSplicer.Embed(_language, ids, 0, spans, media => rows[media]);
        Tensor words = _language.Embed(Tensor.From([5, 6, 7, 8], [4]));
        Tensor second = rows[spans[1].Media];
        Compare.Same(
            Ops.Concat(
                [
                    words.Rows(0, 1), rows[spans[0].Media], words.Rows(1, 2), second.Rows(0, 2), words.Rows(3, 1), second.Rows(2, 2),
                ],
                0),
            got);
    }

    [Fact]
    public void PartsOfAPromptAreThoseOfTheWhole()
    {
        using GradientSwitch off = Gradients.Off();
        (int[] ids, MediaSpan[] spans, Dictionary<MediaInput, Tensor> rows) = Prompt();
        Tensor whole = EmbeddingSplicer.Embed(_language, ids, 0, spans, media => rows[media]);
        for (int start = 0; start < ids.Length; start++)
        {
            for (int end = start + 1; end <= ids.Length; end++)
            {
                Tensor part = EmbeddingSplicer.Embed(_language, ids.AsSpan(start, end - start), start, spans, media => rows[media]);
                Compare.Same(Ops.Slice(whole, 0, start, end), part);
            }
        }
    }

    [Fact]
    public void GradientsReachTheRows()
    {
        (int[] ids, MediaSpan[] spans, Dictionary<MediaInput, Tensor> rows) = Prompt();
        foreach (MediaInput media in rows.Keys.ToArray())
        {
            rows[media] = rows[media].RequireGrad();
        }

        Tensor embeddings = EmbeddingSplicer.Embed(_language, ids, 0, spans, media => rows[media]);
        Gradients.Backward(Ops.Sum(Ops.Square(embeddings)));
        foreach (Tensor own in rows.Values)
        {
            Compare.Close(Ops.Scale(own, 2f), own.Grad!.Value);
        }
    }

    [Fact]
    public void AMediumOfTooFewRowsIsRefused()
    {
        using GradientSwitch off = Gradients.Off();
        (int[] ids, MediaSpan[] spans, Dictionary<MediaInput, Tensor> rows) = Prompt();
        Tensor none = Ops.Zeros([1, _language.HiddenSize]);
        Assert.Throws<PlaceholderMismatchException>(() => EmbeddingSplicer.Embed(_language, ids, 0, spans, _ => none));
    }
}
