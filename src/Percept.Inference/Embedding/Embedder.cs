using System.Numerics.Tensors;
using Percept.Checkpoints;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Tensor = Percept.Tensors.Tensor;

namespace Percept.Inference;

/// <summary>
/// Makes vectors of texts and pictures: CLIP, SigLIP and their towers, DINOv2, ViT and kin, BERT and kin.
/// <c>var clip = Embedder.Load("model"); float[] vector = clip.Picture(ImageDecoder.Decode(bytes));</c>
/// </summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class Embedder
{
    private readonly string _folder;
    private readonly TextPooling? _pooling;
    private readonly Lazy<TextVectors?> _texts;
    private readonly Lazy<PictureVectors?> _pictures;

    /// <summary>Makes it of a loaded model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pooling">Which vector stands for a text where the encoder gives one for each token; null for what the
    /// folder says (sentence-transformers' files), else the mean.</param>
    /// <exception cref="NotSupportedException">The model makes no vectors.</exception>
    public Embedder(LoadedModel model, TextPooling? pooling = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Prompt is not null)
        {
            throw new NotSupportedException(
                $"'{model.Path}' puts a learned prompt before texts, which vectors are not made with. Give the folder of the model itself.");
        }

        Model = model;
        _pooling = pooling;
        _folder = Directory.Exists(model.Path) ? model.Path : Path.GetDirectoryName(Path.GetFullPath(model.Path))!;
        if (!TakesTexts && !TakesPictures)
        {
            throw new NotSupportedException(
                $"'{model.Path}' holds a model of type '{model.ModelType}', which makes no embeddings. " +
                "Choose a CLIP, SigLIP, DINOv2, ViT or BERT, or ask this one questions.");
        }

        _texts = new Lazy<TextVectors?>(() => TextVectors.TryMake(Model, _folder, _pooling));
        _pictures = new Lazy<PictureVectors?>(() => PictureVectors.TryMake(Model, _folder));
    }

    /// <summary>The model.</summary>
    public LoadedModel Model { get; }

    /// <summary>Whether it makes vectors of texts.</summary>
    public bool TakesTexts => Model.Model is ITextTower or ITextEncoder or IEncoderDecoder;

    /// <summary>Whether it makes vectors of pictures.</summary>
    public bool TakesPictures => Model.Model is IVisionEncoder;

    /// <summary>What the vectors of texts are, in a few words; empty when there are none.</summary>
    public string TextMeaning => TakesTexts ? _texts.Value!.Meaning : string.Empty;

    /// <summary>What the vectors of pictures are, in a few words, told exactly once one was made; empty when there are none.</summary>
    public string PictureMeaning => TakesPictures ? _pictures.Value!.Meaning : string.Empty;

    /// <summary>Loads a model.</summary>
    /// <param name="model">A folder, a file, or a name in the hub's cache (<c>org/name</c>).</param>
    /// <param name="precision">How products with weights that are not float32 are computed.</param>
    /// <param name="pooling">Which vector stands for a text; null for what the folder says, else the mean.</param>
    /// <exception cref="FileNotFoundException">There is no such model, or a file of it is missing.</exception>
    /// <exception cref="InvalidDataException">Files are damaged or do not fit each other.</exception>
    /// <exception cref="NotSupportedException">The model makes no vectors, or is of a kind that Percept does not have.</exception>
    public static Embedder Load(
        string model, LinearPrecision precision = LinearPrecision.Fast, TextPooling? pooling = null) =>
        new(ModelLoader.Load(ModelLocator.Resolve(model), new LoadOptions { Precision = precision }), pooling);

    /// <summary>The vector of a text.</summary>
    /// <param name="text">The text; control tokens in it are plain text.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="ArgumentException">The text is empty or longer than the model takes.</exception>
    /// <exception cref="NotSupportedException">The model takes no texts.</exception>
    /// <exception cref="FileNotFoundException">The model's folder has no tokenizer.</exception>
    public float[] Text(string text, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        TextVectors texts = _texts.Value ?? throw Without("texts", "pictures");
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        return texts.Make(text, cancellation).ToArray<float>();
    }

    /// <summary>The vector of a picture.</summary>
    /// <param name="picture">The picture, upright.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <exception cref="ArgumentException">The picture's size is refused.</exception>
    /// <exception cref="NotSupportedException">The model takes no pictures.</exception>
    /// <exception cref="FileNotFoundException">The model's folder has no settings of an image processor.</exception>
    public float[] Picture(Image picture, CancellationToken cancellation = default) => Pictures([picture], cancellation)[0];

    /// <summary>The vectors of pictures, computed together.</summary>
    /// <param name="pictures">The pictures, upright.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>A vector for each, in order.</returns>
    /// <exception cref="ArgumentException">A picture's size is refused.</exception>
    /// <exception cref="NotSupportedException">The model takes no pictures.</exception>
    public float[][] Pictures(IReadOnlyList<Image> pictures, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0)
        {
            return [];
        }

        PictureVectors vectors = _pictures.Value ?? throw Without("pictures", "texts");
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        float[] all = vectors.Make(pictures, cancellation).ToArray<float>();
        return [.. all.Chunk(all.Length / pictures.Count)];
    }

    /// <summary>The cosine of the angle between two vectors.</summary>
    /// <param name="one">A vector.</param>
    /// <param name="other">Another of the same length.</param>
    /// <returns>−1 to 1; 0 when one of them is zero.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Cosine(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        if (one.Length != other.Length)
        {
            throw new ArgumentException($"The vectors have {one.Length} and {other.Length} numbers.", nameof(other));
        }

        float norms = TensorPrimitives.Norm(one) * TensorPrimitives.Norm(other);
        return norms > 0 ? TensorPrimitives.Dot(one, other) / norms : 0;
    }

    private NotSupportedException Without(string wanted, string taken) => new(
        $"'{Model.Path}' holds a model of type '{Model.ModelType}', which takes {taken} and no {wanted}. Choose a model that takes both, such as CLIP.");
}
