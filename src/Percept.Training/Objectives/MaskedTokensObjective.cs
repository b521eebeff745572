using Percept.Checkpoints;
using Percept.Data;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Learns to guess the visual tokens of the patches of a picture that were hidden in blocks (BEiT, Bao et al. 2022). Each picture of a step
/// counts alike.
/// </summary>
/// <remarks>
/// The tokens are those of <see cref="RandomTokens"/>: of the pixels, or of the features of a teacher's tower, as in BEiT v2. Where they come from a
/// tokenizer of its own, give their logits and labels to <see cref="Ops.CrossEntropy"/>.
/// </remarks>
public sealed class MaskedTokensObjective : SummedObjective
{
    // Told apart from the stream that cuts pictures.
    private const ulong MaskStream = 0x626C6F636B;

    private readonly IMaskedTokens _model;
    private readonly IVisionTower _tower;
    private readonly RandomTokens _tokens;
    private readonly PicturePreparer _pictures;
    private readonly PicturePreparer? _teacherPictures;
    private readonly ulong _seed;
    private readonly double _ratio;

    /// <summary>Makes it for a model.</summary>
    /// <param name="model">A BEiT with a head for visual tokens.</param>
    /// <param name="loss">The recipe's settings.</param>
    /// <param name="seed">Where projection, codes, hidden blocks and random cuts begin.</param>
    /// <param name="ranks">The ranks that share each step; null for this process alone.</param>
    /// <exception cref="NotSupportedException">The model guesses no visual tokens.</exception>
    /// <exception cref="InvalidDataException">The teacher's patches are not the model's.</exception>
    public MaskedTokensObjective(TrainedModel model, LossRecipe loss, ulong seed, ICommunicator? ranks = null)
        : base(model, ranks)
    {
        ArgumentNullException.ThrowIfNull(loss);
        _model = model.Loaded.As<IMaskedTokens>();
        if (_model.VisualTokens == 0)
        {
            throw new NotSupportedException(
                $"'{model.Folder}' has no head for visual tokens. Use a checkpoint with 'lm_head.weight', or begin from a configuration whose " +
                "'architectures' says BeitForMaskedImageModeling.");
        }

        _tower = model.Loaded.As<IVisionTower>();
        _pictures = new PicturePreparer(model.Folder, loss, seed);
        string? teacher = loss.Teacher is { } name ? ModelLocator.Resolve(name) : null;
        _teacherPictures = teacher is null ? null : new PicturePreparer(teacher, loss, seed);
        _tokens = new RandomTokens(_model.VisualTokens, 3, _tower.PatchSize, teacher is null ? null : Teacher(teacher, _tower), seed);
        _seed = seed;
        _ratio = loss.MaskRatio;
    }

    /// <inheritdoc/>
    public override TrainingItem? Prepare(DatasetSample sample, ulong draw)
    {
        ArgumentNullException.ThrowIfNull(sample);

        // Cut alike: the same numbers decide.
        return new PictureItem(sample, _pictures.Make(sample, draw), [], draw) { TeacherPixels = _teacherPictures?.Make(sample, draw) };
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _tokens.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Tensor Loss(IReadOnlyList<TrainingItem> items, StepWeight whole, StepMetrics? metrics)
    {
        Tensor batch = PictureItem.Batch(items);
        int rows = batch.Shape[2] / _tower.PatchSize, columns = batch.Shape[3] / _tower.PatchSize, patches = rows * columns;
        Tensor masked = Ops.Empty([items.Count, patches], DType.Bool);
        Span<byte> marks = masked.Writable<byte>();
        for (int i = 0; i < items.Count; i++)
        {
            BlockMask.Fill(
                marks.Slice(i * patches, patches), rows, columns, _ratio, new RandomStream(_seed ^ MaskStream, ((PictureItem)items[i]).Draw));
        }

        int[] hidden = [.. Enumerable.Range(0, (int)masked.Count).Where(i => masked.Span<byte>()[i] != 0)];
        Tensor places = Tensor.From(hidden, [hidden.Length]);
        Tensor logits = _model.GuessTokens(new VisionInput(batch) { MaskedPatches = masked });
        Tensor guesses = Ops.IndexSelect(Ops.Reshape(logits, [items.Count * patches, logits.Shape[2]]), places, 0);
        Tensor shown = _teacherPictures is null ? batch : PictureItem.TeacherBatch(items);
        Tensor labels = Ops.IndexSelect(_tokens.Of(shown), places, 0);

        // Each picture has as many hidden patches, so the mean over patches is that over pictures.
        return Ops.Scale(Ops.CrossEntropy(guesses, labels), (float)(items.Count / whole.Items));
    }

    private static IVisionTower Teacher(string path, IVisionTower student)
    {
        IVisionTower tower = ModelLoader.Load(path).Model switch
        {
            IVisionTower own => own,
            LlavaModel llava => llava.Tower,
            DualEncoder { VisionModel: IVisionTower seeing } => seeing,
            BlipRetrieval blip => blip.Vision,
            _ => throw new NotSupportedException($"'{path}' has no vision tower whose features could be made tokens of. Name one that has."),
        };
        return tower.ImageSize / tower.PatchSize == student.ImageSize / student.PatchSize
            ? tower
            : throw new InvalidDataException(
                $"'{path}' sees {tower.ImageSize} pixels in patches of {tower.PatchSize}, and the model {student.ImageSize} in patches of " +
                $"{student.PatchSize}. Use a teacher with as many patches.");
    }
}
