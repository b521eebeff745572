using Percept.Inference.Tests.Support;
using Percept.Models;
using Xunit;

namespace Percept.Inference.Tests.Engine;

/// <summary>How runs end: cancelled, failed, with the engine.</summary>
public class EngineLifeTests
{
    private static readonly ILanguageModel s_model = TinyModels.Language("text/llama/default");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ACancelledRunEndsBeforeTheNextToken(bool byToken)
    {
        using var engine = new InferenceEngine(s_model, new EngineOptions { CacheType = KvCacheType.F32 });
        using var stop = new CancellationTokenSource();
        EngineRun? run = null;
        var started = new ManualResetEventSlim();
        int last = 0;
        run = engine.Start(
            EngineRuns.Request([4, 5, 6], 200, new EngineRuns.Hook(count =>
            {
                started.Wait();
                last = count;
                if (count == 5)
                {
                    (byToken ? stop.Cancel : (Action)run!.Cancel)();
                }
            })),
            stop.Token);
        started.Set();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Completion);
        Assert.Equal(byToken, error.CancellationToken == stop.Token);
        Assert.Equal(5, last);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (int token in run.Tokens(TestContext.Current.CancellationToken))
            {
            }
        });
        run.Cancel();

        // What it had computed is right, and known.
        EngineResult again = engine.Result(EngineRuns.Request([4, 5, 6], 12));
        Assert.Equal(EngineRuns.WithoutCache(s_model, [4, 5, 6], 12), again.Best.Tokens);
        Assert.Equal(2, again.Usage.ReusedTokens);
    }

    /// <summary>Beams share no passes: they wait, and do not keep others from hearing that they are cancelled.</summary>
    [Fact]
    public async Task ARunThatSharesNoPassesWaitsForThoseUnderWay()
    {
        using var engine = new InferenceEngine(s_model);
        using var begun = new ManualResetEventSlim();
        using var queued = new ManualResetEventSlim();
        EngineRun first = engine.Start(EngineRuns.Request([4], 200, new EngineRuns.Hook(count =>
        {
            if (count > 3)
            {
                begun.Set();
                queued.Wait();
            }
        })), TestContext.Current.CancellationToken);
        begun.Wait(TestContext.Current.CancellationToken);
        EngineRun beams = engine.Start(
            EngineRuns.Request([5], 20) with { Settings = new GenerationSettings { MaxNewTokens = 20, NumBeams = 3 } }, TestContext.Current.CancellationToken);
        first.Cancel();
        queued.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Completion);
        Assert.NotEmpty((await beams.Completion).Best.Tokens);
    }

    [Fact]
    public async Task AWaitingRunIsCancelledWhileOthersRun()
    {
        using var engine = new InferenceEngine(s_model, new EngineOptions { MaxSequences = 1 });
        using var stop = new CancellationTokenSource();
        var hold = new ManualResetEventSlim();
        EngineRun busy = engine.Start(EngineRuns.Request([4], 200, new EngineRuns.Hook(count =>
        {
            if (count > 3)
            {
                Thread.Sleep(2);
                hold.Wait();
            }
        })), TestContext.Current.CancellationToken);
        EngineRun waiting = engine.Start(EngineRuns.Request([5], 5), stop.Token);
        await stop.CancelAsync();
        hold.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Completion);
        Assert.False(busy.Completion.IsCompleted);
        Assert.Equal(200, (await busy.Completion).Best.Tokens.Count);
    }

    [Fact]
    public async Task AnErrorOfOneRunEndsNoOther()
    {
        using var engine = new InferenceEngine(s_model);
        EngineRun good = engine.Start(EngineRuns.Request([4, 5], 30), TestContext.Current.CancellationToken);
        EngineRun bad = engine.Start(
            EngineRuns.Request([6, 7], 30, new EngineRuns.Hook(count =>
            {
                if (count == 4)
                {
                    throw new InvalidDataException("mine");
                }
            })),
            TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => bad.Completion);
        Assert.Equal("mine", error.Message);
        using var alone = new InferenceEngine(s_model);
        Assert.Equal(alone.Tokens([4, 5], 30), (await good.Completion).Best.Tokens);
    }

    [Fact]
    public void AnIdOutOfTheVocabularyIsOneRunsError()
    {
        using var engine = new InferenceEngine(s_model);
        Assert.ThrowsAny<Exception>(() => engine.Tokens([4, 70000], 3));
        Assert.Equal(3, engine.Tokens([4, 5], 3).Count);
    }

    [Fact]
    public async Task TheEndOfTheEngineEndsItsRuns()
    {
        var engine = new InferenceEngine(s_model, new EngineOptions { MaxSequences = 2 });
        using var begun = new ManualResetEventSlim();
        EngineRun[] runs =
        [
            .. Enumerable.Range(0, 5).Select(i => engine.Start(
                EngineRuns.Request([4 + i], 200, new EngineRuns.Hook(count =>
                {
                    begun.Set();
                    Thread.Sleep(5);
                })),
                TestContext.Current.CancellationToken)),
        ];
        begun.Wait(TestContext.Current.CancellationToken);
        engine.Dispose();
        engine.Dispose();
        foreach (EngineRun run in runs)
        {
            Assert.True(run.Completion.IsCompleted);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => run.Completion);
        }

        Assert.Throws<ObjectDisposedException>(() => engine.Start(EngineRuns.Request([4], 1)));
    }

    /// <summary>Searches that run alone are ended too, and not waited for.</summary>
    [Fact]
    public async Task TheEndOfTheEngineEndsARunAlone()
    {
        var engine = new InferenceEngine(s_model);
        using var begun = new ManualResetEventSlim();
        int steps = 0;
        EngineRun run = engine.Start(
            EngineRuns.Request([4], 200, new EngineRuns.Hook(_ =>
            {
                steps++;
                begun.Set();
                Thread.Sleep(5);
            })) with
            {
                Settings = new GenerationSettings { MaxNewTokens = 200, NumBeams = 2 },
            },
            TestContext.Current.CancellationToken);
        begun.Wait(TestContext.Current.CancellationToken);
        engine.Dispose();
        Assert.InRange(steps, 1, 100);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => run.Completion);
    }

    /// <summary>Prompt lookup chooses tokens for good as it goes: they can be read before the answer is whole.</summary>
    [Fact]
    public async Task TokensOfARunAloneComeAsTheyAreChosen()
    {
        using var engine = new InferenceEngine(s_model);
        using var read = new ManualResetEventSlim();
        int steps = 0;
        bool wasRead = false;
        EngineRun run = engine.Start(
            EngineRuns.Request([4, 5, 4], 20, new EngineRuns.Hook(_ => wasRead |= ++steps == 5 && read.Wait(TimeSpan.FromSeconds(30)))) with
            {
                Settings = new GenerationSettings { MaxNewTokens = 20, PromptLookupNumTokens = 3 },
            },
            TestContext.Current.CancellationToken);
        var tokens = new List<int>();
        await foreach (int token in run.Tokens(TestContext.Current.CancellationToken))
        {
            tokens.Add(token);
            read.Set();
        }

        Assert.True(wasRead, "No token came before the fifth was chosen.");
        Assert.Equal((await run.Completion).Best.Tokens, tokens);
    }

    /// <summary>What choosing takes is decoding, and no part of feeding the prompt.</summary>
    [Theory]
    [InlineData(1, 3, null)]
    [InlineData(2, null, null)]
    [InlineData(1, null, 0.6)]
    public async Task ARunAloneTellsDecodingFromThePrompt(int beams, int? lookup, double? alpha)
    {
        using var engine = new InferenceEngine(s_model);
        EngineRun run = engine.Start(
            EngineRuns.Request([4, 5, 6], 6, new EngineRuns.Hook(_ => Thread.Sleep(20))) with
            {
                Settings = new GenerationSettings
                {
                    MaxNewTokens = 6, NumBeams = beams, PromptLookupNumTokens = lookup, PenaltyAlpha = alpha, TopK = 4,
                },
            },
            TestContext.Current.CancellationToken);
        EngineUsage usage = (await run.Completion).Usage;
        Assert.InRange(usage.Decoding.TotalMilliseconds, 20, double.MaxValue);
        Assert.True(usage.Decoding > usage.Prefill, $"{usage}");
    }

    [Fact]
    public async Task StartsAndTheEndMayCrossOnAnyThread()
    {
        for (int round = 0; round < 20; round++)
        {
            var engine = new InferenceEngine(s_model);
            Task<int>[] askers =
            [
                .. Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
                {
                    int answered = 0;
                    while (true)
                    {
                        try
                        {
                            await engine.Start(EngineRuns.Request([4, 5 + i], 2)).Completion.WaitAsync(TimeSpan.FromSeconds(20));
                            answered++;
                        }
                        catch (ObjectDisposedException)
                        {
                            return answered;
                        }
                    }
                })),
            ];
            await Task.Delay(round, TestContext.Current.CancellationToken);
            engine.Dispose();
            await Task.WhenAll(askers);
        }
    }

    [Fact]
    public void ContextsThatAreTooShortSayBothNumbers()
    {
        using var engine = new InferenceEngine(s_model, new EngineOptions { ContextLength = 16 });
        var error = Assert.Throws<ContextLengthException>(() => engine.Start(EngineRuns.Request(EngineRuns.Ids(10, 1), 7)));
        Assert.Equal((17, 16), (error.Needed, error.Available));
        Assert.Equal(6, engine.Tokens(EngineRuns.Ids(10, 1), 6).Count);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void OptionsOutOfRangeAreRefused(int chunk, int sequences) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new InferenceEngine(s_model, new EngineOptions { PrefillChunk = chunk, MaxSequences = sequences }));

    [Fact]
    public void ACacheThatTheModelCannotFillIsRefusedAtOnce() => Assert.Throws<NotSupportedException>(
        () => new InferenceEngine(TinyModels.Language("text/phi3/longrope"), new EngineOptions { CacheType = KvCacheType.Q8 }));

    /// <summary>A request with much room takes memory for what it holds.</summary>
    [Fact]
    public void AConversationIsKeptWhateverItsRoom()
    {
        ILanguageModel model = TinyModels.Language("text/llama/rope-yarn-mscale");
        long token;
        using (var cache = new KvCache(model.CacheShapes))
        {
            token = cache.BytesPerToken;
        }

        using var engine = new InferenceEngine(
            model, new EngineOptions { CacheType = KvCacheType.F32, PrefixCacheBytes = 600 * token });
        int[] ids = EngineRuns.Ids(20, 3);
        using var stop = new CancellationTokenSource();
        EngineRun run = engine.Start(
            EngineRuns.Request(ids, 1100, new EngineRuns.Hook(count =>
            {
                if (count == 12)
                {
                    stop.Cancel();
                }
            })),
            stop.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => run.Completion.GetAwaiter().GetResult());
        Assert.Equal(19, engine.Result(EngineRuns.Request(ids, 1)).Usage.ReusedTokens);
    }
}
