using System.Text.RegularExpressions;

namespace Percept.Checkpoints;

/// <summary>Finds the file of a folder that a checkpoint is opened by.</summary>
public static partial class CheckpointFolder
{
    // Tensors of a training run, not of a model.
    private static readonly string[] s_training = ["optimizer", "scheduler", "training_args", "scaler", "rng_state"];

    // Files that hold weights or say which file holds them.
    private static readonly string[] s_weights = [".safetensors", ".bin", ".pt", ".pth", ".gguf", ".index.json", ".h5", ".msgpack", ".onnx", ".ot"];

    /// <summary>
    /// The file to open: an index of safetensors shards, <c>model.safetensors</c>, the only safetensors file; then the same
    /// of PyTorch's <c>pytorch_model.bin</c>, the only <c>.pt</c>, <c>.pth</c> or <c>.bin</c> file; then the only GGUF
    /// model.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It holds no checkpoint.</exception>
    /// <exception cref="InvalidDataException">It holds several, and none has the usual name; the message lists them.</exception>
    public static string Find(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}'. Check the path.");
        }

        string[] names = [.. Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];
        string? found = Choose(folder, names, "model.safetensors.index.json", ".safetensors.index.json")
            ?? Choose(folder, names, "model.safetensors", ".safetensors")
            ?? Choose(folder, names, "pytorch_model.bin.index.json", ".bin.index.json")
            ?? Choose(folder, [.. names.Where(IsModel)], "pytorch_model.bin", ".pt", ".pth", ".bin")
            ?? Gguf(folder, names);
        return found ?? throw new FileNotFoundException(
            $"'{folder}' holds no checkpoint: no safetensors, PyTorch (.bin, .pt, .pth) or GGUF file among its " +
            $"{names.Length} files. Name the folder of a model, or get one with 'percept pull org/name'.");
    }

    /// <summary>The files of a folder that stand beside its weights: configuration, tokenizer, settings; in order of their names.</summary>
    /// <param name="folder">The folder.</param>
    public static IReadOnlyList<string> Companions(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(IsCompanion).Order(StringComparer.Ordinal)];

    /// <summary>Copies the files beside the weights of a folder.</summary>
    /// <param name="from">The folder.</param>
    /// <param name="to">The folder that gets them; it must be there.</param>
    /// <returns>The paths of the copies.</returns>
    public static IReadOnlyList<string> CopyCompanions(string from, string to)
    {
        var copies = new List<string>();
        foreach (string file in Companions(from))
        {
            string copy = Path.Combine(to, Path.GetFileName(file));
            AtomicFile.Write(copy, stream =>
            {
                using FileStream content = File.OpenRead(file);
                content.CopyTo(stream);
            });
            copies.Add(copy);
        }

        return copies;
    }

    /// <summary>The weights' file that a folder is to get.</summary>
    /// <param name="folder">The folder; it need not be there.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="IOException">The folder has a model already.</exception>
    public static string NewModelFile(string folder)
    {
        string file = Path.Combine(folder, "model.safetensors");
        return File.Exists(file)
            ? throw new IOException($"'{folder}' holds a model already. Choose a new folder, or remove it.")
            : file;
    }

    private static bool IsCompanion(string path) =>
        !s_weights.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) && !Path.GetFileName(path).StartsWith('.');

    private static string? Choose(string folder, string[] names, string usual, params string[] endings)
    {
        if (names.Contains(usual))
        {
            return Path.Combine(folder, usual);
        }

        string[] others =
        [
            .. names.Where(name => endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))),
        ];
        return others.Length <= 1
            ? others.Select(name => Path.Combine(folder, name)).SingleOrDefault()
            : throw Several(folder, others);
    }

    private static string? Gguf(string folder, string[] names)
    {
        string[] models =
        [
            .. names.Where(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
                .Where(name => GgufSplit.Number(name) is null or 1)
                .Where(name => !GgufCompanions.IsCompanion(Path.Combine(folder, name))),
        ];
        return models.Length <= 1
            ? models.Select(name => Path.Combine(folder, name)).SingleOrDefault()
            : throw Several(folder, models);
    }

    private static bool IsModel(string name) =>
        !s_training.Any(word => name.StartsWith(word, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex("-[0-9]+-of-[0-9]+[.][a-z]+$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Shard();

    private static InvalidDataException Several(string folder, string[] names) => names.All(name => Shard().IsMatch(name))
        ? new InvalidDataException(
            $"'{folder}' holds {names.Length} shards ({names[0]}, …), but not the index that says what stands in which. " +
            "Finish the download.")
        : new InvalidDataException(
            $"'{folder}' holds {names.Length} checkpoints, and none has the usual name: {string.Join(", ", names.Take(8))}" +
            $"{(names.Length > 8 ? ", …" : "")}. Name the file itself.");
}
