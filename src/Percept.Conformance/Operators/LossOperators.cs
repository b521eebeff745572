using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Cross-entropies and language-model losses.</summary>
internal static class LossOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("cross_entropy", CrossEntropy),
        ("cross_entropy_smoothed", CrossEntropy),
        ("cross_entropy_soft", SoftCrossEntropy),
        ("causal_lm_loss", CausalLanguageModel),
        ("nll_loss", NegativeLogLikelihood),
        ("ctc_loss", Ctc),
    ];

    private static void CrossEntropy(OpRun run)
    {
        if (run.Input("target").DType.IsFloat())
        {
            SoftCrossEntropy(run);
            return;
        }

        var options = new CrossEntropyOptions
        {
            IgnoreIndex = run.Args.Int("ignore_index", -100),
            LabelSmoothing = (float)run.Args.Number("label_smoothing", 0),
            Reduction = Reductions.Read(run.Args),
        };
        run.Give(Ops.CrossEntropy(run.Input("logits", "input"), run.Input("target"), options, run.Optional("weight")));
    }

    /// <summary>−Σ over classes of weight·((1 − e)·target + e/C)·log softmax; the mean is over rows.</summary>
    private static void SoftCrossEntropy(OpRun run)
    {
        Tensor logits = run.Input("logits", "input");
        Tensor target = run.Input("target");
        int axis = logits.Rank == 1 ? 0 : 1;
        int classes = logits.Shape[axis];
        float smoothing = (float)run.Args.Number("label_smoothing", 0);
        run.Args.Skip("ignore_index");
        if (smoothing != 0)
        {
            target = Ops.Add(Ops.Scale(target, 1 - smoothing), smoothing / classes);
        }

        Tensor terms = Ops.Multiply(target, Ops.LogSoftmax(logits, axis));
        if (run.Optional("weight") is { } weight)
        {
            Shape shape = Shape.Create([.. Enumerable.Repeat(1, logits.Rank)]).With(axis, classes);
            terms = Ops.Multiply(terms, Ops.Reshape(weight, shape));
        }

        run.Give(
            Reduce(Ops.Negate(Ops.Sum(terms, [axis])), Reductions.Read(run.Args), logits.Count / Math.Max(1, classes)));
    }

    private static void CausalLanguageModel(OpRun run)
    {
        RunArgs args = run.Args;
        Tensor logits = run.Input("logits");
        Tensor labels = run.Input("labels");
        bool perSequence = args.Text("reduction", "mean") == "mean_of_means";
        double? items = args.NumberOrNone("num_items_in_batch");
        var options = new CrossEntropyOptions
        {
            IgnoreIndex = args.Int("ignore_index", -100),
            LabelSmoothing = (float)args.Number("label_smoothing", 0),
            Reduction = perSequence ? Reduction.Mean : Reductions.Read(args),
            Divisor = items,
        };
        if (!perSequence)
        {
            run.Give(Ops.CausalLanguageModelLoss(logits, labels, options));
            return;
        }

        // The mean of each sequence first, then over the sequences.
        int batch = logits.Shape[0];
        Tensor[] means =
        [
            .. Enumerable.Range(0, batch).Select(row =>
                Ops.CausalLanguageModelLoss(Ops.Narrow(logits, 0, row, 1), Ops.Narrow(labels, 0, row, 1), options)),
        ];
        run.Give(Ops.Mean(Ops.Stack(means, 0)));
    }

    /// <summary>
    /// −weight[t]·input[t] over targets that are not ignored; the mean divides by the sum of their weights.
    /// </summary>
    private static void NegativeLogLikelihood(OpRun run)
    {
        Tensor input = run.Input("input");
        Tensor target = run.Input("target");
        long ignored = run.Args.Int("ignore_index", -100);
        int axis = input.Rank == 1 ? 0 : 1;
        float[]? weights = run.Optional("weight")?.ToArray<float>();
        long[] classes = Numbers.ReadIntegers(target);
        var kept = new float[classes.Length];
        double sum = 0;
        for (int i = 0; i < classes.Length; i++)
        {
            bool counts = classes[i] != ignored;
            if (counts && (classes[i] < 0 || classes[i] >= input.Shape[axis]))
            {
                throw new ArgumentOutOfRangeException(
                    $"Target {classes[i]} is no class of {input.Shape[axis]}.", (Exception?)null);
            }

            kept[i] = !counts ? 0 : weights is null ? -1 : -weights[classes[i]];
            sum -= kept[i];
            classes[i] = counts ? classes[i] : 0;
        }

        Tensor index = Tensor.From(classes, target.Shape.Insert(axis, 1));
        Tensor picked = Ops.Reshape(Ops.Gather(input, index, axis), target.Shape);
        Tensor losses = Ops.Multiply(picked, Tensor.From(kept, target.Shape));
        Reduction reduction = Reductions.Read(run.Args);
        run.Give(
            reduction == Reduction.Mean ? Ops.Scale(Ops.Sum(losses), (float)(1 / sum)) : Reduce(losses, reduction, 1));
    }

    private static void Ctc(OpRun run)
    {
        var options = new CtcOptions
        {
            Blank = run.Args.Int("blank", 0),
            Reduction = Reductions.Read(run.Args),
            ZeroInfinity = run.Args.Flag("zero_infinity", false),
        };

        // Log-probabilities come as [T, B, V]; the op takes the batch first, and logits as well.
        Tensor frames = run.Optional("logits") ?? Ops.Permute(run.Input("log_probs"), 1, 0, 2);
        run.Give(Ops.CtcLoss(
            frames, run.Input("targets"), run.Input("input_lengths"), run.Input("target_lengths"), options));
    }

    private static Tensor Reduce(Tensor losses, Reduction reduction, long count) => reduction switch
    {
        Reduction.None => losses,
        Reduction.Sum => Ops.Sum(losses),
        _ => Ops.Scale(Ops.Sum(losses), 1f / count),
    };
}
