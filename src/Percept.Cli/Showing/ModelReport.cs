using Percept.Checkpoints;
using Percept.Inference;
using Percept.Media;
using Percept.Models;

namespace Percept.Cli;

/// <summary>What <c>percept show</c> tells of a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="Kind">What it is, in a word or two.</param>
/// <param name="Facts">Sizes of its architecture.</param>
/// <param name="Parts">Its parts.</param>
/// <param name="Takes">What it takes: texts, pictures, clips.</param>
/// <param name="Pictures">The tokens that pictures of some sizes take; empty where it takes none.</param>
/// <param name="Memory">The memory that it takes.</param>
/// <param name="HasTemplate">Whether it came with a chat template.</param>
/// <param name="Prompt">An example question as the model gets it; null where there is none.</param>
/// <param name="StopTokens">The tokens that end an answer.</param>
/// <param name="Problem">Why the model cannot be asked, in one line; null when it can, or is no model for that.</param>
internal sealed record ModelReport(
    LoadedModel Model, string Kind, IReadOnlyList<(string Name, string Value)> Facts, IReadOnlyList<ModelPart> Parts,
    IReadOnlyList<string> Takes, IReadOnlyList<(ImageSize Size, int Tokens)> Pictures, MemoryPlan Memory, bool HasTemplate,
    string? Prompt, IReadOnlyList<string> StopTokens, string? Problem)
{
    private const string ExampleQuestion = "What is in this picture?";

    private const string ExampleText = "What is the capital of France?";

    private static readonly ImageSize[] s_sizes = [new(336, 336), new(480, 640), new(1080, 1920), new(1600, 800)];

    /// <summary>Loads a model and looks at it.</summary>
    internal static ModelReport Collect(string path, LoadOptions options)
    {
        LoadedModel model = ModelLoader.Load(path, options);
        IProcessor? processor = null;
        string? problem = null;
        string? prompt = null;
        if (MemoryPlan.LanguageOf(model.Model) is not null)
        {
            try
            {
                processor = ProcessorLoader.Load(path);
                prompt = Render(processor);
            }
            catch (Exception failure) when (Failures.IsForTheUser(failure))
            {
                // A model without its tokenizer can be looked at all the same.
                problem = Failures.MessageOf(failure);
            }
        }

        return new ModelReport(
            model, ModelKinds.KindOf(model.ModelType) ?? "model", ModelFacts.Of(model.Model), ModelPart.Of(model.Report),
            Media(model.Model), Counts(processor), MemoryPlan.Of(model),
            processor?.Tokenizer.Config.ChatTemplates.Count > 0, prompt,
            processor is null ? [] : [.. processor.StopIds.Select(id => processor.Tokenizer.Tokenizer.IdToToken(id) ?? $"{id}")], problem);
    }

    private static string[] Media(object model) => model switch
    {
        IMultimodalModel both => ["texts", .. both.Kinds.Select(MediaFileReader.Name)],
        DualEncoder => ["texts", "pictures"],
        IVisionEncoder or IVisionTower => ["pictures"],
        ILanguageModel or ITextEncoder or ITextTower or IEncoderDecoder => ["texts"],
        _ => ["what the model that it is a part of gives it"],
    };

    private static (ImageSize, int)[] Counts(IProcessor? processor)
    {
        if (processor?.Kinds.Contains(MediaKind.Image) != true)
        {
            return [];
        }

        var counts = new List<(ImageSize, int)>();
        foreach (ImageSize size in s_sizes)
        {
            try
            {
                var picture = new Image(size.Width, size.Height, PixelFormat.Rgb);
                counts.Add((size, processor.CountTokens(MediaContent.Of(picture))));
            }
            catch (ArgumentException)
            {
                // A family may refuse a size; the others are told.
            }
        }

        return [.. counts];
    }

    /// <summary>An example question as the model gets it, with a picture where it takes pictures.</summary>
    internal static string Render(IProcessor processor) => MultimodalChat.PromptOf(
        processor,
        [
            processor.Kinds.Contains(MediaKind.Image)
                ? ChatTurn.User(ExampleQuestion, MediaContent.Of(new Image(s_sizes[0].Width, s_sizes[0].Height, PixelFormat.Rgb)))
                : ChatTurn.User(ExampleText),
        ]);
}
