using System.Text.RegularExpressions;
using Percept.Data;
using Xunit;

namespace Percept.Training.Tests;

public class RecipeTests
{
    private const string Least = """
        model:
          path: some/model
        parts:
          projector: full
        data:
          - path: a.json
        optimizer:
          learning_rate: 1e-3
        steps: 10
        """;

    public static TheoryData<string> OwnRecipes =>
    [
        .. Directory.EnumerateFiles(Path.Combine(RunFixture.Repository, "recipes"), "*.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(RunFixture.Repository, file)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(OwnRecipes))]
    public void RecipesOfTheRepositoryNameDataThatThereIs(string file)
    {
        string text = File.ReadAllText(Path.Combine(RunFixture.Repository, file));
        foreach (Match name in Regex.Matches(text, @"^\s*(?:- )?generated:\s*(\S+)", RegexOptions.Multiline))
        {
            Assert.NotEmpty(GeneratedDatasets.Open(GeneratedDatasets.Prefix + name.Groups[1].Value)[0].Id);
        }
    }

    [Theory]
    [InlineData("false", NlvrLists.None)]
    [InlineData("before", NlvrLists.Before)]
    public void ListsOfNlvrHaveAPlace(string word, NlvrLists place) =>
        Assert.Equal(place, Recipe.Parse(Least, "r.yaml", ["data.0.format=nlvr", $"data.0.lists={word}"]).Data[0].Lists);

    [Fact]
    public void AnotherPlaceOfListsIsRefused() => Assert.Contains(
        "before", Assert.Throws<InvalidDataException>(() => Recipe.Parse(Least, "r.yaml", ["data.0.format=nlvr", "data.0.lists=true"])).Message, StringComparison.Ordinal);

    [Fact]
    public void WhatIsLeftOutHasItsDefault()
    {
        Recipe recipe = Recipe.Parse(Least, "r.yaml");
        Assert.Equal("supervised", recipe.Loss.Kind);
        Assert.Equal("adamw", recipe.Optimizer.Settings.Name);
        Assert.Equal(1e-3, recipe.Optimizer.LearningRate);
        Assert.Equal(8, recipe.Batch.Samples);
        Assert.Equal(1.0, recipe.ClipNorm);
        Assert.Null(recipe.Average);
        Assert.Equal(10, recipe.Steps);
        PartRecipe part = Assert.Single(recipe.Parts);
        Assert.Equal((ModelParts.Projector, PartTraining.Full, 1.0), (part.Name, part.Training, part.RateFactor));
        Assert.Equal("a", Assert.Single(recipe.Data).Name);
    }

    [Fact]
    public void TheResolvedRecipeReadsAsTheSame()
    {
        Recipe recipe = Recipe.Parse(
            Least, "r.yaml", ["parts.language_model.train=lora", "parts.language_model.r=4", "name='a: b \"c\"'", "freeze=['x$', y]", "optimizer.beta2=0.95"]);
        Recipe again = Recipe.Parse(recipe.Yaml, "resolved.yaml");
        Assert.Equal(recipe.Yaml, again.Yaml);
        Assert.Equal("a: b \"c\"", again.Name);
        Assert.Equal(["x$", "y"], again.Freeze);
        Assert.Equal(0.95, again.Optimizer.Settings.Beta2);
        Assert.Equal(4, again.Parts[1].Rank);
        Assert.Equal(8, again.Parts[1].Alpha);
        Assert.Contains("q_proj", again.Parts[1].Targets);
    }

    [Theory]
    [InlineData("batch.sample=4", "'batch.sample'", "Did you mean 'samples'?")]
    [InlineData("optimiser.kind=sgd", "'optimiser'", "Did you mean 'optimizer'?")]
    [InlineData("batch.samples=none", "'batch.samples' is 'none'", "a whole number of at least 1")]
    [InlineData("batch.samples=0", "'batch.samples' is '0'", "a whole number of at least 1")]
    [InlineData("loss.kind=supervized", "'loss.kind' is 'supervized'", "Did you mean 'supervised'?")]
    [InlineData("parts.projektor=full", "'parts.projektor'", "Did you mean 'projector'?")]
    [InlineData("parts.projector=frozen", "'parts'", "trains nothing")]
    [InlineData("schedule.min_factor=0.1", "'schedule.min_factor'", "Known here")]
    [InlineData("schedule.power=2", "'schedule.power'", "Known here")]
    [InlineData("model.from_config=x", "'model'", "either 'path' or 'from_config'")]
    [InlineData("data.0.pieces=words", "'data.0.pieces' is 'words'", "letters")]
    [InlineData("data.0.pieces=letters", "pieces: letters, but 'captioning' learns no answers", "supervised", "loss.kind=captioning")]
    [InlineData("data.0.pieces=letters", "pieces: letters, but 'grpo' learns no answers", "supervised", "loss={kind: grpo, rewards: [{kind: json}]}")]
    [InlineData(
        "samples.data.0={path: a.json, pieces: letters}", "'samples.data' has pieces: letters, but 'grpo'", "supervised", "loss={kind: grpo, rewards: [{kind: json}]}")]
    [InlineData("epochs=2", "'steps'", "one of both", "steps=3")]
    [InlineData("data.0.generated=x", "data.0", "one of both")]
    [InlineData("optimizer.kind=adan", "'optimizer.kind'", "There is no optimizer 'adan'")]
    [InlineData("optimizer.momentum=0.9", "'optimizer.kind'", "has no setting 'momentum'")]
    [InlineData("schedule.kind=cosin", "'schedule.kind'", "There is no schedule 'cosin'")]
    [InlineData("freeze=['(']", "'freeze'", "no regular expression")]
    [InlineData("data.5.path=b", "'data.5.path=b'", "a number from 0 to 1")]
    [InlineData("steps", "'steps' is no change", "key=value")]
    [InlineData("recompute=maybe", "'recompute' is 'maybe'", "true or false")]
    [InlineData("loss.clip=1", "'loss.clip'", "Known here:")]
    [InlineData("loss.kind=grpo", "'loss.rewards' names no reward", "exact_match")]
    [InlineData("loss={kind: grpo, rewards: [{kind: exact_mach}]}", "'loss.rewards.0.kind' is 'exact_mach'", "Did you mean 'exact_match'?")]
    [InlineData("loss={kind: grpo, rewards: [{kind: format}]}", "'loss.rewards.0.pattern' must be given", "regular expression")]
    [InlineData("loss={kind: grpo, rewards: [{kind: format, pattern: '('}]}", "'loss.rewards.0.pattern' is '('", "regular expression")]
    [InlineData("loss={kind: ppo, rewards: [{kind: model}]}", "'loss.rewards.0.path' must be given", "reward model")]
    [InlineData("loss={kind: grpo, group_size: 1, rewards: [{kind: json}]}", "'loss.group_size' is '1'", "at least 2")]
    [InlineData("loss={kind: ppo, rewards: [{kind: json}], clip_high: 1}", "'loss.clip_high'", "Known here:")]
    public void WhatIsWrongIsNamed(string change, string what, string hint, string? more = null)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Recipe.Parse(Least, "r.yaml", more is null ? [change] : [change, more]));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains(hint, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("batch:\n  sampels: 4", 11, "sampels")]
    [InlineData("clip_norm: -1", 10, "at least 0")]
    [InlineData("steps: 11", 10, "'steps' stands twice, first in line 9")]
    [InlineData("seed: &x 1", 10, "anchors")]
    [InlineData("seed: !!int 1", 10, "tag")]
    [InlineData("seed: [1", 11, "Mend the YAML")]
    [InlineData("---\nname: b", 10, "second document")]
    public void ErrorsTellTheLine(string more, int line, string what)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Recipe.Parse(Least + "\n" + more, "r.yaml"));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains($"'r.yaml', line {line}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryBuiltInRecipeReadsOnceItsPathsAreGiven()
    {
        Assert.Equal(
            ["beit", "blip-captioning", "blip-matching", "clip", "distillation", "dpo", "grpo", "kto", "llava-stage-1", "llava-stage-2-full", "llava-stage-2-lora", "mae", "mlm", "ppo", "reward", "siglip", "text-sft"], BuiltInRecipes.Names);
        foreach (string name in BuiltInRecipes.Names)
        {
            string model = BuiltInRecipes.Text(name).Contains("from_config:", StringComparison.Ordinal) ? "model.from_config=m" : "model.path=m";
            Recipe recipe = BuiltInRecipes.Read(name, [model, "data.0.path=d.json", .. Needs(name)]);
            Assert.Equal(recipe.Yaml, Recipe.Parse(recipe.Yaml, name).Yaml);
            Assert.Throws<InvalidDataException>(() => BuiltInRecipes.Read(name));
        }

        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => BuiltInRecipes.Read("llava-stage-3"));
        Assert.Contains("Did you mean 'llava-stage-1'?", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.0.generated=words", "data.0.images=x")]
    [InlineData("data.0.generated=words", "data.0.format=records")]
    [InlineData("data.0.path=x", "data.0.format=nlvr", "data.0.side=100")]
    [InlineData("data.0.path=x", "data.0.format=mnist", "data.0.entry=e")]
    public void KeysOfDataThatChangeNothingAreUnknown(params string[] changes)
    {
        string[] named = changes[0].Contains("generated", StringComparison.Ordinal) ? ["data.0.path=null", .. changes] : changes;
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Recipe.Parse(Least, "r.yaml", named));
        Assert.Contains(changes[^1].Split('=')[0].Split('.')[^1], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StepsThatAreSetTakeThePlaceOfEpochs()
    {
        Recipe epochs = Recipe.Parse(Least, "r.yaml", ["steps=null", "epochs=2"]);
        Assert.Equal((null, 2.0), (epochs.Steps, epochs.Epochs));
        Recipe steps = Recipe.Parse(epochs.Yaml, "r.yaml", ["steps=10"]);
        Assert.Equal((10, null), (steps.Steps, steps.Epochs));
        Assert.Equal((null, 3.0), (Recipe.Parse(steps.Yaml, "r.yaml", ["epochs=3"]).Steps, Recipe.Parse(steps.Yaml, "r.yaml", ["epochs=3"]).Epochs));
    }

    [Theory]
    [InlineData("sigmoid")]
    [InlineData("robust")]
    [InlineData("exo_pair")]
    public void LabelsOfPairsMayBeSmoothed(string formula)
    {
        Recipe recipe = Recipe.Parse(Least, "r.yaml", ["loss.kind=preference", $"loss.formula={formula}", "loss.label_smoothing=0.01"]);
        Assert.Equal(0.01, recipe.Loss.LabelSmoothing);
    }

    [Fact]
    public void TheManualNamesEveryKey()
    {
        string manual = File.ReadAllText(Path.Combine(RunFixture.Repository, "docs", "recipes.md"));
        string[][] kinds =
        [
            ["loss.kind=supervised"], ["loss.kind=contrastive"], ["loss.kind=matching"], ["loss.kind=captioning"], ["loss.kind=masked_image"], ["loss.kind=masked_tokens", "loss.teacher=t"], ["loss.kind=masked_language"], ["loss.kind=preference"], ["loss.kind=reward"],
            ["loss.kind=distillation", "loss.teacher=t"], ["parts.language_model.train=lora"],
            ["schedule.kind=warmup_stable_decay"], ["schedule.kind=polynomial"], ["loss.kind=preference", "loss.formula=simpo"],
            ["loss.kind=preference", "loss.formula=kto"], ["loss.kind=preference", "loss.formula=exo_pair"], ["parts.language_model.train=ia3"], ["parts.language_model.train=bottleneck"], ["parts.language_model.train=prompt"],
            ["loss.kind=grpo", "loss.rewards.0.kind=format", "loss.rewards.0.pattern=x"],
            ["loss.kind=ppo", "loss.rewards.0.kind=model", "loss.rewards.0.path=x"],
        ];
        IEnumerable<string> keys = kinds
            .SelectMany(kind => Recipe.Parse(Least, "r.yaml", [.. kind, "samples.data.0.path=b"]).Yaml.Split('\n'))
            .Select(line => line.Split(':')[0].Trim(' ', '-')).Where(key => key.Length > 0).Distinct();
        Assert.All(keys, key => Assert.Contains($"`{key}`", manual, StringComparison.Ordinal));
    }

    /// <summary>What a recipe leaves open besides model and data.</summary>
    private static string[] Needs(string name) => name switch
    {
        "distillation" => ["loss.teacher=t"],
        "ppo" => ["loss.rewards.0.path=r"],
        _ => [],
    };
}
