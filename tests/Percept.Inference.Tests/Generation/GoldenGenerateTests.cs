using System.Text.Json;
using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Inference.Tests.Support;
using Percept.Models;
using Percept.Tensors;
using Percept.Text;
using Xunit;

namespace Percept.Inference.Tests.Generation;

/// <summary>The reference's generated ids, with decoders of the pack, where it is present.</summary>
public class GoldenGenerateTests
{
    private static readonly string[] s_cases = [.. Cases()];

    public static TheoryData<string, string> Runs()
    {
        var data = new TheoryData<string, string>();
        foreach ((string name, string run) in GoldenPack.Runs("generate", s_cases))
        {
            data.Add(name, run);
        }

        return data;
    }

    /// <summary>Every text case with a decoder that Percept has.</summary>
    private static IEnumerable<string> Cases()
    {
        if (GoldenPack.Folder("text") is not { } text)
        {
            yield break;
        }

        foreach (string folder in CaseFinder.Find(text))
        {
            string config = Path.Combine(folder, "checkpoint", "config.json");
            if (File.Exists(config) && JsonDocument.Parse(File.ReadAllText(config)).RootElement
                    .TryGetProperty("model_type", out JsonElement type)
                && LanguageFamilies.All.Any(family => family.ModelType == type.GetString()))
            {
                yield return Path.GetRelativePath(Path.GetDirectoryName(text)!, folder).Replace('\\', '/');
            }
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Runs))]
    public void TheIdsAreThoseOfTheReference(string name, string run)
    {
        using TensorScope scope = TensorScope.Open();
        GenerationResult result = Generate(name, run, static settings => settings);
        Check(name, run, result);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Runs))]
    public void RowsAloneAreAsTogether(string name, string run)
    {
        using TensorScope scope = TensorScope.Open();
        GenerationResult together = Generate(name, run, static settings => settings);
        int copies = together.Sequences.Count / together.Prompts.Count;
        for (int row = 0; row < together.Prompts.Count; row++)
        {
            GenerationResult alone = Generate(name, run, static settings => settings, row);
            for (int i = 0; i < copies; i++)
            {
                Assert.Equal(together.Sequences[(row * copies) + i].Tokens, alone.Sequences[i].Tokens);
                Assert.Equal(together.Sequences[(row * copies) + i].Finish, alone.Sequences[i].Finish);
            }
        }
    }

    public static TheoryData<string, string> GreedyRuns()
    {
        var data = new TheoryData<string, string>();
        foreach ((string name, string run) in GoldenPack.Runs("generate", s_cases))
        {
            GenerationSettings settings = Settings(name, run);
            if (settings.Mode == GenerationMode.Greedy && !settings.UsesGuidance)
            {
                data.Add(name, run);
            }
        }

        return data;
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(GreedyRuns))]
    public void SpeculationChangesNothing(string name, string run)
    {
        using TensorScope scope = TensorScope.Open();
        GenerationResult result = Generate(
            name, run, static plain => plain with { PromptLookupNumTokens = 4, MaxMatchingNgramSize = 3 });
        Check(name, run, result);
    }

    private static void Check(string name, string run, GenerationResult result)
    {
        bool withPrompt = !GoldenPack.Run(name, run).Args.TryGetProperty("returns", out _);
        int[][] wanted = GoldenPack.IntRows(GoldenPack.Output(name, run, "sequences"))!;
        int[][] got = result.ToRows(withPrompt);
        Assert.Equal(wanted.Length, got.Length);
        for (int row = 0; row < wanted.Length; row++)
        {
            Assert.Equal(wanted[row], got[row]);
        }

        if (GoldenPack.Output(name, run, "sequences_scores") is { } scores)
        {
            float[] expected = scores.ToArray<float>();
            for (int row = 0; row < expected.Length; row++)
            {
                Assert.Equal(expected[row], result.Sequences[row].Score!.Value, 1e-4f * (1 + Math.Abs(expected[row])));
            }
        }
    }

    private static GenerationSettings Settings(string name, string run) =>
        GenerationSettings.Load(Path.Combine(GoldenPack.Folder(name)!, "checkpoint"))
            .With(GoldenPack.Args(GoldenPack.Run(name, run), "returns"));

    private static GenerationResult Generate(
        string name, string run, Func<GenerationSettings, GenerationSettings> change, int? only = null)
    {
        GoldenRun golden = GoldenPack.Run(name, run);
        string checkpoint = Path.Combine(GoldenPack.Folder(name)!, "checkpoint");
        ILanguageModel model = ModelLoader.Load(checkpoint).As<ILanguageModel>();
        GenerationSettings settings = change(Settings(name, run));
        int[][] masks = GoldenPack.IntRows(GoldenPack.Input(name, run, "attention_mask")) ?? [];
        int[][]? ids = GoldenPack.IntRows(GoldenPack.Input(name, run, "input_ids"));
        int[][]? negative = GoldenPack.IntRows(GoldenPack.Input(name, run, "negative_prompt_ids"));
        int count = ids?.Length ?? masks.Length;
        int[] chosen = only is { } one ? [one] : [.. Enumerable.Range(0, count)];
        int[] padding = [.. Enumerable.Range(0, count).Select(row => masks.Length == 0 ? 0 : masks[row].Count(bit => bit == 0))];
        using var session = new ModelSession(model, chosen.Length);
        using var unconditional = new ModelSession(model, chosen.Length);
        var request = new GenerationRequest
        {
            Prompts = [.. chosen.Select(row => ids is null ? new GenerationPrompt([]) : new GenerationPrompt(ids[row], padding[row]))],
            Settings = settings,
            ContextLength = model.MaximumPositions,
            Unconditional = settings.UsesGuidance ? unconditional : null,
            NegativePrompts = negative is null ? null : [.. chosen.Select(row => negative[row])],
            TokenBytes = settings.StopStrings.Count > 0
                ? TokenBytes.Of(TokenizerLoader.FromFolder(checkpoint).Tokenizer)
                : null,
        };
        if (ids is null)
        {
            Tensor embeddings = GoldenPack.Input(name, run, "inputs_embeds")!.Value;
            int length = embeddings.Shape[1];
            float[] logits = new float[chosen.Length * session.VocabularySize];
            for (int i = 0; i < chosen.Length; i++)
            {
                Tensor rows = embeddings.Rows(chosen[i], 1).View([length, model.HiddenSize])
                    .Rows(padding[chosen[i]], length - padding[chosen[i]]);
                session.Feed(i, rows, [], logits.AsSpan(i * session.VocabularySize, session.VocabularySize));
            }

            request = request with { EmbeddedLength = length, FirstLogits = logits };
        }

        return TextGenerator.Generate(session, request, TestContext.Current.CancellationToken);
    }
}
