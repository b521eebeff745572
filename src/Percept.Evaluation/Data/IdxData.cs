using System.Globalization;
using Percept.Data;

namespace Percept.Evaluation;

/// <summary>
/// Labelled grey pictures in the files of MNIST: <c>…-images-idx3-ubyte</c> and <c>…-labels-idx1-ubyte</c>, packed (<c>.gz</c>) or not.
/// </summary>
public static class IdxData
{
    /// <summary>Reads a folder with one pair of files, or with several of which one is named.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">What stands before <c>-images-idx3-ubyte</c>, such as <c>t10k</c>; null where there is one pair only.</param>
    /// <param name="classes">Names of the labels 0, 1, …</param>
    /// <exception cref="FileNotFoundException">There are no such files.</exception>
    /// <exception cref="InvalidDataException">The files are damaged, do not fit each other, or have a label without name.</exception>
    public static EvaluationData Open(string folder, string? split, IReadOnlyList<string> classes)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(classes);
        string images = Find(folder, split);
        string labels = DataFiles.Require(
            images.Replace("-images-idx3-", "-labels-idx1-", StringComparison.Ordinal), "the labels of the pictures");
        IDataset data = DatasetReader.Open(images, new DataReadOptions { Format = DataFormat.Idx });
        string name = Path.GetFileName(images).Split("-images-idx3-")[0];
        var samples = new EvaluationSample[data.Count];
        for (int i = 0; i < samples.Length; i++)
        {
            DatasetSample sample = data[i];
            if (sample.LabelIndex is not { } label || label >= classes.Count)
            {
                throw new InvalidDataException(
                    $"'{labels}' has label {sample.LabelIndex} at {i}, expected 0 to {classes.Count - 1}; the file is damaged or of another kind.");
            }

            samples[i] = new EvaluationSample
            {
                Id = i.ToString("d5", CultureInfo.InvariantCulture),
                Media = [.. sample.Media],
                References = [classes[label]],
                Category = classes[label],
            };
        }

        return new EvaluationData($"{Path.GetFileName(Path.GetFullPath(folder))} {name}", EvaluationData.HashOfFiles(images, labels), samples);
    }

    private static string Find(string folder, string? split)
    {
        string[] found = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, (split ?? "*") + "-images-idx3-ubyte*").Order(StringComparer.Ordinal)
                .DistinctBy(path => path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path)]
            : throw new DirectoryNotFoundException($"There is no folder '{folder}'. Check the path.");
        return found.Length == 1
            ? found[0]
            : throw new FileNotFoundException(found.Length == 0
                ? $"'{folder}' has no file '{split ?? "…"}-images-idx3-ubyte' or '….gz'. Check the folder and the split."
                : $"'{folder}' has {found.Length} files of pictures; name one by its split: "
                    + string.Join(", ", found.Select(path => Path.GetFileName(path).Split("-images-idx3-")[0])) + ".");
    }
}
