using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// Shikra: LLaVA's first graph, whose pictures overwrite tokens <c>&lt;im_patch&gt;</c> between <c>&lt;im_start&gt;</c> and
/// <c>&lt;im_end&gt;</c>, and whose answers hold boxes as plain text (<see cref="BoxText"/>).
/// </summary>
/// <remarks>Reference: shikras/shikra, <c>mllm/models/shikra/shikra.py</c>. Safe for several threads.</remarks>
public sealed class ShikraModel : IMultimodalModel
{
    private readonly LlavaModel _parts;

    /// <summary>Makes it of LLaVA's parts.</summary>
    /// <param name="parts">Tower, projector and language model.</param>
    public ShikraModel(LlavaModel parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        _parts = parts;
    }

    /// <inheritdoc/>
    public ILanguageModel Language => _parts.Language;

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds => [MediaKind.Image];

    /// <summary>How many rows pictures become.</summary>
    public LlavaLayout Layout => _parts.Layout;

    /// <inheritdoc/>
    public Tensor Encode(MediaInput media, CancellationToken cancellation = default) => _parts.Encode(media, cancellation);

    /// <summary>The projected rows of pictures.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, D].</returns>
    public Tensor Features(Tensor pixels, CancellationToken cancellation = default) => _parts.Features(pixels, cancellation);

    /// <summary>Makes the model of a checkpoint.</summary>
    internal static ShikraModel Make(ModelFiles files)
    {
        (LlavaOriginalTower tower, LlavaOriginalSettings settings) = Read(files.Path, files.Config);
        return new ShikraModel(LlavaOriginalFamily.Make(files, tower, settings));
    }

    /// <summary>The tower and the settings, with the defaults of Shikra's own code.</summary>
    internal static (LlavaOriginalTower Tower, LlavaOriginalSettings Settings) Read(string folder, Checkpoints.ConfigReader config)
    {
        config.Assume("mm_vision_select_layer", "-1");
        LlavaOriginalTower tower = LlavaOriginalTower.Find(folder, config);
        return (tower, LlavaOriginalSettings.Read(config, tower));
    }
}
