using System.Globalization;
using Percept.Inference;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Cli;

/// <summary>Measures what a model does on this machine.</summary>
internal sealed class ModelBench(string path, LoadedModel model, LinearPrecision precision, KvCacheType cache, BenchTimer timer)
{
    private const int PictureWidth = 640, PictureHeight = 480;

    private static readonly int[] s_prompts = [128, 512];
    private static readonly int[] s_streams = [1, 4, 8];

    private readonly ModelWork _work = new(model, precision);

    /// <summary>How many measurements there are, for a bar.</summary>
    internal int Count => (MemoryPlan.LanguageOf(model.Model) is null ? 0 : s_prompts.Length + s_streams.Length) + (Sees ? 1 : 0);

    private bool Sees => model.Model is IVisionEncoder
        || (model.Model is IMultimodalModel both && both.Kinds.Contains(MediaKind.Image));

    /// <summary>Measures everything that the model can do.</summary>
    /// <param name="done">Called behind each measurement.</param>
    /// <param name="cancellation">Stops between measurements.</param>
    /// <exception cref="NotSupportedException">The model does nothing that is measured here.</exception>
    internal IReadOnlyList<BenchRow> Run(Action done, CancellationToken cancellation)
    {
        if (Count == 0)
        {
            throw new NotSupportedException(
                $"'{path}' holds a model of type '{model.ModelType}', and language models and models that see are measured. Choose one of those.");
        }

        var rows = new List<BenchRow>();
        void Add(BenchRow row)
        {
            cancellation.ThrowIfCancellationRequested();
            rows.Add(row);
            done();
        }

        if (MemoryPlan.LanguageOf(model.Model) is { } language)
        {
            Language(language, Add);
        }

        if (Sees)
        {
            Add(model.Model is IMultimodalModel both ? Picture(both) : Vector());
        }

        return rows;
    }

    private void Language(ILanguageModel language, Action<BenchRow> add)
    {
        int[] prompts = [.. s_prompts.Select(tokens => Math.Min(tokens, language.MaximumPositions)).Distinct()];
        if (language.MaximumPositions <= LanguageBench.Context)
        {
            throw new NotSupportedException(
                $"'{path}' has a context of {language.MaximumPositions} tokens, and measuring needs more than {LanguageBench.Context}. Choose a larger model.");
        }

        using var bench = new LanguageBench(language, cache, s_streams[^1], prompts[^1]);
        foreach (int tokens in prompts)
        {
            add(timer.Time(
                Text($"prompt of {tokens} tokens"), tokens, "tokens/s", _work.Prefill(tokens), () => bench.Prefill(tokens)));
        }

        foreach (int streams in s_streams)
        {
            bench.Fill(streams);
            add(timer.Time(
                streams == 1 ? "answer" : Text($"{streams} answers together"), streams, "tokens/s",
                _work.Decode(bench.CacheBytes(streams)), () => bench.Decode(streams)));
        }
    }

    /// <summary>From decoded pixels to rows among the embeddings.</summary>
    private BenchRow Picture(IMultimodalModel both)
    {
        IProcessor processor = ProcessorLoader.Load(path);
        string prompt = ModelReport.Render(processor);
        using PreparedPrompt prepared = processor.Prepare(prompt, [MediaContent.Of(Pattern())]);
        MediaInput media = prepared.Spans[0].Media;
        (Percept.Tensors.Diagnostics.PeakKind, double)? limit = both is LlavaModel llava
            ? _work.Encode(media.Pixels.Shape[0], llava.Tower, Deepest(llava))
            : null;
        return timer.Time(
            Text($"picture of {PictureWidth}×{PictureHeight} ({media.Tokens} tokens)"), 1, "pictures/s", limit, () =>
            {
                using GradientSwitch off = Gradients.Off();
                using TensorScope scope = TensorScope.Open();
                both.Encode(media);
            });
    }

    private BenchRow Vector()
    {
        var embedder = new Embedder(model);
        Image picture = Pattern();
        (Percept.Tensors.Diagnostics.PeakKind, double)? limit = ModelFacts.TowerOf(model.Model) is { } tower
            ? _work.Encode(1, tower, tower.LayerCount)
            : null;
        return timer.Time(Text($"picture of {PictureWidth}×{PictureHeight}"), 1, "pictures/s", limit, () => embedder.Picture(picture));
    }

    private static int Deepest(LlavaModel llava) =>
        llava.Config.FeatureLayers.Max(layer => layer < 0 ? llava.Tower.LayerCount + 1 + layer : layer);

    private static Image Pattern()
    {
        var picture = new Image(PictureWidth, PictureHeight, PixelFormat.Rgb);
        Span<byte> pixels = picture.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(i * 31 / 7);
        }

        return picture;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
