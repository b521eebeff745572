using System.Text.Json;
using Percept.Data;

namespace Percept.Evaluation;

/// <summary>
/// Questions as lines of JSON: <c>{"id", "question", "image" or "images" or "video", "answer" or "answers", "options", "objects", "category",
/// "group"}</c>. Paths are relative to the file, and lead nowhere outside its folder unless that is allowed. An answer of four numbers in a
/// list is a box. The spellings <c>question_id</c>, <c>text</c> and <c>label</c> of published question files are read too.
/// A JSON array (<c>*.json</c>) is read as conversations that models are trained on, each answer of which is asked for.
/// </summary>
public static class QuestionFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, or a folder with it.</param>
    /// <param name="split">In a folder: the file's name without <c>.jsonl</c>; null where there is one such file only.</param>
    /// <param name="allowOutside">Whether media may lie outside the file's folder: absolute paths, <c>..</c> and links that lead out.</param>
    /// <exception cref="FileNotFoundException">The file, or a medium that a line names, is not there; all that are missing are counted.
    /// </exception>
    /// <exception cref="InvalidDataException">A line cannot be read, or names a medium outside.</exception>
    public static EvaluationData Open(string path, string? split = null, bool allowOutside = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = Find(path, split);
        if (Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase))
        {
            return Conversations(file, allowOutside);
        }

        var paths = new MediaPaths(Path.GetDirectoryName(Path.GetFullPath(file))!, null, allowOutside);
        EvaluationSample[] samples = [.. DataFiles.JsonLines(file).Select(line => Read(line.Value, line.Line, file, paths))];
        string[] missing =
        [
            .. samples.SelectMany(sample => sample.Media).Select(media => media.Path!)
                .Where(media => !Path.Exists(media)).Distinct(),
        ];
        if (missing.Length > 0)
        {
            throw new FileNotFoundException(
                $"{missing.Length} media of '{file}' are not there, the first is '{missing[0]}'. Nothing was asked; put them in place.",
                missing[0]);
        }

        IEnumerable<string> media = samples.SelectMany(sample => sample.Media).DistinctBy(one => one.Path).Select(one => one.ContentHash());
        string hash = EvaluationData.HashOf([EvaluationData.HashOfFiles(file), .. media]);
        return new EvaluationData(Path.GetFileNameWithoutExtension(file), hash, samples);
    }

    private static EvaluationSample Read(JsonElement record, int number, string file, MediaPaths paths)
    {
        string place = $"{file}:{number}";
        MediaReference Medium(DataPartKind kind, string name) => MediaReference.File(kind, Locate(name, paths, place), name);
        return new EvaluationSample
        {
            Id = DataFiles.FindText(record, "id", place) ?? DataFiles.FindText(record, "question_id", place)
                ?? FormattableString.Invariant($"{number}"),
            Source = new SampleSource(file, number),
            Question = DataFiles.FindText(record, "question", place) ?? DataFiles.FindText(record, "text", place) ?? string.Empty,
            Media =
            [
                .. DataFiles.Texts(record, "image", place).Concat(DataFiles.Texts(record, "images", place))
                    .Select(name => Medium(DataPartKind.Image, name)),
                .. DataFiles.Texts(record, "video", place).Select(name => Medium(DataPartKind.Video, name)),
            ],
            References =
            [
                .. DataFiles.Answers(record, "answer", place, mayBeBox: true), .. DataFiles.Answers(record, "answers", place, mayBeBox: false),
                .. DataFiles.Answers(record, "label", place, mayBeBox: true),
            ],
            Options = DataFiles.Texts(record, "options", place),
            Objects = DataFiles.Texts(record, "objects", place),
            Category = DataFiles.FindText(record, "category", place),
            Group = DataFiles.FindText(record, "group", place),
        };
    }

    private static string Locate(string name, MediaPaths paths, string place)
    {
        if (name.Length == 0 || name.Contains('\0'))
        {
            throw new InvalidDataException($"{place}: the path of a medium is empty or no path. Write the path of the file.");
        }

        string path = paths.Find(name, out (DataProblemKind Kind, string Message, string NextStep)? problem);
        return problem is { } outside
            ? throw new InvalidDataException(
                $"{place}: {outside.Message}. Put the file into that folder, or allow media outside (--allow-outside).")
            : path;
    }

    /// <summary>The questions of conversations as models are trained on them: a JSON array in one of the formats of <see cref="DatasetReader"/>.</summary>
    private static EvaluationData Conversations(string file, bool allowOutside)
    {
        IDataset dataset = DatasetReader.Open(file, new DataReadOptions { AllowOutside = allowOutside });
        try
        {
            return DatasetQuestions.Of(dataset, Path.GetFileNameWithoutExtension(file));
        }
        finally
        {
            (dataset as IDisposable)?.Dispose();
        }
    }

    private static string Find(string path, string? split)
    {
        if (split is not null && File.Exists(path))
        {
            throw new ArgumentException($"'{path}' is a file, which has no parts; a split is named of a folder. Leave out '{split}'.", nameof(split));
        }

        if (!Directory.Exists(path))
        {
            return DataFiles.Require(path, "a file of questions, or a folder with one");
        }

        if (split is not null)
        {
            return DataFiles.Require(Path.Combine(path, split + ".jsonl"), "the questions of a split");
        }

        string[] files = [.. Directory.EnumerateFiles(path, "*.jsonl").Order(StringComparer.Ordinal)];
        return files.Length == 1
            ? files[0]
            : throw new FileNotFoundException(files.Length == 0
                ? $"'{path}' has no file of questions (*.jsonl). Check the folder."
                : $"'{path}' has {files.Length} files of questions; name one by its split: "
                    + string.Join(", ", files.Select(Path.GetFileNameWithoutExtension)) + ".");
    }
}
