using System.Globalization;

namespace Percept.Checkpoints;

/// <summary>Finds the tensors in what a pickle holds, and gives each a name.</summary>
/// <remarks>
/// Names of nested containers are joined by points. A checkpoint of a training run often holds the model under one key
/// beside numbers and texts; that key is left out of the names when nothing but it holds tensors.
/// </remarks>
internal sealed class StateDict
{
    private const int MaxDepth = 16;
    private const int MaxName = 4096;

    private static readonly string[] s_wrappers = ["state_dict", "model", "model_state_dict", "module", "net", "params"];

    private readonly PickleGlobals _file;
    private long _visits;
    private long _letters;

    /// <summary>Goes through what a pickle holds.</summary>
    /// <param name="root">The pickle's value.</param>
    /// <param name="file">The file, for errors.</param>
    /// <param name="pickleBytes">The pickle's length: what may be made of it is a multiple of that, however often it
    /// uses the same value.</param>
    internal StateDict(object? root, PickleGlobals file, int pickleBytes)
    {
        _file = file;
        _visits = 1000 + (4L * pickleBytes);
        _letters = 65536 + (16L * pickleBytes);
        Note(root);
        int depth = 0;
        for (object? inner = Inner(root, out string? key); key is not null; inner = Inner(root, out key))
        {
            if (++depth > MaxDepth)
            {
                throw TooDeep();
            }

            Unwrapped = Unwrapped is null ? key : $"{Unwrapped}.{key}";
            root = inner;
            Note(root);
        }

        Add(root is PickleTensor ? "tensor" : "", root, 0);
    }

    /// <summary>The tensors by name.</summary>
    internal Dictionary<string, PickleTensor> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>Numbers and texts beside the tensors.</summary>
    internal Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The key that was left out of the names; null when there was none.</summary>
    internal string? Unwrapped { get; private set; }

    private object? Inner(object? root, out string? key)
    {
        key = null;
        if (root is not PickleDict dict)
        {
            return null;
        }

        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        KeyValuePair<object?, object?>[] full = [.. dict.Items.Where(pair => HasTensor(pair.Value, seen, 0)).Take(2)];
        if (full is not [{ Key: string name, Value: PickleDict inner }] || !s_wrappers.Contains(name))
        {
            return null;
        }

        key = name;
        return inner;
    }

    /// <summary>Whether there is a tensor in a value; every container is looked into once.</summary>
    private bool HasTensor(object? value, HashSet<object> seen, int depth) => value switch
    {
        PickleTensor => true,
        _ when depth > MaxDepth => throw TooDeep(),
        PickleTuple tuple => seen.Add(tuple) && tuple.Items.Any(item => HasTensor(item, seen, depth + 1)),
        PickleList list => seen.Add(list) && list.Items.Any(item => HasTensor(item, seen, depth + 1)),
        PickleDict dict => seen.Add(dict) && dict.Items.Any(pair => HasTensor(pair.Value, seen, depth + 1)),
        _ => false,
    };

    private void Add(string name, object? value, int depth)
    {
        _letters -= name.Length;
        if (--_visits < 0 || _letters < 0)
        {
            throw _file.Invalid("it uses the same containers so often that its names do not end");
        }

        if (depth > MaxDepth)
        {
            throw TooDeep();
        }

        if (name.Length > MaxName)
        {
            throw _file.Invalid($"it has a tensor with a name of {name.Length} letters, expected at most {MaxName}");
        }

        switch (value)
        {
            case PickleTensor tensor:
                if (!Tensors.TryAdd(name, tensor))
                {
                    throw _file.Invalid($"tensor '{name}' stands in it twice");
                }

                break;
            case PickleDict dict:
                foreach ((object? key, object? inner) in dict.Items)
                {
                    AddChild(name, key, inner, depth);
                }

                break;
            case PickleList list:
                AddItems(name, list.Items, depth);
                break;
            case PickleTuple tuple:
                AddItems(name, tuple.Items, depth);
                break;
            default:
                break;
        }
    }

    private void AddChild(string name, object? key, object? inner, int depth)
    {
        if (inner is not (PickleTensor or PickleDict or PickleList or PickleTuple))
        {
            return;
        }

        string text = key switch
        {
            string letters => letters,
            long number => number.ToString(CultureInfo.InvariantCulture),
            // A key of another kind names no tensor of a model.
            _ => "?",
        };
        Add(name.Length == 0 ? text : $"{name}.{text}", inner, depth + 1);
    }

    private void AddItems(string name, IReadOnlyList<object?> items, int depth)
    {
        for (int i = 0; i < items.Count; i++)
        {
            AddChild(name, (long)i, items[i], depth);
        }
    }

    /// <summary>Keeps the plain values of the outermost dictionary.</summary>
    private void Note(object? root)
    {
        if (root is not PickleDict dict)
        {
            return;
        }

        foreach ((object? key, object? value) in dict.Items)
        {
            string? text = value switch
            {
                string letters => letters,
                bool flag => flag ? "true" : "false",
                long number => number.ToString(CultureInfo.InvariantCulture),
                double number => number.ToString("R", CultureInfo.InvariantCulture),
                _ => null,
            };
            if (key is string name && text is not null)
            {
                Metadata[name] = text;
            }
        }
    }

    private InvalidDataException TooDeep() => _file.Invalid($"it has more than {MaxDepth} levels of containers");
}
