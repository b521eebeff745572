using System.Text.Json;
using Percept.Data;
using Percept.Media;

namespace Percept.Evaluation;

/// <summary>
/// The synthetic pictures of NLVR (Suhr et al., 2017; lil-lab/nlvr): statements about pictures of boxes with coloured shapes, each true or
/// false. A split is <c>NAME.jsonl</c> with the statements and <c>NAME.zip</c> with the pictures.
/// </summary>
public static class NlvrData
{
    /// <summary>Orders in which the three boxes of a picture are shown.</summary>
    internal const int Orders = 6;

    /// <summary>Reads a split: one sample for each picture, six for each line.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">The name of the files: <c>dev</c>, <c>test</c>, …</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A line cannot be read, or its pictures are not in the archive.</exception>
    public static EvaluationData Open(string folder, string split)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(split);
        string lines = DataFiles.Require(Path.Combine(folder, split + ".jsonl"), "the statements of an NLVR split");
        string archive = DataFiles.Require(Path.Combine(folder, split + ".zip"), "the pictures of an NLVR split");
        var pictures = new ZipPictures(archive);
        var samples = new List<EvaluationSample>();
        foreach ((int number, JsonElement line) in DataFiles.JsonLines(lines))
        {
            string place = $"{lines}:{number}";
            string id = DataFiles.Text(line, "identifier", place);
            string label = DataFiles.Text(line, "label", place);
            if (label is not ("true" or "false"))
            {
                throw new InvalidDataException($"{place}: the label is '{label}', expected 'true' or 'false'.");
            }

            for (int order = 0; order < Orders; order++)
            {
                string file = $"{split}-{id}-{order}.png";
                samples.Add(new EvaluationSample
                {
                    Id = $"{id}-{order}",
                    Question = DataFiles.Text(line, "sentence", place),
                    Media = [pictures.Find(file) ?? throw new InvalidDataException($"{place}: '{archive}' has no picture '{file}'.")],
                    References = [label],

                    // What stands before the dash counts the statements: its pictures are judged together.
                    Group = id.Split('-')[0],
                });
            }
        }

        return new EvaluationData($"NLVR {split}", EvaluationData.HashOfFiles(lines, archive), samples);
    }
}
