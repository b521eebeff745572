using Percept.Inference;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>The prompts of a batch as a model takes them.</summary>
/// <param name="Language">The language model.</param>
/// <param name="Prompts">The ids, padding included.</param>
/// <param name="Embeddings">For each row float32 [n, hidden], without padding.</param>
/// <param name="EmbeddedLength">Positions that no id stands for.</param>
/// <param name="IsText">Whether the embeddings are just those of the ids.</param>
internal sealed record PreparedRows(
    ILanguageModel Language, IReadOnlyList<GenerationPrompt> Prompts, IReadOnlyList<Tensor> Embeddings, int EmbeddedLength,
    bool IsText = false);

/// <summary>Makes prompts of a run's inputs. What they are, the kind of model says.</summary>
internal static class GenerationPrompts
{
    internal static PreparedRows Of(RunContext context, object model) => model switch
    {
        ILanguageModel language => OfText(context, language),
        LlavaModel { Config.ImageToken: MarkedPrompt.ImageId } authors => OfMarked(context, authors),
        LlavaModel llava => OfLlava(context, llava),
        _ => throw new NotUnderstoodException($"'generate' is not known of {model.GetType().Name}"),
    };

    private static PreparedRows OfText(RunContext context, ILanguageModel language)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor? mask = context.Find("attention_mask");
        if (context.Find("inputs_embeds") is { } embeddings)
        {
            PaddedRows embedded = PaddedRows.Of(embeddings.Shape[0], embeddings.Shape[1], mask);
            return new PreparedRows(
                language,
                [.. embedded.Counts.Select(_ => new GenerationPrompt([]))],
                Split(embedded.Pack(embeddings), embedded.Counts),
                embeddings.Shape[1]);
        }

        Tensor ids = context.Need("input_ids");
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], ids.Shape[1], mask);
        return new PreparedRows(language, Padded(ids, rows), Split(language.Embed(rows.Pack(ids)), rows.Counts), 0, IsText: true);
    }

    private static PreparedRows OfLlava(RunContext context, LlavaModel model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor ids = context.Need("input_ids");
        PaddedRows rows = PaddedRows.Of(ids.Shape[0], ids.Shape[1], context.Find("attention_mask"));
        Tensor embeddings = LlavaForward.Embed(context, model, rows.Pack(ids));
        return new PreparedRows(model.Language, Padded(ids, rows), Split(embeddings, rows.Counts), 0);
    }

    /// <summary>Prompts of LLaVA's own code, which become embeddings and keep no ids.</summary>
    private static PreparedRows OfMarked(RunContext context, LlavaModel model)
    {
        using GradientSwitch off = Gradients.Off();
        SplicedRow[] rows = SpliceForwardVerb.Rows(context, model);
        return new PreparedRows(
            model.Language, [.. rows.Select(_ => new GenerationPrompt([]))], [.. rows.Select(row => row.Embeddings)],
            rows.Max(row => row.Labels.Length));
    }

    /// <summary>The ids of each row, left padding counted.</summary>
    internal static IReadOnlyList<GenerationPrompt> Padded(Tensor ids, PaddedRows rows) =>
    [
        .. GenerateVerb.Rows(ids).Select((row, i) => new GenerationPrompt(row, row.Length - rows.Counts[i])),
    ];

    /// <summary>Parts a packed batch into its rows.</summary>
    internal static IReadOnlyList<Tensor> Split(Tensor packed, IReadOnlyList<int> counts)
    {
        var parts = new List<Tensor>();
        int start = 0;
        foreach (int count in counts)
        {
            parts.Add(packed.Rows(start, count));
            start += count;
        }

        return parts;
    }
}
