using System.Text.Json;
using System.Text.RegularExpressions;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>A model whose weights a run trains, and what the run asks of it.</summary>
internal sealed record TrainRun
{
    private readonly RunContext _context;
    private bool _gives = true;

    private TrainRun(RunContext context, LoadedModel loaded, IReadOnlyList<Parameter> parameters, AdapterSet? adapters)
    {
        _context = context;
        Loaded = loaded;
        Parameters = parameters;
        Adapters = adapters;
        LossType = context.Args.Text("loss_type", string.Empty);
    }

    /// <summary>The run.</summary>
    internal RunContext Context => _context;

    /// <summary>The model.</summary>
    internal LoadedModel Loaded { get; init; }

    /// <summary>What is trained, adapters' weights among it.</summary>
    internal IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The model's adapters; null for none.</summary>
    internal AdapterSet? Adapters { get; }

    /// <summary>The run's <c>loss_type</c>; empty for the model's own loss.</summary>
    internal string LossType { get; }

    /// <summary>
    /// Loads the run's model anew: what <c>train</c> fits becomes trainable, or without it what has a gradient among the outputs.
    /// </summary>
    internal static TrainRun Load(RunContext context)
    {
        string[] patterns = Texts(context, "train");
        var asked = context.Run.Outputs.Where(output => output.Key.StartsWith("grad.", StringComparison.Ordinal))
            .Select(output => output.Key["grad.".Length..]).ToHashSet(StringComparer.Ordinal);
        bool ofAdapter = patterns is ["adapter"];
        bool Trains(string file) => patterns.Length == 0
            ? asked.Contains(file)
            : !ofAdapter && patterns.Any(pattern => Regex.IsMatch(file, pattern, RegexOptions.CultureInvariant));
        AdapterSet? adapters = context.Args.Find("adapter") is { } folder
            ? new AdapterSet(Adapter.Open(context.PathOf(RunArgs.AsText("adapter", folder)), trained: true))
            : null;
        var options = new ModelLoadOptions { Adapters = adapters, Trains = name => Trains(name.FileName) };
        LoadedModel loaded = context.Args.Choice("dtype", "float32", "float32", "bfloat16") == "bfloat16"
            ? Rounded(context.CheckpointPath(), options with { Precision = LinearPrecision.Fast })
            : ModelLoader.Load(context.CheckpointPath(), options);
        IEnumerable<Parameter> own = adapters?.All.SelectMany(adapter => adapter.Parameters)
            .Where(parameter => ofAdapter || Trains(parameter.FileName)) ?? [];
        Parameter[] given = [.. SoftPromptObjective.Given(context)];
        own = given.Length > 0 ? given : own;
        return new TrainRun(context, loaded, [.. loaded.Report.Trained, .. own], adapters);
    }

    /// <summary>The model of weights that are rounded to bfloat16, as what they are multiplied with is.</summary>
    private static LoadedModel Rounded(string path, ModelLoadOptions options)
    {
        string folder = Directory.CreateTempSubdirectory("percept-verify-").FullName;
        try
        {
            CheckpointConverter.Convert(path, Path.Combine(folder, "rounded"), new ConvertOptions { Type = WeightType.BF16 });
            return ModelLoader.Load(Path.Combine(folder, "rounded"), options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The texts of an argument that is one text or a list of them; none when it is missing.</summary>
    internal static string[] Texts(RunContext context, string name) => context.Args.Find(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => RunArgs.AsText(name, item))]
            : [RunArgs.AsText(name, value)];

    /// <summary>Ends giving outputs: later passes only train.</summary>
    internal void StopGiving() => _gives = false;

    /// <summary>Gives a copy of an output in the first pass, if the run wants it.</summary>
    internal void Give(string output, Tensor? value)
    {
        if (_gives && value is { } made && _context.Wants(output))
        {
            using GradientSwitch off = Gradients.Off();
            _context.Give(output, Ops.Clone(made).KeepAlways());
        }
    }

    /// <summary>Gives a copy of an output that has rows for some places only.</summary>
    internal void GiveRows(string output, Tensor value, IReadOnlyList<int> places)
    {
        if (_gives && _context.Wants(output))
        {
            using GradientSwitch off = Gradients.Off();
            _context.GiveRows(output, Ops.Clone(value).KeepAlways(), places);
        }
    }
}
