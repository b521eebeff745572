using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>
/// The cross entropy of a language model's head, some rows at a time: logits over a large vocabulary take more memory than layers. Of a
/// frozen head the gradient of each part is computed with its loss; of one that learns, the backward pass computes the logits again.
/// </summary>
/// <remarks>Its parts are used again in each call; for one thread, and one call until the backward pass is done.</remarks>
public sealed class HeadCrossEntropy
{
    /// <summary>How many bytes of logits are computed at once where nothing else is asked for.</summary>
    public const long PartBytes = 40L << 20;

    private static readonly Func<Part, Tensor, Tensor> s_run = static (part, rows) =>
        Ops.CrossEntropy(part.Model.Logits(rows), part.Targets, part.Options);

    private readonly ILanguageModel _model;
    private readonly long _bytes;
    private readonly List<Part> _parts = [];

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="bytes">How many bytes of logits are computed at once; up to twice as many are left in one part.</param>
    public HeadCrossEntropy(ILanguageModel model, long bytes = PartBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        _model = model;
        _bytes = bytes;
    }

    /// <summary>The loss, summed over rows and divided by <see cref="CrossEntropyOptions.Divisor"/>.</summary>
    /// <param name="hidden">What the head reads: float32 [n, hidden].</param>
    /// <param name="targets">The right token of each row.</param>
    /// <param name="options">Smoothing, ignored index and divisor; the reduction must be <see cref="Reduction.Sum"/>.</param>
    /// <returns>Float32 [].</returns>
    /// <exception cref="ArgumentException">The number of targets is not that of rows, or another reduction is asked for.</exception>
    public Tensor Loss(Tensor hidden, ReadOnlySpan<int> targets, in CrossEntropyOptions options)
    {
        int rows = hidden.Shape[0];
        if (targets.Length != rows)
        {
            throw new ArgumentException($"There are {targets.Length} targets for {rows} rows. Give one for each row.", nameof(targets));
        }

        if (options.Reduction != Reduction.Sum)
        {
            throw new ArgumentException($"The reduction is {options.Reduction}; parts can be summed alone. Give Sum and a divisor.", nameof(options));
        }

        long row = 4L * _model.VocabularySize;
        if (rows * row <= 2 * _bytes)
        {
            return Ops.CrossEntropy(_model.Logits(hidden), Tensor.From(targets, [rows]), options);
        }

        // Parts of one size: the weights are read for each, however few rows it has.
        int most = (int)Math.Clamp(_bytes / row, 1, rows), parts = (rows + most - 1) / most, size = (rows + parts - 1) / parts;
        Tensor sum = default;
        for (int start = 0, i = 0; start < rows; start += size, i++)
        {
            int count = Math.Min(size, rows - start);
            Part part = At(i, options);
            part.Targets = Tensor.From(targets.Slice(start, count), [count]);
            Tensor loss = PartLoss(part, Ops.Narrow(hidden, 0, start, count));
            sum = sum.IsNone ? loss : Ops.Add(sum, loss);
        }

        return sum;
    }

    private static Tensor PartLoss(Part part, Tensor rows)
    {
        if (Gradients.Enabled)
        {
            return Gradients.Ahead(part, s_run, rows);
        }

        using TensorScope scope = TensorScope.Open();
        return scope.Keep(s_run(part, rows));
    }

    private Part At(int index, in CrossEntropyOptions options)
    {
        if (index == _parts.Count)
        {
            _parts.Add(new Part { Model = _model, Options = options });
        }

        _parts[index].Options = options;
        return _parts[index];
    }

    /// <summary>Some rows.</summary>
    private sealed class Part
    {
        public required ILanguageModel Model { get; init; }

        public required CrossEntropyOptions Options { get; set; }

        public Tensor Targets { get; set; }
    }
}
