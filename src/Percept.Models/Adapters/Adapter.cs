using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>
/// An adapter of a model: small weights beside its layers, read from a folder in peft's layout, or new ones. It is given to
/// <see cref="ModelLoader"/> in an <see cref="AdapterSet"/>, and finds its layers while the model is loaded.
/// </summary>
/// <remarks>One adapter belongs to one loaded model.</remarks>
public sealed class Adapter
{
    /// <summary>The file of its weights.</summary>
    public const string WeightsFileName = "adapter_model.safetensors";

    private const string Prefix = "base_model.model.";
    private static readonly string[] s_parts =
    [
        ".lora_A.weight", ".lora_B.weight", ".lora_magnitude_vector", ".ia3_l",
        ".adapter_down.weight", ".adapter_down.bias", ".adapter_up.weight", ".adapter_up.bias",
    ];

    private readonly SortedDictionary<string, ILinearAdapter> _layers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _left = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _whole = new(StringComparer.Ordinal);
    private readonly AdapterClock _clock = new();
    private readonly TensorSource? _source;
    private readonly RandomStream _random;
    private readonly bool _trained;

    private Adapter(string name, AdapterConfig config, TensorSource? source, RandomStream random, bool trained)
    {
        Name = name;
        Config = config;
        _source = source;
        _random = random;
        _trained = trained;
        Prompt = config.IsPrompt && source is not null ? SoftPrompt.Read(config, source, trained) : null;
    }

    /// <summary>What it is called among the adapters of a model.</summary>
    public string Name { get; }

    /// <summary>Its settings.</summary>
    public AdapterConfig Config { get; }

    /// <summary>What it puts before the prompt; null where it stands beside layers, and before <see cref="BeginPrompt"/>.</summary>
    public SoftPrompt? Prompt { get; private set; }

    /// <summary>The layers that it stands beside, by their names in the model, once the model is loaded.</summary>
    public IReadOnlyDictionary<string, ILinearAdapter> Layers => _layers;

    /// <summary>Its own weights, once the model is loaded; those of whole parts are among the model's.</summary>
    public IReadOnlyList<Parameter> Parameters =>
        Prompt is { } prompt ? [prompt.Parameter] : [.. _layers.Values.SelectMany(layer => layer.Parameters)];

    /// <summary>
    /// The tensors of the model that the adapter's file replaces, by their names in the model; each with its name in the checkpoint.
    /// </summary>
    internal IReadOnlyDictionary<string, string> Whole => _whole;

    /// <summary>Opens the adapter of a folder.</summary>
    /// <param name="folder">A folder with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</param>
    /// <param name="name">What to call it; null for the folder's name.</param>
    /// <param name="trained">Whether its weights require gradients.</param>
    /// <param name="seed">Where the random numbers of its dropout begin.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    /// <exception cref="NotSupportedException">Percept has no such adapter.</exception>
    public static Adapter Open(string folder, string? name = null, bool trained = false, ulong seed = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        AdapterConfig config = AdapterConfig.Read(folder);
        string file = Path.Combine(folder, WeightsFileName);
        if (!File.Exists(file))
        {
            file = Path.Combine(folder, "adapter_model.bin");
        }

        if (!File.Exists(file))
        {
            throw new FileNotFoundException(
                $"'{folder}' has {AdapterConfig.FileName} but no {WeightsFileName}. Copy the whole adapter folder.", file);
        }

        name ??= Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return new Adapter(name, config, TensorSource.Open(file), new RandomStream(seed), trained);
    }

    /// <summary>A new adapter that changes nothing before it is trained.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="random">What its first weights, and its dropout, are drawn from.</param>
    public static Adapter Create(string name, AdapterConfig config, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(random);
        return new Adapter(name, config, null, random, trained: true);
    }

    /// <summary>
    /// Gives a new prompt or prefix its first rows, which takes the model that it was loaded with: those of words drawn from the vocabulary.
    /// </summary>
    /// <param name="loaded">The model; it answers behind the prompt from now on.</param>
    /// <exception cref="InvalidOperationException">The adapter is of another kind, or was read from a folder.</exception>
    /// <exception cref="NotSupportedException">The model is no decoder, or keeps keys and values that no prefix has.</exception>
    public void BeginPrompt(LoadedModel loaded)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        if (!Config.IsPrompt || _source is not null)
        {
            throw new InvalidOperationException($"The adapter '{Name}' is no new prompt.");
        }

        ILanguageModel language = loaded.Model as ILanguageModel ?? (loaded.Model as IMultimodalModel)?.Language
            ?? throw new NotSupportedException(
                $"'{loaded.Path}' holds a model of type '{loaded.ModelType}', which writes no text, so that nothing can stand before it. " +
                "Choose another kind of adapter.");
        Prompt = SoftPrompt.OfWords(language, Config.VirtualTokens, Config.Method == AdapterMethod.PrefixTuning, _random);
        Config.SetModel(language);
        loaded.Prompt = Prompt;
    }

    /// <summary>Begins a training step: dropout draws anew. Null ends training.</summary>
    /// <param name="step">A number that no other step, and no other micro-batch of a step, has.</param>
    public void BeginStep(ulong? step) => _clock.Set(step);

    /// <summary>Writes it in peft's layout; each file is replaced at once.</summary>
    /// <param name="folder">The folder; it is made where there is none.</param>
    /// <param name="whole">The weights of the parts that were trained whole.</param>
    public void Save(string folder, IEnumerable<Parameter>? whole = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        var tensors = new List<TensorToWrite>();
        foreach (Parameter parameter in Parameters)
        {
            tensors.Add(TensorToWrite.Of(parameter.FileName, parameter.Value));
        }

        foreach (Parameter parameter in whole ?? [])
        {
            tensors.Add(TensorToWrite.Of(Prefix + parameter.Name, parameter.Value));
        }

        SafetensorsWriter.Write(Path.Combine(folder, WeightsFileName), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        byte[] settings = Config.ToJson();
        AtomicFile.Write(Path.Combine(folder, AdapterConfig.FileName), stream => stream.Write(settings));
    }

    /// <summary>Learns how the checkpoint's names become the model's, and which of its tensors replace the model's own.</summary>
    internal void Bind(WeightStore store, KeyMap map)
    {
        if (_source is null)
        {
            return;
        }

        var whole = new List<string>();
        foreach (string file in _source.Tensors.Keys)
        {
            if (Config.IsPrompt && file == SoftPrompt.Key)
            {
                continue;
            }

            if (s_parts.FirstOrDefault(part => file.EndsWith(part, StringComparison.Ordinal)) is { } part)
            {
                string path = ModelPath(file)[..^part.Length];
                _left.Add(map.ToModel(path + ".weight")[..^".weight".Length] + part, file);
            }
            else if (file.Contains(".lora_", StringComparison.Ordinal))
            {
                throw new NotSupportedException(
                    $"'{file}' in '{_source.Description}' is no weight of a linear layer's adapter; Percept reads lora_A, lora_B and " +
                    "lora_magnitude_vector of linear layers. Merge the adapter with the library that wrote it.");
            }
            else
            {
                whole.Add(file);
            }
        }

        foreach (string file in whole)
        {
            string name = map.ToModel(ModelPath(file));
            _whole[name] = store.Replace(name, _source, file);
        }
    }

    /// <summary>What it makes of a layer; null for nothing.</summary>
    /// <param name="layer">The layer's name in the model.</param>
    /// <param name="weight">The layer's weight [out, in].</param>
    internal ILinearAdapter? Attach(string layer, Tensor weight)
    {
        int outputs = weight.Shape[0], inputs = weight.Shape[1];
        if (_layers.TryGetValue(layer, out ILinearAdapter? known))
        {
            return known;
        }

        using GradientSwitch off = Gradients.Off();
        ILinearAdapter? made = Config.IsPrompt ? null : Config.Method switch
        {
            AdapterMethod.Ia3 => Ia3(layer, outputs, inputs),
            AdapterMethod.Bottleneck => Bottleneck(layer, outputs),
            _ => Lora(layer, outputs, inputs, weight),
        };
        if (made is not null)
        {
            _layers.Add(layer, made);
        }

        return made;
    }

    /// <summary>Ends loading: every tensor of the file must have found its layer.</summary>
    internal void Finish()
    {
        _source?.Dispose();
        if (_left.Count > 0)
        {
            string[] left = [.. _left.Values.Order(StringComparer.Ordinal)];
            throw new InvalidDataException(
                $"The adapter '{Name}' has {left.Length} tensors for layers that the model does not have, or that take no adapter: " +
                $"{string.Join(", ", left.Take(3).Select(file => $"'{file}'"))}{(left.Length > 3 ? ", …" : string.Empty)}. " +
                "Use it with the model that it was trained on.");
        }

        if (!Config.IsPrompt && _layers.Count == 0 && Config.WholeParts.Count == 0)
        {
            throw new InvalidDataException(
                $"The adapter '{Name}' fits no layer of the model: its targets are " +
                $"{(Config.TargetPattern is { } pattern ? $"'{pattern}'" : $"'{string.Join("', '", Config.Targets)}'")}. " +
                "Name layers as the checkpoint does, such as 'q_proj'.");
        }
    }

    private static string ModelPath(string file) =>
        file.StartsWith(Prefix, StringComparison.Ordinal) ? file[Prefix.Length..] : file;

    private LoraAdapter? Lora(string layer, int outputs, int inputs, Tensor weight)
    {
        int rank;
        Parameter? magnitude = null;
        Parameter down, up;
        if (_source is not null)
        {
            if (!_left.TryGetValue(layer + s_parts[0], out string? file))
            {
                return null;
            }

            rank = _source.Tensors[file].Shape[0];
            if (rank != Config.RankOf(layer))
            {
                throw new InvalidDataException(
                    $"'{file}' in '{_source.Description}' has rank {rank}, but {AdapterConfig.FileName} says {Config.RankOf(layer)}. " +
                    "Use the settings that were written with the weights.");
            }

            down = Take(layer, s_parts[0], [rank, inputs]);
            up = Take(layer, s_parts[1], [outputs, rank]);
            magnitude = Config.Decomposed ? Take(layer, s_parts[2], [outputs]) : null;
        }
        else if (Config.IsTarget(layer))
        {
            rank = Config.RankOf(layer);

            // As peft begins: uniform with Kaiming's bound for a leaky slope of √5, which is 1/√inputs; and zeros.
            float bound = 1f / MathF.Sqrt(inputs);
            down = New(layer, s_parts[0], Ops.RandomUniform([rank, inputs], _random.Split(layer), -bound, bound));
            up = New(layer, s_parts[1], Ops.Zeros([outputs, rank]));
            magnitude = Config.Decomposed ? New(layer, s_parts[2], Ops.Norm(Ops.Cast(weight, DType.F32))) : null;
        }
        else
        {
            return null;
        }

        AdapterDropout? dropout = Config.Dropout > 0
            ? new AdapterDropout((float)Config.Dropout, _random.Split(layer).Split(1), _clock)
            : null;
        return new LoraAdapter(down, up, magnitude, Config.ScaleOf(layer, rank), dropout);
    }

    private Ia3Adapter? Ia3(string layer, int outputs, int inputs)
    {
        bool ofInput = Config.IsFeedForward(layer);
        Shape shape = ofInput ? [1, inputs] : [outputs, 1];
        if (_source is not null)
        {
            return _left.ContainsKey(layer + s_parts[3]) ? new Ia3Adapter(Take(layer, s_parts[3], shape), ofInput) : null;
        }

        return Config.IsTarget(layer) ? new Ia3Adapter(New(layer, s_parts[3], Ops.Ones(shape)), ofInput) : null;
    }

    /// <summary>The weights stand one step higher than the layer, as one layer of each part has them.</summary>
    private BottleneckAdapter? Bottleneck(string layer, int outputs)
    {
        if (!Config.IsTarget(layer) && !(_source is not null && Config.Targets.Count == 0 && layer.EndsWith("dense", StringComparison.Ordinal)))
        {
            return null;
        }

        string part = layer[..Math.Max(0, layer.LastIndexOf('.'))];
        if (_layers.Keys.FirstOrDefault(other => other[..Math.Max(0, other.LastIndexOf('.'))] == part) is { } twin)
        {
            throw new InvalidDataException(
                $"'{twin}' and '{layer}' stand in one block, which can have one bottleneck adapter. Name one of them among the targets.");
        }

        int inner = Config.Bottleneck;
        if (_source is not null)
        {
            return _left.ContainsKey(part + s_parts[4])
                ? new BottleneckAdapter(
                    [
                        Take(part, s_parts[4], [inner, outputs]), Take(part, s_parts[5], [inner]),
                        Take(part, s_parts[6], [outputs, inner]), Take(part, s_parts[7], [outputs]),
                    ],
                    Config.Activation)
                : null;
        }

        return new BottleneckAdapter(
            [
                New(part, s_parts[4], Ops.Scale(Ops.RandomNormal([inner, outputs], _random.Split(layer)), 0.01f)),
                New(part, s_parts[5], Ops.Zeros([inner])),
                New(part, s_parts[6], Ops.Zeros([outputs, inner])), New(part, s_parts[7], Ops.Zeros([outputs])),
            ],
            Config.Activation);
    }

    private Parameter New(string layer, string part, Tensor value) =>
        new(layer + part, (Config.Method == AdapterMethod.Bottleneck ? string.Empty : Prefix) + layer + part, value.RequireGrad());

    private Parameter Take(string layer, string part, Shape shape)
    {
        if (!_left.Remove(layer + part, out string? file))
        {
            throw new KeyNotFoundException(
                $"'{_source!.Description}' has no '{layer}{part}' of shape {shape}, though it has other weights of that layer. " +
                "Copy the whole adapter folder.");
        }

        StoredTensor stored = _source!.Tensors[file];
        if (stored.Shape != shape)
        {
            throw new InvalidDataException(
                $"'{file}' in '{_source.Description}' has shape {stored.Shape}, expected {shape}. " +
                "Use the adapter with the model that it was trained on.");
        }

        using Tensor raw = _source.Read(file);
        Tensor value = raw.DType == DType.F32 ? Ops.Clone(raw) : Ops.Cast(raw, DType.F32);
        return new Parameter(layer + part, file, value.RequireGrad(_trained));
    }
}
