using Percept.Checkpoints;
using Percept.Data;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Makes the plan of a run: looks at all data, and prepares a first batch as the run will.</summary>
internal sealed class TrainingPlanner(
    Recipe recipe, TrainedModel model, Optimizer optimizer, IObjective objective, IReadOnlyList<MixSource> sources,
    Lazy<IReadOnlyList<MixSource>> heldOut, SampleLengths lengths)
{
    /// <summary>Makes it.</summary>
    /// <param name="steps">How many steps the run has.</param>
    /// <param name="ranks">How many ranks share each step.</param>
    /// <param name="validates">Whether the data are looked at, if the recipe says so.</param>
    /// <param name="done">How many of them are done.</param>
    internal TrainingPlan Make(int steps, int ranks, bool validates, int done = 0)
    {
        var problems = new List<string>();
        (int looked, int repeated) = validates && recipe.Validation is { } check ? Validate(check, problems) : default;
        var mix = new DatasetMix(sources, new MixOptions { Seed = recipe.Seed, Epochs = null });
        TrainingItem[] items = problems.Count > 0 ? [] : First(mix);
        try
        {
            return new TrainingPlan
            {
                Name = recipe.Name,
                Model = model.Folder,
                Parts = Parts(),
                Steps = steps,
                Done = done,
                Ranks = ranks,
                SamplesPerStep = recipe.Batch.Samples * recipe.Batch.Accumulate * ranks,
                Data = [.. sources.Select((source, i) => (source.Name, source.Dataset.Count, mix.SamplesPerEpoch[i]))],
                Problems = problems,
                Validated = looked,
                RepeatedIds = repeated,
                Memory = MemoryForecast.Of(recipe, model, optimizer, items),
                Time = TimeForecast.Of(recipe, model, items, steps - done),
                Sample = items.Length > 0 ? SampleView.Of(items[0], model) : TrainingPlan.NoSample,
            };
        }
        finally
        {
            Array.ForEach(items, item => item.Dispose());
        }
    }

    private TrainingItem[] First(DatasetMix mix)
    {
        var batches = new LengthBatches(
            mix, lengths.Of, new LengthBatchOptions { BatchSize = recipe.Batch.Samples, TokenBudget = recipe.Batch.Tokens, Window = 1 });
        return batches.TryNext(out IReadOnlyList<MixItem> batch)
            ? [.. batch.Select((item, i) => objective.Prepare(item.Load(), (ulong)i)).OfType<TrainingItem>()]
            : [];
    }

    private IReadOnlyList<PlannedPart> Parts()
    {
        var all = new SortedDictionary<string, (long All, long Trained)>(StringComparer.Ordinal);
        void Add(string name, long count, long trained)
        {
            (long All, long Trained) sums = all.GetValueOrDefault(model.Parts.PartOf(name));
            all[model.Parts.PartOf(name)] = (sums.All + count, sums.Trained + trained);
        }

        foreach (TakenTensor tensor in model.Loaded.Report.Taken)
        {
            Add(tensor.Name, tensor.Shape.Count, 0);
        }

        foreach (Parameter parameter in model.Loaded.Report.Trained)
        {
            Add(parameter.Name, 0, parameter.Value.Count);
        }

        foreach (Parameter parameter in (IEnumerable<Parameter>)[.. model.Adapter?.Parameters ?? [], .. model.ValueHead?.Parameters ?? []])
        {
            Add(parameter.Name, parameter.Value.Count, parameter.Value.Count);
        }

        return [.. all.Select(pair => new PlannedPart(pair.Key, pair.Value.All, pair.Value.Trained))];
    }

    /// <summary>Looks at the samples of all files, also of those that are not trained on; those that are generated are not looked at.</summary>
    private (int Looked, int Repeated) Validate(MediaCheck check, List<string> problems)
    {
        int looked = 0, repeated = 0;
        IEnumerable<(DataRecipe, MixSource)> held = recipe.Samples.Every > 0 ? recipe.Samples.Data.Zip(heldOut.Value) : [];
        foreach ((DataRecipe data, MixSource source) in recipe.Data.Zip(sources).Concat(held))
        {
            if (data.Generated is not null)
            {
                continue;
            }

            SettingsDataset? settings = source.Dataset as SettingsDataset;
            var options = new ValidationOptions { Media = check, NeedsAnswers = recipe.Loss.NeedsAnswers, MaxSamples = source.MaxSamples };
            var validator = new DatasetValidator(settings?.Inner ?? source.Dataset, Limited(options, settings));
            foreach (DataProblem problem in validator.Validate())
            {
                // Sets of instructions ask several things about one picture under its id.
                if (problem.Kind == DataProblemKind.DuplicateId)
                {
                    repeated++;
                }
                else
                {
                    problems.Add(problem.ToString());
                }
            }

            looked += validator.Checked;
        }

        return (looked, repeated);
    }

    /// <summary>
    /// Where samples that are too long would end the run, they are found here: of media that are decoded anyway by preparing each sample as the
    /// run will, else by what each has at least.
    /// </summary>
    private ValidationOptions Limited(ValidationOptions options, SettingsDataset? settings)
    {
        if (!recipe.Loss.TakesConversations || recipe.Loss.SkipsLong || model.Processor is null)
        {
            return options;
        }

        return options.Media == MediaCheck.Decode
            ? options with
            {
                CountTokens = sample =>
                {
                    objective.Prepare(settings?.Own(sample) ?? sample, 0)?.Dispose();
                    return 0;
                },
            }
            : options with { CountTokens = sample => lengths.AtLeast(settings?.Own(sample) ?? sample), MaxTokens = new LengthLimit(model, recipe.Loss).Most };
    }
}
