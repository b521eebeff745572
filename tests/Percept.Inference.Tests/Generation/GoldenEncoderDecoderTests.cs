using Percept.Conformance;
using Percept.Inference.Tests.Support;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Inference.Tests.Generation;

/// <summary>The reference's generated ids of encoder-decoders, where the pack is present.</summary>
public class GoldenEncoderDecoderTests
{
    public static TheoryData<string, string> Runs()
    {
        var data = new TheoryData<string, string>();
        foreach ((string name, string run) in
            GoldenPack.Runs("generate", "text/t5/flan", "text/t5/v1.0", "text/bart/default"))
        {
            data.Add(name, run);
        }

        return data;
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Runs))]
    public void TheIdsAreThoseOfTheReference(string name, string run)
    {
        using TensorScope scope = TensorScope.Open();
        GoldenRun golden = GoldenPack.Run(name, run);
        string checkpoint = Path.Combine(GoldenPack.Folder(name)!, "checkpoint");
        IEncoderDecoder model = ModelLoader.Load(checkpoint).As<IEncoderDecoder>();
        GenerationSettings settings = GenerationSettings.Load(checkpoint).With(GoldenPack.Args(golden));
        int[][] ids = GoldenPack.IntRows(GoldenPack.Input(name, run, "input_ids"))!;
        int[][] masks = GoldenPack.IntRows(GoldenPack.Input(name, run, "attention_mask"))!;
        // Encoders are padded on the right.
        int[][] sources = [.. ids.Zip(masks, (row, mask) => row[..mask.Sum()])];
        using var session = new CrossSession(model, sources);
        GenerationResult result = TextGenerator.Generate(session, new GenerationRequest
        {
            Prompts = [.. sources.Select(_ => new GenerationPrompt([settings.DecoderStartTokenIds[0]]))],
            Settings = settings,
            EncoderIds = ids,
        }, TestContext.Current.CancellationToken);
        int[][] wanted = GoldenPack.IntRows(GoldenPack.Output(name, run, "sequences"))!;
        Assert.Equal(wanted, result.ToRows());
        if (GoldenPack.Output(name, run, "sequences_scores") is { } scores)
        {
            float[] expected = scores.ToArray<float>();
            for (int row = 0; row < expected.Length; row++)
            {
                Assert.Equal(expected[row], result.Sequences[row].Score!.Value, 1e-4f * (1 + Math.Abs(expected[row])));
            }
        }
    }
}
