using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>What the conversions share: options, progress, and the sums of the report.</summary>
internal sealed class ConvertRun(ConvertOptions options, IProgress<ConvertProgress>? progress, CancellationToken cancellation)
{
    private readonly SortedDictionary<string, int> _types = new(StringComparer.Ordinal);
    private readonly List<string> _files = [];
    private readonly List<string> _folders = [];
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

    /// <summary>Makes the folder of a file.</summary>
    internal void MakeFolder(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            _folders.Add(folder);
        }
    }

    /// <summary>Takes away what was written before something failed: a part of a model is of no use.</summary>
    internal void Undo()
    {
        try
        {
            _files.ForEach(File.Delete);
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

    /// <summary>Notes a file that was written.</summary>
    internal void Wrote(string file) => _files.Add(file);

    /// <summary>What was done.</summary>
    internal ConvertReport Report(IEnumerable<KeyValuePair<string, string>> ignored, IEnumerable<string> unread) =>
        new([.. _files], _types, _before, _after, [.. ignored.Distinct()], [.. unread]);
}
