using System.Globalization;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>
/// Puts pictures in the place of the marks −200 as LLaVA's own code does, then runs the language model: <c>inputs_embeds</c>,
/// <c>position_ids</c>, <c>attention_mask</c>, <c>labels</c>, logits, loss, hidden states. <c>config</c> changes the checkpoint's
/// configuration; <c>prompts</c> and <c>pictures</c> only describe the inputs.
/// </summary>
internal static class SpliceForwardVerb
{
    internal static void Run(RunContext context)
    {
        context.Args.Skip("prompts");
        context.Args.Skip("pictures");
        using GradientSwitch off = Gradients.Off();
        switch (context.Model().Model)
        {
            case LlavaModel model:
                Run(context, model);
                break;
            case MofModel model:
                MofRuns.Splice(context, model);
                break;
            default:
                throw new NotUnderstoodException($"'splice_forward' is not known of models of type '{context.Model().ModelType}'");
        }
    }

    /// <summary>The run's rows with pictures put in, without padding.</summary>
    internal static SplicedRow[] Rows(RunContext context, LlavaModel model) => Rows(context, model, out _, out _);

    private static void Run(RunContext context, LlavaModel model)
    {
        SplicedRow[] rows = Rows(context, model, out LlavaOriginalSettings settings, out SplicedBatch batch);
        batch.Give(context, model.Language, rows, settings.PadsLeft);
    }

    private static SplicedRow[] Rows(
        RunContext context, LlavaModel model, out LlavaOriginalSettings settings, out SplicedBatch batch)
    {
        string folder = context.CheckpointPath();
        ConfigReader config = AuthorsProcess.Changed(context, folder);
        settings = LlavaOriginalSettings.Read(config, LlavaOriginalTower.Find(folder, config));
        Tensor[] pictures = Pictures(context, model.With(settings.Llava));
        Tensor ids = context.Need("input_ids");
        batch = new SplicedBatch(ids, context.Find("attention_mask"), context.Find("labels"));
        var rows = new SplicedRow[ids.Shape[0]];
        int used = 0;
        for (int row = 0; row < rows.Length; row++)
        {
            (int[] kept, long[] labels) = batch.Kept(row);
            SplicedRow spliced = SplicedRow.Of(model.Language, kept, labels, pictures, ref used);
            rows[row] = settings.MaximumLength is { } most ? spliced.Cut(most) : spliced;
        }

        return rows;
    }

    /// <summary>The rows of each picture: of a plain stack without newlines, of a list as its tiles are laid out.</summary>
    private static Tensor[] Pictures(RunContext context, LlavaModel model)
    {
        int[][] sizes = context.Args.Find("image_sizes") is { } given
            ? [.. given.EnumerateArray().Select(static size => new[] { size[0].GetInt32(), size[1].GetInt32() })]
            : [];
        if (context.Find("images") is { Rank: 4 } stack)
        {
            Tensor features = model.Features(stack);
            return [.. Enumerable.Range(0, stack.Shape[0]).Select(i => Inner(features, i))];
        }

        var lists = new List<Tensor>();
        if (context.Find("images") is { } five)
        {
            lists.AddRange(Enumerable.Range(0, five.Shape[0]).Select(i => Inner(five, i)));
        }

        while (context.Find(string.Create(CultureInfo.InvariantCulture, $"images.{lists.Count}")) is { } tiles)
        {
            lists.Add(tiles.Rank == 3 ? tiles.View([1, tiles.Shape[0], tiles.Shape[1], tiles.Shape[2]]) : tiles);
        }

        return [.. lists.Select((tiles, i) => OfTiles(model, tiles, i < sizes.Length ? sizes[i] : null))];
    }

    private static Tensor OfTiles(LlavaModel model, Tensor tiles, int[]? size)
    {
        if (model.Config.Packing == TilePacking.Flat || tiles.Shape[0] > 1)
        {
            // Sizes are (width, height) here.
            return model.Tiles(tiles, size is [int width, int height] ? new(height, width) : default);
        }

        return model.Picture(tiles);
    }

    private static Tensor Inner(Tensor stack, int index) => stack.Rows(index, 1).View(stack.Shape.Without(0));
}
