using Percept.Inference.Tests.Constraints;
using Percept.Inference.Tests.Support;
using Xunit;

namespace Percept.Inference.Tests.Generation;

/// <summary>Beam search over toy models; the reference's own results are compared in the golden cases.</summary>
public class BeamTests
{
    [Fact]
    public void EnoughBeamsFindTheBestOfAll()
    {
        const int Size = 5;
        using ToySession session = ToySession.Bigrams(Size, 1, 3);
        GenerationResult result = LoopTests.Run(
            session, new GenerationSettings { NumBeams = 125, MaxNewTokens = 3, LengthPenalty = 0, NumReturnSequences = 4 }, [1]);
        List<(double Score, int[] Ids)> all = [.. Every(Size, 3).OrderByDescending(item => item.Score)];
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(all[i].Ids, result.Sequences[i].Tokens);
            Assert.Equal(all[i].Score, result.Sequences[i].Score!.Value, 1e-4);
        }
    }

    [Theory]
    [InlineData(EarlyStopping.Off, 1)]
    [InlineData(EarlyStopping.Off, -2)]
    [InlineData(EarlyStopping.AtBeamCount, 0.5)]
    [InlineData(EarlyStopping.Never, 2)]
    public void ScoresAreSumsOverLength(EarlyStopping stopping, double penalty)
    {
        for (ulong seed = 1; seed < 8; seed++)
        {
            using ToySession session = ToySession.Bigrams(9, 2, seed);
            GenerationResult result = LoopTests.Run(
                session,
                new GenerationSettings
                {
                    NumBeams = 3, NumReturnSequences = 3, MaxNewTokens = 8, LengthPenalty = penalty, EarlyStopping = stopping,
                    EosTokenIds = [0, 5],
                },
                [1], [2, 3]);
            Assert.Equal(6, result.Sequences.Count);
            foreach (GeneratedSequence sequence in result.Sequences)
            {
                double sum = Sum(9, seed, sequence.Prompt == 0 ? [1] : [2, 3], sequence.Tokens);
                Assert.Equal(sum / Math.Pow(sequence.Tokens.Count, penalty), sequence.Score!.Value, 1e-3);
                bool ends = sequence.Tokens[^1] is 0 or 5;
                Assert.Equal(ends ? FinishReason.EndOfSequence : FinishReason.Length, sequence.Finish);
                Assert.DoesNotContain(sequence.Tokens.SkipLast(1), token => token is 0 or 5);
            }

            Assert.True(result.Sequences[0].Score >= result.Sequences[1].Score);
        }
    }

    [Fact]
    public void DrawnBeamsReproduceAndDiffer()
    {
        var settings = new GenerationSettings { NumBeams = 3, DoSample = true, Seed = 4, MaxNewTokens = 12 };
        GenerationResult one = LoopTests.Run(ToySession.Bigrams(30, 2), settings, [1], [2]);
        GenerationResult again = LoopTests.Run(ToySession.Bigrams(30, 2), settings, [1], [2]);
        GenerationResult alone = LoopTests.Run(ToySession.Bigrams(30, 1), settings, [2]);
        GenerationResult other = LoopTests.Run(ToySession.Bigrams(30, 2), settings with { Seed = 5 }, [1], [2]);
        Assert.Equal(one.Sequences[0].Tokens, again.Sequences[0].Tokens);
        Assert.Equal(one.Sequences[1].Tokens, alone.Sequences[0].Tokens);
        Assert.NotEqual(one.Sequences[0].Tokens, other.Sequences[0].Tokens);
    }

    [Fact]
    public void FinishedRowsAreFilledAsInTheReference()
    {
        var settings = new GenerationSettings { NumBeams = 2, EosTokenIds = [6, 3], PadTokenId = 0 };
        Assert.Equal(6, settings.FillTokenId);
        Assert.Equal(4, (settings with { PadTokenId = 4 }).FillTokenId);
        Assert.Equal(0, (settings with { NumBeams = 1 }).FillTokenId);
        Assert.Equal(6, (settings with { NumBeams = 1, PadTokenId = null }).FillTokenId);
    }

    [Fact]
    public void BeamsFollowAConstraint()
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(
            """{"type":"array","items":{"enum":["a",1,true]},"minItems":2,"maxItems":3}""", ToyVocabulary.Instance,
            new JsonSchemaOptions { MaxWhitespace = 0 });
        using ToySession session = ToySession.Bigrams(ToyVocabulary.Bytes.Count, 2, 9);
        GenerationResult result = TextGenerator.Generate(session, new GenerationRequest
        {
            Prompts = [new([1]), new([2])],
            Settings = new GenerationSettings
            {
                NumBeams = 3, NumReturnSequences = 2, MaxNewTokens = 40, EosTokenIds = [ToyVocabulary.End],
            },
            Constraint = constraint,
        }, TestContext.Current.CancellationToken);
        foreach (GeneratedSequence sequence in result.Sequences)
        {
            byte[] text = [.. sequence.Tokens.Where(id => id != ToyVocabulary.End).SelectMany(id => ToyVocabulary.Bytes[id].ToArray())];
            Assert.True(constraint.Accepts(text), System.Text.Encoding.UTF8.GetString(text));
            Assert.Equal(FinishReason.EndOfSequence, sequence.Finish);
        }
    }

    private static IEnumerable<(double Score, int[] Ids)> Every(int size, int length)
    {
        for (int number = 0; number < Math.Pow(size, length); number++)
        {
            int[] ids = [.. Enumerable.Range(0, length).Select(place => number / (int)Math.Pow(size, place) % size)];
            yield return (Sum(size, 3, [1], ids), ids);
        }
    }

    private static double Sum(int size, ulong seed, int[] prompt, IReadOnlyList<int> tokens)
    {
        using ToySession session = ToySession.Bigrams(size, 1, seed);
        float[] logits = new float[size];
        session.Step(new int[prompt.Length], prompt, logits);
        double sum = 0;
        foreach (int token in tokens)
        {
            sum += logits[token] - Math.Log(logits.Sum(logit => Math.Exp(logit)));
            session.Step([0], [token], logits);
        }

        return sum;
    }
}
