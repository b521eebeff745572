using Percept.Inference.Tests.Support;
using Percept.Models;
using Percept.Tensors.Memory;
using Xunit;

namespace Percept.Inference.Tests.Engine;

/// <summary>Tests that count what is allocated: the pools are shared, so that nothing may run beside them.</summary>
[CollectionDefinition("Memory", DisableParallelization = true)]
public sealed class MemoryCollection;

/// <summary>The engine's thread takes nothing from the garbage collector for a token, and leaves nothing behind.</summary>
[Collection("Memory")]
public class EngineMemoryTests
{
    private const int Warm = 40, Measured = 100;

    [Theory]
    [InlineData("text/llama/default", 1, false)]
    [InlineData("text/llama/default", 4, false)]
    [InlineData("text/qwen2/sliding", 3, false)]
    [InlineData("text/gemma3_text/config-v5", 2, false)]
    [InlineData("text/qwen3_moe/default", 2, false)]
    [InlineData("text/llama/default", 2, true)]
    public async Task ATokenAllocatesNothing(string name, int together, bool sampled)
    {
        using var engine = new InferenceEngine(TinyModels.Language(name));
        var counts = new long[Warm + Measured + 1];
        var meter = new EngineRuns.Hook(count => counts[count] = GC.GetAllocatedBytesForCurrentThread());
        EngineRun[] runs =
        [
            .. Enumerable.Range(0, together).Select(i =>
            {
                EngineRequest request = i == 0
                    ? EngineRuns.Request([4, 5, 6], Warm + Measured, meter)
                    : EngineRuns.Request([7, 8 + i], Warm + Measured + 20);
                return engine.Start(
                    sampled
                        ? request with
                        {
                            Settings = request.Settings with
                            {
                                DoSample = true, Seed = 5, TopP = 0.9, TopK = 20, MinP = 0.01, RepetitionPenalty = 1.1,
                            },
                        }
                        : request,
                    TestContext.Current.CancellationToken);
            }),
        ];

        // One answer is read as it comes, the others are not.
        int read = 0;
        await foreach (int token in runs[0].Tokens(TestContext.Current.CancellationToken))
        {
            read++;
        }

        await Task.WhenAll(runs.Select(run => run.Completion));
        Assert.Equal(Warm + Measured, read);
        Assert.Equal(0, counts[Warm + Measured - 1] - counts[Warm]);
    }

    [Fact]
    public void AnEngineLeavesNothingBehind()
    {
        object model = ModelLoader.Load(TinyModels.Folder(TinyModels.Llava)).Model;
        IProcessor processor = ProcessorLoader.Load(TinyModels.Folder(TinyModels.Llava));
        Work(model, processor);
        Collect();
        long before = TensorMemory.InUseBytes;
        for (int i = 0; i < 3; i++)
        {
            Work(model, processor);
        }

        Collect();
        Assert.Equal(before, TensorMemory.InUseBytes);
    }

    private static void Work(object model, IProcessor processor)
    {
        using var engine = new InferenceEngine(model);
        using var stop = new CancellationTokenSource();
        foreach (int beams in (int[])[1, 3])
        {
            for (int seed = 0; seed < 2; seed++)
            {
                using PreparedPrompt prompt = processor.Prepare(
                    "<|im_start|>user <image>\nhi<|im_end|>", [MediaContent.Of(TinyModels.Picture(seed))]);
                EngineRequest request = EngineRuns.Request(prompt, 6) with
                {
                    Settings = new GenerationSettings { MaxNewTokens = 6, NumBeams = beams },
                };
                engine.Result(request);
                Assert.ThrowsAny<Exception>(() => engine.Result(request with
                {
                    Processors = [new EngineRuns.Hook(count => throw new InvalidDataException())],
                }));
                EngineRun cancelled = engine.Start(
                    request with { Processors = [new EngineRuns.Hook(count => stop.Cancel())] }, stop.Token);
                Assert.ThrowsAny<OperationCanceledException>(() => cancelled.Completion.GetAwaiter().GetResult());
            }
        }
    }

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
