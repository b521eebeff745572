using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Draws the weights of a model that is made from nothing. Biases are 0 and the weights of norms neutral; all else is drawn by the
/// scheme of its part.
/// </summary>
/// <remarks>
/// Schemes: <c>normal</c> (mean 0, the configuration's <c>initializer_range</c>), <c>clip</c> (Radford et al. 2021: deviations by width and
/// depth), <c>siglip</c> (Xavier's uniform, and 1/√inputs), <c>mae</c> (He et al. 2022: Xavier's uniform, tables of sines and cosines).
/// <c>auto</c> takes those of the configuration's <c>model_type</c>s. Each tensor has random numbers of its own, told apart by its name.
/// </remarks>
public sealed partial class WeightInitializer
{
    private const double UsualRange = 0.02;
    private const double BeitLayerScale = 0.1;

    private readonly ConfigReader _config;
    private readonly IReadOnlyList<TakenTensor> _tensors;
    private readonly ModelParts _parts;
    private readonly string _scheme;
    private readonly double? _range;
    private readonly bool _normsBeginAtZero;

    /// <summary>Makes it for a model.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="scheme">One of <see cref="Schemes"/>.</param>
    /// <param name="range">The standard deviation of <c>normal</c>; null for the configuration's own.</param>
    /// <exception cref="ArgumentException">There is no such scheme.</exception>
    public WeightInitializer(ConfigReader config, string scheme = "auto", double? range = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        _scheme = Schemes.Contains(scheme)
            ? scheme
            : throw new ArgumentException($"There is no scheme '{scheme}'. Take one of {string.Join(", ", Schemes)}.", nameof(scheme));
        _config = config;
        _range = range;

        // A tower inside another model shares no space with texts.
        _tensors = [.. ModelLoader.NeededBy(config).Where(tensor =>
            !tensor.Name.EndsWith(".visual_projection.weight", StringComparison.Ordinal))];
        _parts = ModelParts.Of(config);
        string words = config.FindSection("text_config")?.FindText("model_type") ?? config.FindText("model_type") ?? string.Empty;

        // Gemma's norms multiply by 1 + weight.
        _normsBeginAtZero = words.StartsWith("gemma", StringComparison.Ordinal);
    }

    /// <summary>The schemes that there are.</summary>
    public static IReadOnlyList<string> Schemes { get; } = ["auto", "normal", "clip", "siglip", "mae"];

    /// <summary>The tensors of the new checkpoint; each is drawn when it is written.</summary>
    /// <param name="seed">Where the random numbers begin.</param>
    public IEnumerable<TensorToWrite> Draw(ulong seed) => Draw(seed, new Dictionary<string, PartDonor>());

    /// <summary>Writes a new checkpoint: its weights, and the files beside <c>config.json</c>.</summary>
    /// <param name="from">A folder with <c>config.json</c> and the files of tokenizer and processor.</param>
    /// <param name="to">The new folder.</param>
    /// <param name="scheme">One of <see cref="Schemes"/>.</param>
    /// <param name="range">The standard deviation of <c>normal</c>; null for the configuration's own.</param>
    /// <param name="seed">Where the random numbers begin.</param>
    /// <param name="parts">Folders of checkpoints that parts of the new one are taken from, by the names of <see cref="ModelParts"/>; null
    /// for none.</param>
    /// <exception cref="InvalidDataException">Such a checkpoint does not have what the part needs.</exception>
    public static void Write(
        string from, string to, string scheme, double? range, ulong seed, IReadOnlyDictionary<string, string>? parts = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(from);
        ArgumentException.ThrowIfNullOrEmpty(to);
        var initializer = new WeightInitializer(ConfigReader.Read(Path.Combine(from, "config.json")), scheme, range);
        Directory.CreateDirectory(to);
        CheckpointFolder.CopyCompanions(from, to);
        var donors = new Dictionary<string, PartDonor>(StringComparer.Ordinal);
        try
        {
            foreach ((string part, string folder) in parts ?? new Dictionary<string, string>())
            {
                donors.Add(part, new PartDonor(folder));
            }

            SafetensorsWriter.Write(
                Path.Combine(to, "model.safetensors"), initializer.Draw(seed, donors),
                new Dictionary<string, string> { ["format"] = "pt" });
        }
        finally
        {
            foreach (PartDonor donor in donors.Values)
            {
                donor.Dispose();
            }
        }
    }

    private IEnumerable<TensorToWrite> Draw(ulong seed, Dictionary<string, PartDonor> donors)
    {
        var random = new RandomStream(seed);
        foreach (TakenTensor tensor in _tensors)
        {
            PartDonor? donor = donors.GetValueOrDefault(_parts.PartOf(tensor.Name));
            yield return new TensorToWrite(
                tensor.Name, DType.F32, tensor.Shape,
                () => donor?.Take(tensor.Name, tensor.Shape) ?? Make(tensor, random.Split(tensor.Name)));
        }
    }

    private Tensor Make(TakenTensor tensor, RandomStream random)
    {
        Tensor made = Ops.Empty(tensor.Shape);
        Span<float> values = made.Writable<float>();
        string name = tensor.Name;
        string scheme = SchemeOf(name);
        if (name is "logit_scale")
        {
            values.Fill((float)(_config.FindNumber("logit_scale_init_value") ?? (scheme == "siglip" ? Math.Log(10) : 2.6592)));
        }
        else if (name is "logit_bias")
        {
            values.Fill(-10f);
        }
        else if (name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("relative_position_bias_table", StringComparison.Ordinal))
        {
            values.Clear();
        }
        else if (LayerScale().IsMatch(name))
        {
            ConfigReader own = Section(name);
            values.Fill((float)(own.FindNumber("layer_scale_init_value")
                ?? (own.FindText("model_type") == "beit" ? BeitLayerScale : own.Number("layerscale_value", 1))));
        }
        else if (tensor.Shape.Rank <= 1 && name.EndsWith("weight", StringComparison.Ordinal))
        {
            values.Fill(_normsBeginAtZero && _parts.PartOf(name) == ModelParts.LanguageModel ? 0f : 1f);
        }
        else if (scheme == "mae" && SineTable.Is(name))
        {
            SineTable.Fill(values, tensor.Shape);
        }
        else
        {
            Fill(values, tensor, scheme, random);
        }

        return made;
    }

    private void Fill(Span<float> values, TakenTensor tensor, string scheme, RandomStream random)
    {
        if (IsUniform(scheme, tensor.Name, tensor.Shape.Rank))
        {
            // Xavier's bound, a convolution's inputs being all numbers of its kernel.
            double inputs = tensor.Shape.CountFrom(1), outputs = tensor.Shape[0];
            float bound = (float)Math.Sqrt(6 / (inputs + outputs));
            random.FillUniform(values, -bound, bound);
        }
        else
        {
            random.FillNormal(values, 0, (float)Deviation(scheme, tensor));
        }
    }

    private static bool IsUniform(string scheme, string name, int rank) => scheme switch
    {
        "mae" => rank is 2 or 4,
        "siglip" => SiglipUniform().IsMatch(name),
        _ => false,
    };

    private double Deviation(string scheme, TakenTensor tensor) => scheme switch
    {
        "clip" => ClipDeviation(tensor),
        "siglip" => 1 / Math.Sqrt(tensor.Shape.CountFrom(1)),
        "mae" => UsualRange,
        _ => _range ?? Section(tensor.Name).FindNumber("initializer_range") ?? UsualRange,
    };

    private double ClipDeviation(TakenTensor tensor)
    {
        string name = tensor.Name;
        double width = tensor.Shape[-1];
        double depth = 1 / Math.Sqrt(2 * Math.Max(1, Layers(name)));
        return true switch
        {
            _ when name.EndsWith("out_proj.weight", StringComparison.Ordinal) => 1 / Math.Sqrt(width),
            _ when ClipAttention().IsMatch(name) => depth / Math.Sqrt(width),
            _ when name.EndsWith("fc1.weight", StringComparison.Ordinal) => 1 / Math.Sqrt(2 * width),
            _ when name.EndsWith("fc2.weight", StringComparison.Ordinal) => depth / Math.Sqrt(tensor.Shape[0]),
            _ when name.EndsWith("projection.weight", StringComparison.Ordinal) => 1 / Math.Sqrt(width),
            _ when name.EndsWith("class_embedding", StringComparison.Ordinal) => 1 / Math.Sqrt(width),
            _ => UsualRange,
        };
    }

    /// <summary>How many layers stand beside the one that a name belongs to.</summary>
    private int Layers(string name)
    {
        Match layer = LayerNumber().Match(name);
        return layer.Success
            ? _tensors.Select(tensor => tensor.Name).Where(other => other.StartsWith(layer.Groups[1].Value, StringComparison.Ordinal))
                .Select(other => LayerNumber().Match(other)).Where(match => match.Success)
                .Select(match => match.Groups[2].Value).Distinct().Count()
            : 1;
    }

    private string SchemeOf(string name)
    {
        if (_scheme != "auto")
        {
            return _scheme;
        }

        string type = _config.FindText("model_type") ?? string.Empty;
        if (_config.FindSection("vision_config") is { } eye && _parts.PartOf(name) == ModelParts.VisionTower)
        {
            type = eye.FindText("model_type") ?? type;
        }

        return true switch
        {
            _ when type.StartsWith("clip", StringComparison.Ordinal) => "clip",
            _ when type.StartsWith("siglip", StringComparison.Ordinal) => "siglip",
            _ when type == "vit_mae" => "mae",
            _ => "normal",
        };
    }

    /// <summary>Where a weight's settings stand. BLIP's parts say 10⁻¹⁰ for two tables; weights are drawn by the model's own.</summary>
    private ConfigReader Section(string name) => _config.FindText("model_type") == "blip" ? _config : _config.FindSection(
        _parts.PartOf(name) == ModelParts.VisionTower ? "vision_config" : "text_config") ?? _config;

    [GeneratedRegex(@"(q|k|v|out)_proj\.weight$|in_proj_weight$|fc[12]\.weight$|probe$", RegexOptions.CultureInvariant)]
    private static partial Regex SiglipUniform();

    [GeneratedRegex(@"lambda_?[12]$", RegexOptions.CultureInvariant)]
    private static partial Regex LayerScale();

    [GeneratedRegex(@"(q|k|v)_proj\.weight$", RegexOptions.CultureInvariant)]
    private static partial Regex ClipAttention();

    [GeneratedRegex(@"^(.*\blayers\.)([0-9]+)\.", RegexOptions.CultureInvariant)]
    private static partial Regex LayerNumber();
}
