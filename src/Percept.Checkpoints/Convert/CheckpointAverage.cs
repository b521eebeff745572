using System.Text.Json;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Checkpoints;

/// <summary>
/// The average of models that came from the same weights, tensor by tensor: one that is often as good as the best of them or
/// better, for no training and no more work when it answers.
/// </summary>
/// <remarks>
/// Runs that began from one model, or states of one run, mostly lie in one valley of the loss, and their average does too
/// ("model soups", Wortsman et al. 2022). Models that were trained from nothing each do not: their average knows nothing.
/// </remarks>
public static class CheckpointAverage
{
    // What a config.json says of files, not of the model.
    private static readonly string[] s_remarks = ["torch_dtype", "dtype", "transformers_version", "_name_or_path", "use_cache"];

    /// <summary>Writes the average as a folder in the layout of the hub.</summary>
    /// <param name="models">Two or more folders in the layout of the hub, with the same tensors, settings and vocabulary. What stands
    /// beside the weights, and their types, are taken from the first.</param>
    /// <param name="shares">How much of each model there is in the average, positive numbers that are divided by their sum; null for as
    /// much of each.</param>
    /// <param name="output">The folder; it is made where there is none.</param>
    /// <param name="progress">Hears of each tensor; null for nobody.</param>
    /// <param name="cancellation">Stops between tensors; no model is left then.</param>
    /// <returns>How many tensors were averaged; those of integers, which must be the same everywhere, are not among them.</returns>
    /// <exception cref="ArgumentException">There are fewer than two models, or other than as many positive shares.</exception>
    /// <exception cref="InvalidDataException">The models differ in more than their weights.</exception>
    /// <exception cref="NotSupportedException">One is no folder in the layout of the hub, or its weights are quantized.</exception>
    /// <exception cref="IOException">The folder has a model already, or cannot be written.</exception>
    public static int Write(
        IReadOnlyList<string> models, IReadOnlyList<double>? shares, string output, IProgress<string>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentException.ThrowIfNullOrEmpty(output);
        float[] parts = Parts(models.Count, shares);
        string file = CheckpointFolder.NewModelFile(output);
        foreach (string model in models)
        {
            if (!File.Exists(Path.Combine(model, "config.json")))
            {
                throw new NotSupportedException(
                    $"'{model}' is no folder of a model in the layout of the hub: it has no config.json. Convert it with 'percept convert', " +
                    "merge an adapter with 'percept merge', or name the folder 'model' of a run.");
            }
        }

        foreach (string other in models.Skip(1))
        {
            CompareSettings(models[0], other);
        }

        var sources = new List<TensorSource>();
        try
        {
            foreach (string model in models)
            {
                sources.Add(TensorSource.Open(model));
            }

            foreach (TensorSource other in sources.Skip(1))
            {
                CompareTensors(sources[0], other);
            }

            var tensors = new List<TensorToWrite>();
            int averaged = 0;
            foreach ((string name, StoredTensor stored) in sources[0].Tensors)
            {
                DType type = TypeOf(name, stored);
                averaged += type.IsFloat() ? 1 : 0;
                tensors.Add(new TensorToWrite(name, type, stored.Shape, () =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Report(name);
                    return type.IsFloat() ? Average(sources, parts, name, type) : Same(sources, name);
                }));
            }

            Directory.CreateDirectory(output);
            SafetensorsWriter.Write(file, tensors, new Dictionary<string, string> { ["format"] = "pt" });
            CheckpointFolder.CopyCompanions(models[0], output);
            return averaged;
        }
        finally
        {
            sources.ForEach(source => source.Dispose());
        }
    }

    private static float[] Parts(int models, IReadOnlyList<double>? shares)
    {
        if (models < 2)
        {
            throw new ArgumentException($"An average needs two models or more, and there are {models}. Name another.", nameof(models));
        }

        shares ??= [.. Enumerable.Repeat(1.0, models)];
        if (shares.Count != models || !shares.All(share => share > 0 && double.IsFinite(share)))
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"The shares are {string.Join(", ", shares.Select(share => FormattableString.Invariant($"{share}")))}, expected {models} positive numbers, one for each model."),
                nameof(shares));
        }

        double sum = shares.Sum();
        return [.. shares.Select(share => (float)(share / sum))];
    }

    private static Tensor Average(List<TensorSource> sources, float[] parts, string name, DType type)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        Tensor sum = Part(0);
        for (int i = 1; i < sources.Count; i++)
        {
            sum = Ops.Add(sum, Part(i));
        }

        return scope.Keep(Ops.Cast(sum, type));

        Tensor Part(int i) => Ops.Affine(Ops.Cast(sources[i].Read(name), DType.F32), parts[i], 0);
    }

    private static Tensor Same(List<TensorSource> sources, string name)
    {
        Tensor first = sources[0].Read(name);
        foreach (TensorSource other in sources.Skip(1))
        {
            using Tensor tensor = other.Read(name);
            if (!first.Bytes().SequenceEqual(tensor.Bytes()))
            {
                throw new InvalidDataException(
                    $"'{name}' holds integers, and other ones in '{other.Description}' than in '{sources[0].Description}': an average has no meaning there.");
            }
        }

        return first;
    }

    private static DType TypeOf(string name, StoredTensor stored) =>
        stored.Type is { } type && !type.IsQuantized()
            ? type
            : throw new NotSupportedException(
                $"'{name}' in '{stored.File}' is of type {stored.TypeName}, which cannot be averaged. Average the original weights, then convert.");

    private static void CompareTensors(TensorSource first, TensorSource other)
    {
        string[] missing = [.. first.Tensors.Keys.Where(name => !other.Tensors.ContainsKey(name))];
        string[] added = [.. other.Tensors.Keys.Where(name => !first.Tensors.ContainsKey(name))];
        if (missing.Length + added.Length > 0)
        {
            string example = missing.Length > 0 ? $"'{missing[0]}' is only in the first" : $"'{added[0]}' only in the second";
            throw new InvalidDataException(
                $"'{first.Description}' and '{other.Description}' hold other tensors: {missing.Length + added.Length} are in one alone ({example}). " +
                "Average models of the same layout.");
        }

        foreach ((string name, StoredTensor stored) in first.Tensors)
        {
            StoredTensor twin = other.Tensors[name];
            TypeOf(name, twin);
            if (twin.Shape != stored.Shape || twin.Type!.Value.IsFloat() != stored.Type?.IsFloat())
            {
                throw new InvalidDataException(
                    $"'{name}' is {stored.TypeName} {stored.Shape} in '{stored.File}' and {twin.TypeName} {twin.Shape} in '{twin.File}', expected the same shape. " +
                    "Average models of the same layout.");
            }
        }
    }

    private static void CompareSettings(string first, string other)
    {
        using JsonDocument one = Json(first, "config.json"), two = Json(other, "config.json");
        if (Difference(one.RootElement, two.RootElement, "") is { } key)
        {
            throw new InvalidDataException(
                $"'{first}' and '{other}' are other models: their config.json differ in '{key}'. Average models of the same layout.");
        }

        using JsonDocument words = Json(first, "tokenizer.json"), others = Json(other, "tokenizer.json");
        if (!Same(words.RootElement, others.RootElement, "model") || !Same(words.RootElement, others.RootElement, "added_tokens"))
        {
            throw new InvalidDataException(
                $"'{first}' and '{other}' have other vocabularies in tokenizer.json: a row of the embedding is another token in each. " +
                "Average models of the same tokenizer.");
        }
    }

    // An empty object where there is no such file.
    private static JsonDocument Json(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        try
        {
            return JsonDocument.Parse(File.Exists(path) ? File.ReadAllBytes(path) : "{}"u8.ToArray());
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is no JSON: {error.Message}", error);
        }
    }

    // The first key whose value is another one; null where there is none.
    private static string? Difference(JsonElement one, JsonElement two, string path)
    {
        if (one.ValueKind != JsonValueKind.Object || two.ValueKind != JsonValueKind.Object)
        {
            return JsonElement.DeepEquals(one, two) ? null : path;
        }

        foreach (string key in Keys(one).Union(Keys(two)).Except(s_remarks))
        {
            string full = path.Length == 0 ? key : $"{path}.{key}";
            string? difference = one.TryGetProperty(key, out JsonElement first) && two.TryGetProperty(key, out JsonElement second)
                ? Difference(first, second, full)
                : full;
            if (difference is not null)
            {
                return difference;
            }
        }

        return null;
    }

    private static IEnumerable<string> Keys(JsonElement element) => element.EnumerateObject().Select(property => property.Name);

    private static bool Same(JsonElement one, JsonElement two, string key) =>
        one.ValueKind == JsonValueKind.Object && two.ValueKind == JsonValueKind.Object
        && one.TryGetProperty(key, out JsonElement first) == two.TryGetProperty(key, out JsonElement second)
        && (first.ValueKind == JsonValueKind.Undefined || JsonElement.DeepEquals(first, second));
}
