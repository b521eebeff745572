using System.Globalization;
using System.Security.Cryptography;

namespace Percept.Data;

/// <summary>
/// The raw instructions of a build, one a line, and beside them the description of their writer: what another writer wrote, or what was
/// written from other annotations, is not mixed in.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class WorkFile(string path)
{
    private const int HashDigits = 16;
    private const string NextStep = "Delete the file, or name another output";

    /// <summary>Where the description of the writer stands.</summary>
    internal static string WriterFileOf(string path) => path + ".writer.txt";

    /// <summary>The name of a line: the instruction's id, and a hash of what is known of the picture.</summary>
    internal static string LineId(AnnotatedImage image, string id) => $"{id}@{HashOf(image)}";

    /// <summary>Writes the description of a new file's writer, or checks that an old file has the same.</summary>
    /// <exception cref="InvalidOperationException">Another writer wrote the file, or nobody knows which.</exception>
    internal void Require(IInstructionWriter writer)
    {
        string description = writer.Description.ReplaceLineEndings(" ").Trim();
        string beside = WriterFileOf(path);
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            File.WriteAllText(beside, description + "\n");
            return;
        }

        string? before = File.Exists(beside) ? File.ReadAllText(beside).Trim() : null;
        if (before != description)
        {
            throw new InvalidOperationException(before is null
                ? $"'{path}' has instructions of an earlier build, and there is no '{beside}' that says who wrote them. {NextStep}."
                : $"'{path}' has instructions that were written by '{before}'; this build writes by '{description}'. {NextStep}.");
        }
    }

    /// <summary>The raw instructions by the names of their lines; without media. An empty list stands for "not enough known".</summary>
    internal Dictionary<string, DatasetSample> Read()
    {
        var found = new Dictionary<string, DatasetSample>(StringComparer.Ordinal);
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            return found;
        }

        using var dataset = new RecordDataset(path, DataReadOptions.Default);
        for (int i = 0; i < dataset.Count; i++)
        {
            // A run that was killed may have left half a line; it is written again.
            var problems = new ProblemList(dataset.SourceOf(i));
            if (dataset.Read(i, problems) is { } sample && problems.Problems.Count == 0)
            {
                found[sample.Id] = sample;
            }
        }

        return found;
    }

    /// <summary>Checks that no instruction of a file was written from other annotations of its picture.</summary>
    /// <param name="written">The file's instructions.</param>
    /// <param name="asked">The lines that are asked for: the instructions' ids and the names of their lines.</param>
    /// <exception cref="InvalidOperationException">One was.</exception>
    internal void RequireSame(IReadOnlyDictionary<string, DatasetSample> written, IEnumerable<(string Id, string LineId)> asked)
    {
        HashSet<string> ids = new(StringComparer.Ordinal);
        ids.UnionWith(written.Keys.Select(line => line.Contains('@', StringComparison.Ordinal) ? line[..line.LastIndexOf('@')] : line));
        foreach ((string id, string line) in asked)
        {
            if (ids.Contains(id) && !written.ContainsKey(line))
            {
                throw new InvalidOperationException(
                    $"'{path}' has the instruction '{id}', but it was written from other annotations of the picture. {NextStep}.");
            }
        }
    }

    private static string HashOf(AnnotatedImage image)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string name, IEnumerable<string> texts)
        {
            HashText.Append(hash, name);
            foreach (string text in texts)
            {
                HashText.Append(hash, text);
            }
        }

        Add("size", [Text($"{image.Width}×{image.Height}")]);
        Add("captions", image.Captions);
        Add("objects", image.Objects.SelectMany(
            one => one.Attributes.Prepend(Text($"{one.Name}: {one.X:r} {one.Y:r} {one.Width:r} {one.Height:r}"))));
        Add("uncountable", image.Uncountable);
        Add("relations", image.Relations.Select(one => Text($"{one.Subject} {one.Predicate} {one.Object}")));
        Add("questions", image.Questions.SelectMany(one => new[] { one.Question, one.Answer }));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..HashDigits];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
