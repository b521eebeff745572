using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>What the conversions share: options, progress, and the sums of the report.</summary>
internal sealed class ConvertRun(ConvertOptions options, IProgress<ConvertProgress>? progress, CancellationToken cancellation)
{
    private readonly SortedDictionary<string, int> _types = new(StringComparer.Ordinal);
    private readonly List<string> _files = [];
    private readonly List<string> _folders = [];
    private string? _staging;
    private long _before;
    private long _after;
    private long _done;
    private long _total;

    internal ConvertOptions Options => options;

    internal CancellationToken Cancellation => cancellation;

    /// <summary>The tensors of a file to write, counted and reported.</summary>
    internal TensorToWrite[] Plan(IEnumerable<TensorRecipe> recipes)
    {
        var tensors = new List<TensorToWrite>();
        foreach (TensorRecipe recipe in recipes)
        {
            _before += recipe.Stored.Bytes;
            tensors.Add(Count(recipe.ToWrite(cancellation)));
        }

        return [.. tensors];
    }

    /// <summary>A tensor that is made anew, counted and reported.</summary>
    internal TensorToWrite Count(TensorToWrite tensor)
    {
        string type = tensor.Type.ToString();
        _types[type] = _types.GetValueOrDefault(type) + 1;
        _after += tensor.Bytes;
        _total += tensor.Bytes;
        Action<Stream> write = tensor.Pieces ?? (stream =>
        {
            using Tensor made = tensor.Make();
            TensorBytes.Write(stream, made);
        });
        return tensor with
        {
            Pieces = stream =>
            {
                cancellation.ThrowIfCancellationRequested();
                write(stream);
                _done += tensor.Bytes;
                progress?.Report(new ConvertProgress(tensor.Name, _done, _total));
            },
        };
    }

    /// <summary>Where a file is written until all are there; <see cref="Finish"/> puts them in their places.</summary>
    /// <param name="file">A file of the output; all lie in one folder, or below it.</param>
    internal string Place(string file)
    {
        string staging = Staging(Path.GetDirectoryName(Path.GetFullPath(file))!);
        _files.Add(file);
        return Path.Combine(staging, Path.GetFileName(file));
    }

    /// <summary>Copies a checkpoint's further files (tokenizer, settings) to be put into the output's folder.</summary>
    internal void PlaceCompanions(string input, string output)
    {
        string staging = Staging(Path.GetFullPath(output));
        foreach (string copy in CheckpointFolder.CopyCompanions(input, staging))
        {
            _files.Add(Path.Combine(output, Path.GetRelativePath(staging, copy)));
        }
    }

    /// <summary>Puts the files in their places, over what stands there.</summary>
    internal void Finish()
    {
        if (_staging is not { } staging)
        {
            return;
        }

        string folder = Path.GetDirectoryName(staging)!;
        foreach (string file in Directory.EnumerateFiles(staging, "*", SearchOption.AllDirectories).ToArray())
        {
            string target = Path.Combine(folder, Path.GetRelativePath(staging, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(file, target, overwrite: true);
        }

        Directory.Delete(staging, recursive: true);
    }

    /// <summary>Takes away what was written before something failed: a part of a model is of no use. What stood there before still does.</summary>
    internal void Undo()
    {
        try
        {
            if (_staging is { } staging)
            {
                Directory.Delete(staging, recursive: true);
            }

            foreach (string folder in _folders.Where(folder => !Directory.EnumerateFileSystemEntries(folder).Any()))
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What failed before says more.
        }
    }

    /// <summary>What was done.</summary>
    internal ConvertReport Report(IEnumerable<KeyValuePair<string, string>> ignored, IEnumerable<string> unread) =>
        new([.. _files], _types, _before, _after, [.. ignored.Distinct()], [.. unread]);

    private string Staging(string folder)
    {
        if (_staging is null)
        {
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                _folders.Add(folder);
            }

            _staging = Path.Combine(folder, $".{Guid.NewGuid():n}.tmp");
            Directory.CreateDirectory(_staging);
        }

        return _staging;
    }
}
