using Percept.Data;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>A picture, and a text that belongs to it where the objective needs one.</summary>
public sealed class PictureItem : TrainingItem
{
    /// <summary>Makes an item.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="pixels">Float32 [1, 3, H, W], which the item owns.</param>
    /// <param name="text">The ids of the text; empty for none.</param>
    /// <param name="draw">Where random numbers of this use of the sample begin.</param>
    /// <param name="weight">What the item counts in the mean of a step.</param>
    public PictureItem(DatasetSample sample, Tensor pixels, int[] text, ulong draw, double weight = 1)
        : base(sample)
    {
        Weight = weight;
        Pixels = pixels;
        Text = text;
        Draw = draw;
    }

    /// <summary>Float32 [1, 3, H, W].</summary>
    public Tensor Pixels { get; }

    /// <summary>The same picture as a teacher sees it; null for none.</summary>
    public Tensor? TeacherPixels { get; init; }

    /// <summary>The ids of the text.</summary>
    public IReadOnlyList<int> Text { get; }

    /// <summary>Where random numbers of this use of the sample begin.</summary>
    public ulong Draw { get; }

    /// <summary>The pixels of items as one batch: float32 [n, 3, H, W].</summary>
    /// <param name="items">Items of this kind, at least one.</param>
    internal static Tensor Batch(IReadOnlyList<TrainingItem> items) => Join(items, static item => item.Pixels);

    /// <summary>The same as a teacher sees them.</summary>
    /// <param name="items">Items of this kind with <see cref="TeacherPixels"/>, at least one.</param>
    internal static Tensor TeacherBatch(IReadOnlyList<TrainingItem> items) => Join(items, static item => item.TeacherPixels!.Value);

    private static Tensor Join(IReadOnlyList<TrainingItem> items, Func<PictureItem, Tensor> pixels)
    {
        var parts = new Tensor[items.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = pixels((PictureItem)items[i]);
        }

        return parts.Length == 1 ? parts[0] : Ops.Concat(parts, 0);
    }

    /// <inheritdoc/>
    public override int Rows => Math.Max(1, Text.Count);

    /// <inheritdoc/>
    public override double Weight { get; }

    /// <inheritdoc/>
    public override bool HasMedia => true;

    /// <inheritdoc/>
    public override void Dispose()
    {
        Pixels.Dispose();
        TeacherPixels?.Dispose();
    }
}
