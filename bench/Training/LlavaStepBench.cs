using System.Text;
using Percept.Bench.Harness;
using Percept.Bench.Models;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Tensors.Diagnostics;
using Percept.Training;

namespace Percept.Bench.Training;

/// <summary>
/// A step of a LLaVA of CLIP ViT-L/14-336 and Qwen2-0.5B: a picture of 576 tokens and 128 tokens of text, of which all but the first are
/// learned; forward, backward, clipping, AdamW.
/// </summary>
/// <param name="kind">What is trained.</param>
/// <param name="type">The type of the frozen matrices.</param>
/// <param name="peak">The limit that it is compared with.</param>
/// <param name="percent">The bar.</param>
/// <param name="recomputes">Whether layers run again in the backward pass; that work is not counted.</param>
internal sealed class LlavaStepBench(LlavaStepKind kind, DType type, PeakKind peak, double percent, bool recomputes = false) : IKernelBench
{
    private const int PictureTokens = 576, TextTokens = 128, Tokens = PictureTokens + TextTokens, Learned = TextTokens - 1, Rank = 16;
    private const int Width = 896, Inner = 4864, KeyWidth = 128, Layers = 24, Vocabulary = 151936;
    private const int TowerWidth = 1024, TowerInner = 4096, TowerLayers = 23, TowerTokens = PictureTokens + 1;
    private const string VisionConfig =
        """
        {"model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
         "num_attention_heads": 16, "image_size": 336, "patch_size": 14, "projection_dim": 768}
        """;

    private LlavaModel? _model;
    private IReadOnlyList<Parameter> _parameters = [];
    private Optimizer? _optimizer;
    private MediaInput? _picture;
    private IReadOnlyList<MediaSpan> _spans = [];
    private int[] _ids = [];
    private Tensor _rows;
    private int[] _targets = [];
    private HeadCrossEntropy? _head;
    private Func<MediaInput, Tensor>? _encode;
    private readonly SequenceBatch _batch = new();
    private readonly CrossEntropyOptions _loss = new() { Reduction = Reduction.Sum, Divisor = Learned };

    public string Family => $"step-{kind.ToString().ToLowerInvariant()}-{type.ToString().ToLowerInvariant()}{(recomputes ? "-recompute" : string.Empty)}";

    public string Shape => $"clip-l-336 + qwen2-0.5b {Tokens} tokens";

    public Bar Bar => Bar.Peak(peak, percent);

    /// <summary>The products that a step cannot do without: nothing is counted twice, no logits of tokens that are not learned.</summary>
    public double Work
    {
        get
        {
            double tower = (2.0 * PictureTokens * 3 * 14 * 14 * TowerWidth)
                + (TowerLayers * ((2.0 * TowerTokens * ((4 * TowerWidth * TowerWidth) + (2 * TowerWidth * TowerInner)))
                    + (4.0 * TowerTokens * TowerTokens * TowerWidth)));
            double matrices = (2.0 * Width * Width) + (2.0 * Width * KeyWidth) + (3.0 * Width * Inner);
            double layers = Layers * ((2.0 * Tokens * matrices) + (2.0 * Tokens * Tokens * Width));
            double backward = Layers * ((2.0 * Tokens * matrices) + (4.0 * Tokens * Tokens * Width));
            double head = 4.0 * Learned * Width * Vocabulary;
            double projector = 2.0 * PictureTokens * ((TowerWidth * Width) + (Width * Width));
            double adapters = kind == LlavaStepKind.Stage1 ? 2 * projector : Layers * 6.0 * Tokens * Rank
                * ((4 * Width) + (2 * (Width + KeyWidth)) + (3 * (Width + Inner)));
            return tower + projector + layers + head + backward + adapters;
        }
    }

    public void Prepare()
    {
        string json = $$"""
            {"model_type": "llava", "image_token_index": 151646, "projector_hidden_act": "gelu", "vision_feature_layer": -2,
             "vision_feature_select_strategy": "default", "text_config": {{DecoderShape.Qwen2Half.Config}}, "vision_config": {{VisionConfig}}}
            """;
        ConfigReader config = ConfigReader.Parse(Encoding.UTF8.GetBytes(json), "llava/config.json");
        Adapter? adapter = kind == LlavaStepKind.Stage1 ? null : Adapter.Create("bench", new AdapterConfig
        {
            Rank = Rank,
            Alpha = 2 * Rank,
            TargetPattern = @"language_model\..*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)",
        }, new RandomStream(3));
        var options = new ModelLoadOptions
        {
            Precision = type == DType.F32 ? LinearPrecision.Exact : LinearPrecision.Fast,
            Trains = name => kind == LlavaStepKind.Stage1 && name.Name.StartsWith("multi_modal_projector.", StringComparison.Ordinal),
            Adapters = adapter is null ? null : new AdapterSet(adapter),
        };
        using var source = new SyntheticSource("llava", AllTensors());
        using var files = new ModelFiles("llava", config, [(source, KeyMap.Identity)], options);
        using (Gradients.Off())
        {
            _model = (LlavaModel)ModelFamilies.Find("llava", config.File).Make(files);
        }

        LoadReport report = files.Finish();
        _parameters = [.. report.Trained, .. adapter?.Parameters ?? []];
        _optimizer = new OptimizerSettings().Create([new ParameterGroup(_parameters)]);
        _picture = new MediaInput
        {
            Kind = MediaKind.Image,
            Pixels = Ops.RandomNormal([1, 3, 336, 336], new RandomStream(2)).KeepAlways(),
            Size = new ImageSize(336, 336),
            Tokens = PictureTokens,
        };
        _spans = [new MediaSpan(0, PictureTokens, _picture)];
        _ids = [.. Enumerable.Range(0, Tokens).Select(i => i < PictureTokens ? 0 : 1000 + (i * 37 % 100_000))];
        _rows = Tensor.From((int[])[.. Enumerable.Range(PictureTokens, Learned)], [Learned]).KeepAlways();
        _targets = _ids[(PictureTokens + 1)..];
        _head = new HeadCrossEntropy(_model.Language);
        _encode = media => _model.Encode(media);
    }

    public void Run()
    {
        using (LayerRecomputation.Set(recomputes))
        using (TensorScope.Open())
        {
            _batch.Clear();
            _batch.Add(Tokens);
            Tensor embeddings = EmbeddingSplicer.Embed(_model!.Language, _ids, 0, _spans, _encode!);
            Tensor hidden = _model.Language.Forward(embeddings, _batch);
            Tensor loss = _head!.Loss(Ops.IndexSelect(hidden, _rows, 0), _targets, _loss);
            Gradients.Backward(loss);
        }

        double norm = GradientClipping.GlobalNorm(_parameters);
        _optimizer!.Step(1e-4, GradientClipping.Factor(norm, 1));
        _optimizer.ZeroGradients();
    }

    public void Dispose()
    {
        _optimizer?.Dispose();
        _model = null;
        _parameters = [];
        _encode = null;
        _head = null;
        _picture = null;
        _spans = [];
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private List<StoredTensor> AllTensors()
    {
        // Block formats are for the language model alone; a tower of that kind is published in 16 bits.
        DType tower = type.IsQuantized() ? DType.BF16 : type;
        List<StoredTensor> tensors = VisionTowerBench.Tensors(tower, "vision_tower.vision_model.");
        tensors.AddRange(DecoderShape.Qwen2Half.Tensors(type)
            .Select(tensor => tensor with { Name = $"language_model.{tensor.Name}" }));
        void Add(string name, params ReadOnlySpan<int> sizes)
        {
            Shape shape = Percept.Tensors.Shape.Create(sizes);
            tensors.Add(new StoredTensor($"multi_modal_projector.{name}", DType.F32, "F32", shape, 4 * shape.Count, "llava"));
        }

        Add("linear_1.weight", Width, TowerWidth);
        Add("linear_1.bias", Width);
        Add("linear_2.weight", Width, Width);
        Add("linear_2.bias", Width);
        return tensors;
    }
}
