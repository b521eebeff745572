namespace Percept.Checkpoints;

/// <summary>Chooses the files of a repository that are worth loading.</summary>
internal static class PullSelection
{
    private static readonly string[] s_foreign =
    [
        ".h5", ".msgpack", ".ot", ".tflite", ".onnx", ".onnx_data", ".mlmodel", ".mlpackage", ".pdparams", ".engine", ".ckpt.index",
    ];

    /// <summary>The files to load, and those left out with the reason.</summary>
    /// <exception cref="InvalidDataException">The patterns fit no file, or the repository holds a model several times and
    /// nothing says which is meant.</exception>
    internal static (HubFile[] Files, KeyValuePair<string, string>[] Skipped) Choose(
        IReadOnlyList<HubFile> files, PullOptions options, string repository)
    {
        var skipped = new List<KeyValuePair<string, string>>();
        var chosen = new List<HubFile>();
        bool chooses = options.Include.Count > 0;
        foreach (HubFile file in files)
        {
            string? reason = Fits(file.Path, options.Exclude) ? "excluded"
                : chooses ? Fits(file.Path, options.Include) ? null : "not included"
                : options.Everything ? null : Reason(file.Path, files);
            if (reason is null)
            {
                chosen.Add(file);
            }
            else
            {
                skipped.Add(new(file.Path, reason));
            }
        }

        if (chosen.Count == 0)
        {
            throw new InvalidDataException(
                $"None of the {files.Count} files of '{repository}' fits. They are {Shown(files.Select(file => file.Path))}.");
        }

        if (!options.Everything)
        {
            CheckOne(chosen, chooses, repository);
            AddTower(files, chosen, skipped, options);
        }

        return ([.. chosen], [.. skipped]);
    }

    private static bool Fits(string path, IReadOnlyList<string> patterns) => patterns.Any(pattern => GlobPattern.Fits(path, pattern));

    /// <summary>Why a file is of no use; null when it may be.</summary>
    private static string? Reason(string path, IReadOnlyList<HubFile> files)
    {
        if (s_foreign.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            || path.Contains(".mlpackage/", StringComparison.OrdinalIgnoreCase))
        {
            return "of a format that Percept does not use";
        }

        string folder = path[..(path.LastIndexOf('/') + 1)];
        string name = path[folder.Length..];
        bool hasSafetensors = files.Any(file => file.Path.EndsWith(".safetensors", StringComparison.Ordinal)
            && file.Path.StartsWith("model", StringComparison.Ordinal));
        return !hasSafetensors ? null
            : folder == "original/" || name.StartsWith("consolidated", StringComparison.Ordinal)
                || (folder.Length == 0 && name.StartsWith("pytorch_model", StringComparison.Ordinal)) || IsGguf(path)
                ? "there as safetensors"
                : null;
    }

    /// <summary>A repository of GGUF files holds the same model many times; it must be said which one is meant.</summary>
    private static void CheckOne(List<HubFile> chosen, bool chooses, string repository)
    {
        IGrouping<string, HubFile>[] models =
            [.. chosen.Where(file => IsGguf(file.Path) && !IsTower(file.Path)).GroupBy(file => Model(file.Path), StringComparer.Ordinal)];
        if (!chooses && models.Length > 1)
        {
            throw new InvalidDataException(
                $"'{repository}' holds {models.Length} GGUF models: " +
                $"{Shown(models.OrderBy(Bytes).Select(group => $"{group.Key} ({Size(Bytes(group))})"))}. " +
                $"Choose one: --include '*{Suggestion([.. models.Select(group => group.Key)])}*'.");
        }
    }

    /// <summary>Adds the vision tower to a GGUF model that was chosen by a pattern.</summary>
    private static void AddTower(
        IReadOnlyList<HubFile> files, List<HubFile> chosen, List<KeyValuePair<string, string>> skipped, PullOptions options)
    {
        HubFile[] towers = [.. files.Where(file => IsGguf(file.Path) && IsTower(file.Path) && !Fits(file.Path, options.Exclude))];
        bool hasModel = chosen.Any(file => IsGguf(file.Path) && !IsTower(file.Path));
        if (!hasModel || towers.Length == 0)
        {
            return;
        }

        HubFile[] named = [.. towers.Where(chosen.Contains)];
        bool isChosen = options.Include.Count > 0 && named.Length > 0;
        HubFile one = isChosen
            ? named[0]
            : towers.FirstOrDefault(file => file.Path.Contains("f16", StringComparison.OrdinalIgnoreCase)
                && !file.Path.Contains("bf16", StringComparison.OrdinalIgnoreCase)) ?? towers.MinBy(file => file.Bytes ?? 0)!;
        if (isChosen)
        {
            return;
        }

        // One tower is enough, as one model is.
        foreach (HubFile other in named.Where(file => file != one))
        {
            chosen.Remove(other);
            skipped.Add(new(other.Path, $"'{one.Path}' is the same tower"));
        }

        if (!chosen.Contains(one))
        {
            chosen.Add(one);
            skipped.RemoveAll(pair => pair.Key == one.Path);
        }
    }

    private static bool IsGguf(string path) => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private static bool IsTower(string path) => path.Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    private static string Model(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        return GgufSplit.Number(name) is null ? path : path[..^"-00001-of-00001.gguf".Length];
    }

    private static string Suggestion(string[] models) =>
        new[] { "Q4_K_M", "q4_k_m", "Q4_0", "q4_0", "Q8_0", "q8_0" }.FirstOrDefault(
            word => models.Count(model => model.Contains(word, StringComparison.Ordinal)) == 1) ?? Path.GetFileNameWithoutExtension(models[0]);

    private static string Shown(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(12)) + (all.Length > 12 ? $" and {all.Length - 12} more" : "");
    }

    private static long Bytes(IEnumerable<HubFile> files) => files.Sum(file => file.Bytes ?? 0);

    private static string Size(long bytes) => FormattableString.Invariant($"{bytes / 1e9:f1} GB");
}
