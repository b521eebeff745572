using Percept.Inference.Tests.Support;
using Xunit;

namespace Percept.Inference.Tests.Generation;

/// <summary>Greedy decoding, sampling and speculation over toy models.</summary>
public class LoopTests
{
    private const int Size = 40;

    [Fact]
    public void GreedyFollowsTheGreatestLogit()
    {
        using ToySession session = ToySession.Bigrams(Size, 1);
        GenerationResult result = Run(session, new GenerationSettings { MaxNewTokens = 12 }, [3, 4]);
        int[] wanted = ByHand([3, 4], 12);
        Assert.Equal(wanted, result.Sequences[0].Tokens);
        Assert.Equal(FinishReason.Length, result.Sequences[0].Finish);
        // The last token is never fed.
        Assert.Equal([3, 4, .. wanted[..^1]], session.Ids(0));
        Assert.Equal(12, session.Passes);
    }

    [Fact]
    public void ARowThatHasEndedIsFedNoMore()
    {
        int[] free = ByHand([1], 12);
        using ToySession session = ToySession.Bigrams(Size, 2);
        GenerationResult result = Run(
            session, new GenerationSettings { MaxNewTokens = 12, EosTokenIds = [free[2], Size - 1], PadTokenId = 7 }, [1], [2, 9]);
        int first = Array.IndexOf(free, free[2]) + 1;
        Assert.Equal(free[..first], result.Sequences[0].Tokens);
        Assert.Equal(FinishReason.EndOfSequence, result.Sequences[0].Finish);
        Assert.Equal(first, session.Length(0));
        int[][] rows = result.ToRows();
        Assert.Equal(rows[0].Length, rows[1].Length);
        Assert.All(rows[0][(1 + first)..], id => Assert.Equal(7, id));
    }

    [Fact]
    public void ASeedReproducesAndRowsDoNotDisturbEachOther()
    {
        var settings = new GenerationSettings { MaxNewTokens = 20, DoSample = true, Seed = 5 };
        GenerationResult both = Run(ToySession.Bigrams(Size, 2), settings, [1, 2], [3]);
        GenerationResult again = Run(ToySession.Bigrams(Size, 2), settings, [1, 2], [3]);
        GenerationResult alone = Run(ToySession.Bigrams(Size, 1), settings, [3]);
        GenerationResult other = Run(ToySession.Bigrams(Size, 1), settings with { Seed = 6 }, [3]);
        Assert.Equal(both.Sequences[0].Tokens, again.Sequences[0].Tokens);
        Assert.Equal(both.Sequences[1].Tokens, alone.Sequences[0].Tokens);
        Assert.NotEqual(alone.Sequences[0].Tokens, other.Sequences[0].Tokens);
    }

    [Fact]
    public void SeveralAnswersDiffer()
    {
        GenerationResult result = Run(
            ToySession.Bigrams(Size, 2),
            new GenerationSettings { MaxNewTokens = 10, DoSample = true, Seed = 1, NumReturnSequences = 3 }, [1], [1]);
        Assert.Equal([0, 0, 0, 1, 1, 1], result.Sequences.Select(sequence => sequence.Prompt));
        Assert.Equal(3, result.Sequences.Take(3).Select(sequence => string.Join(' ', sequence.Tokens)).Distinct().Count());
        Assert.Equal(result.Sequences[1].Tokens, result.Sequences[4].Tokens);
    }

    [Fact]
    public void WithoutASeedEqualPromptsDrawApart()
    {
        GenerationResult result = Run(
            ToySession.Bigrams(Size, 2), new GenerationSettings { MaxNewTokens = 20, DoSample = true }, [1], [1]);
        Assert.NotEqual(result.Sequences[0].Tokens, result.Sequences[1].Tokens);
    }

    [Fact]
    public void DrawsFollowTheProbabilities()
    {
        float[] logits = [0, MathF.Log(2), MathF.Log(5), float.NegativeInfinity, MathF.Log(2)];
        int[] counts = new int[5];
        var sampler = new TokenSampler(9);
        for (int i = 0; i < 20_000; i++)
        {
            counts[sampler.Draw(logits, 0, i)]++;
        }

        Assert.Equal(0, counts[3]);
        Assert.InRange(counts[0], 1850, 2150);
        Assert.InRange(counts[1], 3800, 4200);
        Assert.InRange(counts[2], 9700, 10300);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 5)]
    [InlineData(true, 3)]
    public void SpeculationGivesThePlainTokens(bool sample, int guesses)
    {
        // A small vocabulary repeats itself, so that guesses are right now and then.
        var plain = new GenerationSettings
        {
            MaxNewTokens = 60, DoSample = sample, Seed = 3, TopK = 4, RepetitionPenalty = 1.05, EosTokenIds = [11],
        };
        GenerationSettings guessing = plain with { PromptLookupNumTokens = guesses, MaxMatchingNgramSize = 3 };
        for (ulong seed = 1; seed < 12; seed++)
        {
            using ToySession one = ToySession.Bigrams(12, 2, seed);
            using ToySession other = ToySession.Bigrams(12, 2, seed);
            GenerationResult wanted = Run(one, plain, [1, 2, 3, 1], [4, 5]);
            GenerationResult got = Run(other, guessing, [1, 2, 3, 1], [4, 5]);
            for (int row = 0; row < 2; row++)
            {
                Assert.Equal(wanted.Sequences[row].Tokens, got.Sequences[row].Tokens);
                Assert.Equal(wanted.Sequences[row].Finish, got.Sequences[row].Finish);
            }
        }
    }

    [Fact]
    public void SpeculationTakesFewerPasses()
    {
        int[] script = [.. Enumerable.Range(0, 80).Select(i => 1 + (i % 8))];
        using ToySession session = ToySession.Script(10, script);
        GenerationResult result = Run(
            session, new GenerationSettings { MaxNewTokens = 64, PromptLookupNumTokens = 7 }, script[..16]);
        Assert.Equal(script[16..], result.Sequences[0].Tokens);
        Assert.InRange(session.Passes, 1, 12);
        Assert.Equal(script[..^1], session.Ids(0));
    }

    [Fact]
    public void WrongGuessesAreForgotten()
    {
        // The prompt repeats 1 2 3, the text then goes on with 1 2 4.
        int[] script = [1, 2, 3, 1, 2, 4, 1, 5, 1, 2, 3, 9];
        using ToySession session = ToySession.Script(10, script);
        GenerationResult result = Run(session, new GenerationSettings { MaxNewTokens = 7, PromptLookupNumTokens = 4 }, script[..5]);
        Assert.Equal(script[5..], result.Sequences[0].Tokens);
        Assert.Equal(script[..^1], session.Ids(0));
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3, 1, 2 }, 2, new[] { 3, 1, 2 })]
    [InlineData(new[] { 1, 2, 3, 4, 2 }, 3, new[] { 3, 4, 2 })]
    [InlineData(new[] { 7, 7, 7, 7 }, 2, new[] { 7, 7 })]
    [InlineData(new[] { 1, 2, 3 }, 2, new int[0])]
    [InlineData(new[] { 1 }, 2, new int[0])]
    public void TheFirstPlaceOfTheLongestRunIsGuessedFrom(int[] ids, int longest, int[] wanted)
    {
        int[] guesses = new int[3];
        int count = PromptLookupLoop.Look(ids, longest, guesses);
        Assert.Equal(wanted, guesses[..count]);
    }

    [Fact]
    public void LogProbabilitiesAreThoseOfTheModel()
    {
        using ToySession session = ToySession.Bigrams(Size, 1);
        GenerationResult result = TextGenerator.Generate(session, new GenerationRequest
        {
            Prompts = [new GenerationPrompt([1])],
            Settings = new GenerationSettings { MaxNewTokens = 3, SuppressTokens = [ByHand([1], 1)[0]] },
            TopLogProbabilities = 4,
        }, TestContext.Current.CancellationToken);
        TokenDetail first = result.Sequences[0].Details[0];
        Assert.Equal(3, result.Sequences[0].Details.Count);
        Assert.Equal(4, first.Top.Count);
        Assert.Equal(first.Top.OrderByDescending(item => item.LogProbability), first.Top);
        // The best is suppressed, so the chosen one is the second.
        Assert.Equal(first.Top[1], first.Chosen);
        Assert.InRange(first.Top.Sum(item => Math.Exp(item.LogProbability)), 0.01, 1);
        float[] logits = new float[Size];
        session.Reorder([0]);
        Model([1], logits);
        double sum = logits.Sum(logit => Math.Exp(logit));
        Assert.Equal(Math.Log(Math.Exp(logits[first.Chosen.Token]) / sum), first.Chosen.LogProbability, 1e-5);
    }

    [Fact]
    public void CancellationStopsBeforeTheNextStep()
    {
        using var source = new CancellationTokenSource();
        int calls = 0;
        using var session = new ToySession(4, 1, (_, logits) =>
        {
            logits.Clear();
            if (++calls == 5)
            {
                source.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => TextGenerator.Generate(
            session,
            new GenerationRequest { Prompts = [new([1])], Settings = new GenerationSettings { MaxNewTokens = 100 } },
            source.Token));
        Assert.Equal(5, calls);
    }

    [Fact]
    public void TimeEndsEveryRow()
    {
        using var session = new ToySession(4, 2, (_, logits) =>
        {
            Thread.Sleep(4);
            logits.Clear();
        });
        GenerationResult result = Run(
            session, new GenerationSettings { MaxNewTokens = 10_000, MaxTime = TimeSpan.FromMilliseconds(60) }, [1], [2]);
        Assert.All(result.Sequences, sequence => Assert.Equal(FinishReason.Time, sequence.Finish));
        Assert.InRange(result.Sequences[0].Tokens.Count, 1, 40);
    }

    [Fact]
    public void APromptThatWasFedBeforeIsNotFedAgain()
    {
        using ToySession session = ToySession.Bigrams(Size, 1);
        float[] logits = new float[Size];
        session.Step([0, 0], [3, 4], logits);
        GenerationResult result = TextGenerator.Generate(session, new GenerationRequest
        {
            Prompts = [new GenerationPrompt([])],
            Settings = new GenerationSettings { MaxLength = 14 },
            FirstLogits = logits,
            EmbeddedLength = 2,
        }, TestContext.Current.CancellationToken);
        Assert.Equal(ByHand([3, 4], 12), result.Sequences[0].Tokens);
    }

    [Fact]
    public void BrokenLogitsAreTold()
    {
        using var nan = new ToySession(4, 1, (ids, logits) =>
        {
            logits.Clear();
            logits[2] = ids.Count > 2 ? float.NaN : 0;
        });
        var settings = new GenerationSettings { MaxNewTokens = 9 };
        InvalidLogitsException error = Assert.Throws<InvalidLogitsException>(() => Run(nan, settings, [1]));
        Assert.Equal(2, error.Position);
        Assert.Contains("token 2", error.Message, StringComparison.Ordinal);
        InvalidLogitsException none = Assert.Throws<InvalidLogitsException>(() => Run(
            ToySession.Bigrams(3, 1), settings with { SuppressTokens = [0, 1, 2] }, [1]));
        Assert.Contains("forbidden", none.Message, StringComparison.Ordinal);
        using var repaired = new ToySession(4, 1, (_, logits) => logits.Fill(float.NaN));
        Assert.Equal(9, Run(repaired, settings with { RemoveInvalidValues = true }, [1]).Sequences[0].Tokens.Count);
    }

    [Fact]
    public void TheContextIsNotOverrun()
    {
        GenerationRequest request = new()
        {
            Prompts = [new GenerationPrompt([1, 2, 3])],
            Settings = new GenerationSettings { MaxNewTokens = 6 },
            ContextLength = 8,
        };
        ContextLengthException error = Assert.Throws<ContextLengthException>(
            () => TextGenerator.Generate(ToySession.Bigrams(Size, 1), request, TestContext.Current.CancellationToken));
        Assert.Equal((9, 8), (error.Needed, error.Available));
        // What nobody asked for gives way.
        GenerationResult result = TextGenerator.Generate(
            ToySession.Bigrams(Size, 1), request with { Settings = new GenerationSettings() },
            TestContext.Current.CancellationToken);
        Assert.Equal(5, result.Sequences[0].Tokens.Count);
    }

    [Fact]
    public void RequestsThatDoNotFitAreTold()
    {
        var settings = new GenerationSettings { MaxNewTokens = 3 };
        Assert.Throws<ArgumentException>(() => Run(ToySession.Bigrams(Size, 2), settings, [1]));
        Assert.Throws<ArgumentException>(() => Run(ToySession.Bigrams(Size, 1), settings, []));
        Assert.Throws<ArgumentException>(() => Run(ToySession.Bigrams(Size, 1), settings with { StopStrings = ["x"] }, [1]));
        Assert.Throws<ArgumentException>(() => Run(ToySession.Bigrams(Size, 1), settings with { GuidanceScale = 2 }, [1]));
        Assert.Throws<ArgumentException>(() => Run(
            ToySession.Bigrams(Size, 1), new GenerationSettings { MaxLength = 2 }, [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => Run(
            ToySession.Bigrams(Size, 1), settings with { ForcedEosTokenIds = [Size] }, [1]));
        Assert.Throws<NotSupportedException>(() => Run(
            ToySession.Bigrams(Size, 1), settings with { PenaltyAlpha = 0.5 }, [1]));
    }

    internal static GenerationResult Run(ToySession session, GenerationSettings settings, params int[][] prompts) =>
        TextGenerator.Generate(
            session,
            new GenerationRequest { Prompts = [.. prompts.Select(ids => new GenerationPrompt(ids))], Settings = settings },
            TestContext.Current.CancellationToken);

    private static int[] ByHand(int[] prompt, int count)
    {
        List<int> ids = [.. prompt];
        float[] logits = new float[Size];
        for (int i = 0; i < count; i++)
        {
            Model(ids, logits);
            ids.Add(Array.IndexOf(logits, logits.Max()));
        }

        return [.. ids.Skip(prompt.Length)];
    }

    private static void Model(List<int> ids, float[] logits)
    {
        using ToySession session = ToySession.Bigrams(Size, 1);
        session.Step(new int[ids.Count], [.. ids], logits);
    }
}
