using Percept.Checkpoints;
using Percept.Data;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>Makes the plan of a run: looks at all data, and prepares a first batch as the run will.</summary>
internal sealed class TrainingPlanner(
    Recipe recipe, TrainedModel model, Optimizer optimizer, IObjective objective, IReadOnlyList<MixSource> sources, SampleLengths lengths)
{
    /// <summary>Makes it.</summary>
    /// <param name="steps">How many steps the run has.</param>
    /// <param name="ranks">How many ranks share each step.</param>
    /// <param name="validates">Whether the data are looked at, if the recipe says so.</param>
    internal TrainingPlan Make(int steps, int ranks, bool validates)
    {
        var problems = new List<string>();
        int looked = validates && recipe.Validation is { } check ? Validate(check, problems) : 0;
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
                Ranks = ranks,
                SamplesPerStep = recipe.Batch.Samples * recipe.Batch.Accumulate * ranks,
                Data = [.. sources.Select((source, i) => (source.Name, source.Dataset.Count, mix.SamplesPerEpoch[i]))],
                Problems = problems,
                Validated = looked,
                Memory = MemoryForecast.Of(recipe, model, optimizer, items),
                Sample = items.Length > 0 ? SampleView.Of(items[0], model) : "none",
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

    /// <summary>Looks at the samples of all files; those that are generated are not looked at.</summary>
    private int Validate(MediaCheck check, List<string> problems)
    {
        int looked = 0;
        for (int i = 0; i < sources.Count; i++)
        {
            if (recipe.Data[i].Generated is null)
            {
                var validator = new DatasetValidator(sources[i].Dataset is TurnsDataset turns ? turns.Inner : sources[i].Dataset, new ValidationOptions { Media = check, NeedsAnswers = recipe.Loss.NeedsAnswers });
                problems.AddRange(validator.Validate().Select(problem => problem.ToString()));
                looked += validator.Checked;
            }
        }

        return looked;
    }
}
