using System.CommandLine;
using Percept.Data;

namespace Percept.Cli;

/// <summary>The argument and the options of commands that read a dataset.</summary>
internal sealed class DatasetSettings
{
    private readonly Argument<string> _path = new("path")
    {
        Description = "A file of JSON records (.json, .jsonl), a .csv of pictures and captions, a folder of pictures with captions or of "
            + "classes, a pictures' file of the MNIST layout, a dataset_info.json with --entry, or a name such as generated:scenes?seed=1.",
    };

    private readonly Option<string?> _images = new("--images") { Description = "The folder where paths of media begin (default: the "
        + "dataset's own)." };

    private readonly Option<string?> _entry = new("--entry") { Description = "The entry of a dataset_info.json." };

    private readonly Option<bool> _outside = new("--allow-outside")
    {
        Description = "Also follow paths and links that lead out of the dataset's folder and that of --images.",
    };

    internal void AddTo(Command command)
    {
        command.Arguments.Add(_path);
        command.Options.Add(_images);
        command.Options.Add(_entry);
        command.Options.Add(_outside);
    }

    /// <summary>Opens the dataset that a command line names.</summary>
    internal IDataset Open(ParseResult parsed)
    {
        string name = parsed.GetValue(_path)!;
        if (GeneratedDatasets.Knows(name))
        {
            return GeneratedDatasets.Open(name);
        }

        string path = CommandPaths.Expand(name);
        if (!System.IO.Path.Exists(path))
        {
            throw CommandPaths.Missing("file or folder", path);
        }

        var options = new DataReadOptions
        {
            MediaRoot = parsed.GetValue(_images) is { } images ? CommandPaths.Expand(images) : null,
            AllowOutside = parsed.GetValue(_outside),
        };
        if (options.MediaRoot is { } root && !Directory.Exists(root))
        {
            throw CommandPaths.Missing("folder", root);
        }

        return parsed.GetValue(_entry) is { } entry ? DatasetReader.OpenEntry(path, entry, options) : DatasetReader.Open(path, options);
    }
}
