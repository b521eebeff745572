using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Inference.Tests.Support;

/// <summary>Runs of an engine, as tests ask for them.</summary>
internal static class EngineRuns
{
    internal static EngineRequest Request(PreparedPrompt prompt, int count, params ILogitsProcessor[] processors) => new()
    {
        Prompt = prompt, Settings = new GenerationSettings { MaxNewTokens = count }, Processors = processors,
    };

    internal static EngineRequest Request(int[] ids, int count, params ILogitsProcessor[] processors) =>
        Request(new PreparedPrompt { Ids = ids }, count, processors);

    internal static EngineResult Result(this InferenceEngine engine, EngineRequest request) =>
        engine.Start(request).Completion.WaitAsync(TimeSpan.FromMinutes(1)).GetAwaiter().GetResult();

    internal static IReadOnlyList<int> Tokens(this InferenceEngine engine, int[] ids, int count) =>
        engine.Result(Request(ids, count)).Best.Tokens;

    /// <summary>Ids without a pattern.</summary>
    internal static int[] Ids(int count, int seed, int vocabulary = 72) =>
        [.. Enumerable.Range(0, count).Select(i => 3 + ((i + seed) * 7919 + (i * i * 31) + seed) % (vocabulary - 3))];

    /// <summary>Greedy decoding that runs everything again for each token, without any cache.</summary>
    internal static List<int> WithoutCache(ILanguageModel model, int[] ids, int count)
    {
        using GradientSwitch off = Gradients.Off();
        List<int> all = [.. ids];
        for (int i = 0; i < count; i++)
        {
            using TensorScope scope = TensorScope.Open();
            var batch = new SequenceBatch(model.PositionAxes);
            batch.Add(all.Count);
            Tensor hidden = model.Forward(model.Embed(Tensor.From(all.ToArray(), [all.Count])), batch);
            all.Add(TokenSampler.Greatest(model.Logits(hidden.Rows(all.Count - 1, 1)).Span<float>()));
        }

        return all[ids.Length..];
    }

    /// <summary>Does something whenever logits are processed, on the engine's thread.</summary>
    internal sealed class Hook(Action<int> act) : ILogitsProcessor
    {
        public string Name => "Hook";

        public void Process(in LogitsContext context, Span<float> logits) => act(context.Length - context.PromptLength);
    }
}
