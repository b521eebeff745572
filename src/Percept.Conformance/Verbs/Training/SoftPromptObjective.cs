using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>The supervised tokens of a language model behind a learned prompt or prefix; logits are those of the real tokens.</summary>
internal static class SoftPromptObjective
{
    private static readonly string[] s_prefixLayers = ["transform.0", "transform.2"];
    private static readonly string[] s_promptLayers = ["mlp_head.0", "mlp_head.2", "mlp_head.4"];

    internal static bool Takes(TrainRun run) => run.Adapters?.Active?.Prompt is not null && run.Loaded.Model is ILanguageModel;

    internal static Tensor Loss(TrainRun run)
    {
        var language = (ILanguageModel)run.Loaded.Model;
        RunContext context = run.Context;
        SoftPrompt prompt = run.Adapters!.Active!.Prompt!;
        prompt = Encoded(run) is { } made ? prompt.With(made) : prompt;
        Tensor ids = context.Need("input_ids");
        int length = ids.Shape[1];
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], length, context.Find("attention_mask"));
        Tensor embeddings = language.Embed(rows.Pack(ids));
        var placed = SoftPromptRows.Behind(
            prompt, embeddings, rows.Batch(rows.Positions(null, language.CountsTokens), language.PositionAxes));
        Tensor hidden = language.Forward(placed.Embeddings, placed.Batch);
        int[] places = [.. placed.Places];
        Tensor logits = language.Logits(Ops.IndexSelect(hidden, Tensor.From(places, [places.Length]), 0));
        run.GiveRows("logits", logits, rows.Places);
        long[] labels = Numbers.ReadIntegers(context.Need("labels"));
        return Ops.CrossEntropy(logits, TokenObjective.Targets(rows, labels, length));
    }

    /// <summary>What the small network of the run's <c>param.</c> inputs makes; null when there is none.</summary>
    private static Tensor? Encoded(TrainRun run)
    {
        Dictionary<string, Tensor> own = run.Parameters.ToDictionary(parameter => parameter.FileName, parameter => parameter.Value);
        const string encoder = "prompt_encoder.";
        if (!own.TryGetValue($"{encoder}embedding.weight", out Tensor rows))
        {
            return null;
        }

        bool isPrefix = run.Adapters!.Active!.Prompt!.IsPrefix;
        string[] layers = isPrefix ? s_prefixLayers : s_promptLayers;
        for (int i = 0; i < layers.Length; i++)
        {
            rows = i == 0 ? rows : isPrefix ? Ops.Tanh(rows) : Ops.Relu(rows);
            rows = Ops.Linear(rows, own[$"{encoder}{layers[i]}.weight"], own[$"{encoder}{layers[i]}.bias"]);
        }

        return rows;
    }

    /// <summary>The weights that are in no file: the run's inputs named <c>param.</c> and so on.</summary>
    internal static IEnumerable<Parameter> Given(RunContext context) => context.Run.Inputs
        .Where(input => input.StartsWith("param.", StringComparison.Ordinal))
        .Select(input => (Name: input["param.".Length..], Input: input))
        .Select(pair => new Parameter(pair.Name, pair.Name, Ops.Clone(context.Need(pair.Input)).KeepAlways().RequireGrad()))
        .ToArray();
}
