using System.Text;
using Percept.Bench.Harness;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Models;

/// <summary>
/// A vision tower from pixels to the state of its last layer but one, which is what LLaVA takes. The work is all products:
/// patches, layers, and scores and mixtures of attention.
/// </summary>
internal sealed class VisionTowerBench(DType type, int batch, PeakKind peak, double percent) : IKernelBench
{
    private const int Hidden = 1024, Inner = 4096, Layers = 24, Heads = 16, Side = 336, Patch = 14, Deepest = Layers - 1;
    private const int Tokens = ((Side / Patch) * (Side / Patch)) + 1;

    private readonly int[] _layers = [Deepest];
    private readonly Tensor[] _states = new Tensor[1];
    private IVisionTower? _tower;
    private Tensor _pixels;

    public string Family => $"vit-{type.ToString().ToLowerInvariant()}";

    public string Shape => $"clip-l-336 batch {batch}";

    public Bar Bar => Bar.Peak(peak, percent);

    public double Work => batch * ((2.0 * (Tokens - 1) * 3 * Patch * Patch * Hidden)
        + (Deepest * ((2.0 * Tokens * ((4 * Hidden * Hidden) + (2 * Hidden * Inner))) + (4.0 * Tokens * Tokens * Hidden))));

    public void Prepare()
    {
        string json = $$"""
            {"model_type": "clip_vision_model", "hidden_size": {{Hidden}}, "intermediate_size": {{Inner}}, "num_hidden_layers": {{Layers}},
             "num_attention_heads": {{Heads}}, "image_size": {{Side}}, "patch_size": {{Patch}}, "projection_dim": 768}
            """;
        ConfigReader config = ConfigReader.Parse(Encoding.UTF8.GetBytes(json), "clip-l-336");
        var store = new WeightStore(new LoadOptions { Precision = LinearPrecision.Fast });
        using var source = new SyntheticSource("clip-l-336", Tensors(type, "vision_model."));
        _tower = VisionFamilies.Find(config).Make(config, store.Add(source).Root);
        store.Finish();
        _pixels = Ops.RandomNormal([batch, 3, Side, Side], new RandomStream(2)).KeepAlways();
    }

    public void Run()
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        _tower!.States(_pixels, _layers, _states);
    }

    public void Dispose()
    {
        _tower = null;
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>The tensors of the tower.</summary>
    /// <param name="type">The type of its matrices.</param>
    /// <param name="prefix">What their names begin with.</param>
    internal static List<StoredTensor> Tensors(DType type, string prefix)
    {
        var tensors = new List<StoredTensor>();
        void Add(string name, DType kind, params ReadOnlySpan<int> sizes)
        {
            Shape shape = Percept.Tensors.Shape.Create(sizes);
            tensors.Add(new StoredTensor(prefix + name, kind, kind.ToString(), shape, kind.ByteCount(shape.Count), "clip-l-336"));
        }

        void AddNorm(string name)
        {
            Add(name + ".weight", DType.F32, Hidden);
            Add(name + ".bias", DType.F32, Hidden);
        }

        void AddLinear(string name, int outputs, int inputs)
        {
            Add(name + ".weight", type, outputs, inputs);
            Add(name + ".bias", DType.F32, outputs);
        }

        Add("embeddings.class_embedding", DType.F32, Hidden);
        Add("embeddings.patch_embedding.weight", type, Hidden, 3, Patch, Patch);
        Add("embeddings.position_embedding.weight", DType.F32, Tokens, Hidden);
        AddNorm("pre_layrnorm");
        AddNorm("post_layernorm");
        for (int i = 0; i < Layers; i++)
        {
            string layer = $"encoder.layers.{i}.";
            AddNorm(layer + "layer_norm1");
            AddNorm(layer + "layer_norm2");
            AddLinear(layer + "self_attn.q_proj", Hidden, Hidden);
            AddLinear(layer + "self_attn.k_proj", Hidden, Hidden);
            AddLinear(layer + "self_attn.v_proj", Hidden, Hidden);
            AddLinear(layer + "self_attn.out_proj", Hidden, Hidden);
            AddLinear(layer + "mlp.fc1", Inner, Hidden);
            AddLinear(layer + "mlp.fc2", Hidden, Inner);
        }

        return tensors;
    }
}
