using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Writes and restores the tensors of a run: the model in the layout of the hub, or its adapter in peft's, with all files beside them, and
/// in <c>training/</c> the optimizer's state and the average of the weights.
/// </summary>
internal static class TrainingCheckpoint
{
    private const string Folder = "training";
    private const string Card = "README.md";
    private const string Values = "value_head.safetensors";
    private static readonly Dictionary<string, string> s_format = new() { ["format"] = "pt" };

    /// <summary>Writes a model that can be loaded.</summary>
    internal static void WriteModel(string folder, TrainedModel model)
    {
        if (model.Adapter is { } adapter)
        {
            // A GGUF file has its tokenizer in itself, where the adapter's folder leads to.
            IEnumerable<string> beside = ModelLoader.GgufFiles(model.Folder).Count > 0 ? [] : CheckpointFolder.Companions(model.Folder);
            foreach (string file in beside.Where(file => Path.GetFileName(file) is not ("config.json" or Card)))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
            }

            adapter.Save(folder, model.Loaded.Report.Trained);
            return;
        }

        CheckpointFolder.CopyCompanions(model.Folder, folder);

        // What it says of the model that was trained does not hold of the new one.
        File.Delete(Path.Combine(folder, Card));
        using TensorSource source = TensorSource.Open(model.Folder);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), Whole(source, model), s_format);
    }

    /// <summary>Writes what training needs beside the model.</summary>
    internal static void WriteTraining(string folder, Recipe recipe, Optimizer optimizer, WeightAverage? average, TrainingState state)
    {
        string inside = Path.Combine(folder, Folder);
        Directory.CreateDirectory(inside);
        SafetensorsWriter.Write(Path.Combine(inside, "optimizer.safetensors"), optimizer.StateTensors());
        if (average is not null)
        {
            SafetensorsWriter.Write(Path.Combine(inside, "average.safetensors"), average.Tensors());
        }

        state.Write(StateOf(folder));
        File.WriteAllText(RecipeOf(folder), recipe.Yaml);
    }

    /// <summary>Whether a folder is a checkpoint that a run can go on from.</summary>
    internal static bool Is(string folder) => File.Exists(StateOf(folder));

    /// <summary>The recipe of the run that a checkpoint was written in.</summary>
    /// <exception cref="FileNotFoundException">The folder is no checkpoint of a run.</exception>
    internal static Recipe ReadRecipe(string folder) => Is(folder) && File.Exists(RecipeOf(folder))
        ? Recipe.Read(RecipeOf(folder))
        : throw new FileNotFoundException(
            $"'{folder}' is no checkpoint of a run: there is no training/recipe.yaml. Name a run's folder or one of its checkpoints.", RecipeOf(folder));

    /// <summary>Writes a policy's value head, where there is one.</summary>
    internal static void WriteValues(string folder, ValueHead? head)
    {
        if (head is not null)
        {
            Directory.CreateDirectory(Path.Combine(folder, Folder));
            SafetensorsWriter.Write(
                Path.Combine(folder, Folder, Values),
                [.. head.Parameters.Select(parameter => TensorToWrite.Of(parameter.FileName, parameter.Value))]);
        }
    }

    /// <summary>Restores a policy's value head, where there is one.</summary>
    internal static void RestoreValues(string folder, ValueHead? head)
    {
        if (head is not null)
        {
            using TensorScope scope = TensorScope.Open();
            using TensorSource source = TensorSource.Open(Path.Combine(folder, Folder, Values));
            head.Take(source);
        }
    }

    /// <summary>Reads where a checkpoint stands.</summary>
    internal static TrainingState ReadState(string folder) => TrainingState.Read(StateOf(folder));

    /// <summary>Restores what training needs beside the model.</summary>
    internal static void Restore(string folder, Optimizer optimizer, WeightAverage? average, TrainingState state)
    {
        string inside = Path.Combine(folder, Folder);
        With(Path.Combine(inside, "optimizer.safetensors"), tensors => optimizer.Load(state.OptimizerSteps, tensors));
        if (average is not null)
        {
            With(Path.Combine(inside, "average.safetensors"), tensors => average.Load(state.AverageSteps, tensors));
        }
    }

    private static string StateOf(string folder) => Path.Combine(folder, Folder, "state.json");

    private static string RecipeOf(string folder) => Path.Combine(folder, Folder, "recipe.yaml");

    private static void With(string file, Action<IReadOnlyDictionary<string, Tensor>> use)
    {
        using TensorScope scope = TensorScope.Open();
        using TensorSource source = TensorSource.Open(file);
        use(source.Tensors.Keys.ToDictionary(name => name, source.Read, StringComparer.Ordinal));
    }

    /// <summary>Every tensor of the checkpoint that the model came from, those that are trained as they are now.</summary>
    private static IEnumerable<TensorToWrite> Whole(TensorSource source, TrainedModel model)
    {
        Dictionary<string, Tensor> trained = model.Loaded.Report.Trained.ToDictionary(
            parameter => parameter.FileName, parameter => parameter.Value, StringComparer.Ordinal);
        foreach (StoredTensor stored in source.Tensors.Values)
        {
            yield return trained.Remove(stored.Name, out Tensor value)
                ? TensorToWrite.Of(stored.Name, value)
                : new TensorToWrite(
                    stored.Name,
                    stored.Type ?? throw new NotSupportedException(
                        $"Tensor '{stored.Name}' of '{stored.File}' has the type {stored.TypeName}, which can't be written. Convert the model first."),
                    stored.Shape,
                    () => source.Read(stored.Name));
        }

        if (trained.Count > 0)
        {
            throw new NotSupportedException(
                $"'{trained.Keys.First()}' is trained, but stands in another file than '{source.Description}'. " +
                "Save the model as one folder first, for example by 'percept convert'.");
        }
    }
}
