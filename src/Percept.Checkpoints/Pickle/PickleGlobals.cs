using System.Text;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>
/// The closed list of names that a pickle of tensors may use, and what Percept makes of them (reference: PyTorch,
/// torch/_utils.py, _rebuild_tensor_v2 and its kin; torch/_weights_only_unpickler.py). None of them runs anything.
/// </summary>
internal sealed class PickleGlobals(string file)
{
    // Values are shared, but for what calls copy; a text or list may be copied by each of millions of calls.
    private const long MaxCopied = 16 << 20;
    private const int PairBytes = 16;

    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal)
    {
        "collections.OrderedDict", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state", "torch._tensor._rebuild_from_type_v2", "torch.Tensor",
        "torch.nn.parameter.Parameter", "torch.Size", "torch.device", "_codecs.encode",
        "builtins.set", "builtins.frozenset", "__builtin__.set", "__builtin__.frozenset",
    };

    private long _copied;

    // One object a name: a file may use a name millions of times.
    private readonly Dictionary<(string Module, string Name), PickleGlobal> _found = [];

    /// <summary>The storages that were named, by key.</summary>
    internal Dictionary<string, PickleStorage> Storages { get; } = new(StringComparer.Ordinal);

    /// <summary>An error of the file.</summary>
    internal InvalidDataException Invalid(string problem) => new(
        $"'{file}' is not a valid PyTorch checkpoint: {problem}. Download or save it again.");

    /// <summary>A name on the list.</summary>
    /// <exception cref="NotSupportedException">It is not.</exception>
    internal PickleGlobal Find(string module, string name)
    {
        if (_found.TryGetValue((module, name), out PickleGlobal? global))
        {
            return global;
        }

        bool known = s_known.Contains($"{module}.{name}")
            || (module is "torch" or "torch.storage" && TorchTypes.Storage(name) is not null)
            || (module == "torch" && TorchTypes.Find(name) is not null);
        if (!known)
        {
            string hint = module.StartsWith("__torch__", StringComparison.Ordinal)
                ? "It is a TorchScript program: save its state_dict() with torch.save, or as safetensors."
                : "Save only the state dict (torch.save(model.state_dict(), …)), or convert it to safetensors where you trust it.";
            throw new NotSupportedException(
                $"'{file}' asks for Python's '{module}.{name}'. Percept runs no code of a checkpoint and reads only tensors, " +
                $"numbers, texts and containers. {hint}");
        }

        global = new PickleGlobal(module, name);
        _found.Add((module, name), global);
        return global;
    }

    /// <summary>A storage, from what torch.save names it by: ('storage', class, key, device, count[, view]).</summary>
    internal PickleStorage Storage(object? id)
    {
        if (id is not PickleTuple { Items: ["storage", PickleGlobal type, string key, string, long count, .. var view] }
            || view.Length > 1 || count < 0)
        {
            throw Invalid("a storage is named by something else than its class, key, device and length");
        }

        (string typeName, DType? element, int bytes) = TorchTypes.Storage(type.Name)
            ?? throw Invalid($"storage '{key}' is of the class {type}, which is no storage");
        if ((Int128)count * bytes > long.MaxValue)
        {
            throw Invalid($"storage '{key}' has {count} elements, which overflows");
        }

        if (!Storages.TryGetValue(key, out PickleStorage? storage))
        {
            Storages.Add(key, storage = new PickleStorage(key, typeName, element, bytes, count));
        }
        else if (storage.TypeName != typeName || storage.Count != count)
        {
            throw Invalid($"storage '{key}' is {storage.Count} x {storage.TypeName} at one place, {count} x {typeName} at another");
        }

        return view is [PickleTuple { Items: [_, long first, long length] }]
            ? first >= 0 && length >= 0 && first <= count - length
                ? storage with { First = first }
                : throw Invalid($"a view of storage '{key}' takes elements {first} to {first + length} of {count}")
            : storage;
    }

    /// <summary>What a name makes of its arguments.</summary>
    internal object? Build(object? callable, object? arguments)
    {
        if (callable is not PickleGlobal global || arguments is not PickleTuple { Items: var items })
        {
            throw Invalid("it calls what is no name, or with what is no tuple");
        }

        return (global.Name, items) switch
        {
            ("OrderedDict", []) => new PickleDict(),
            ("OrderedDict", [PickleList pairs]) => Dictionary(pairs),
            ("_rebuild_tensor_v2", [PickleStorage storage, long first, PickleTuple sizes, PickleTuple strides, ..]) =>
                Tensor(storage, (storage.TypeName, storage.Type, storage.ElementBytes), first, sizes, strides),
            ("_rebuild_tensor", [PickleStorage storage, long first, PickleTuple sizes, PickleTuple strides]) =>
                Tensor(storage, (storage.TypeName, storage.Type, storage.ElementBytes), first, sizes, strides),
            ("_rebuild_tensor_v3",
                [PickleStorage storage, long first, PickleTuple sizes, PickleTuple strides, _, _, PickleGlobal type, ..])
                when TorchTypes.Find(type.Name) is { } element => Tensor(storage, element, first, sizes, strides),

            // A tensor with attributes; what it is rebuilt by is never of this kind again.
            ("_rebuild_from_type_v2",
                [PickleGlobal { Name: not "_rebuild_from_type_v2" } rebuild, PickleGlobal { Name: "Tensor" or "Parameter" }, PickleTuple inner, ..]) =>
                Build(rebuild, inner),
            ("_rebuild_parameter" or "_rebuild_parameter_with_state", [PickleTensor tensor, ..]) => tensor,
            ("Size", [PickleTuple sizes]) => sizes,
            ("device", [string device, ..]) => device,
            ("set" or "frozenset", [PickleList list]) => list,
            ("encode", [string text, "latin1" or "latin-1"]) => Latin1(text),
            _ => throw Invalid($"it calls {global} with {items.Length} arguments that do not fit"),
        };
    }

    /// <summary>Checks that a state is one which may be left out: attributes of a dictionary or of a parameter.</summary>
    internal void CheckState(object? target, object? state)
    {
        if (target is not (PickleDict or PickleTensor) || state is not (PickleDict or PickleTuple or null))
        {
            throw Invalid("it sets the state of what has none");
        }
    }

    private PickleDict Dictionary(PickleList pairs)
    {
        Copy((long)pairs.Items.Count * PairBytes);
        var dict = new PickleDict();
        dict.Items.Capacity = pairs.Items.Count;
        foreach (object? pair in pairs.Items)
        {
            dict.Items.Add(pair switch
            {
                PickleTuple { Items: [var key, var value] } => new(key, value),
                PickleList { Items: [var key, var value] } => new(key, value),
                _ => throw Invalid("a dictionary is made of what is no pair"),
            });
        }

        return dict;
    }

    private byte[] Latin1(string text)
    {
        Copy(text.Length);
        return !text.AsSpan().ContainsAnyExceptInRange('\0', '\u00FF')
            ? Encoding.Latin1.GetBytes(text)
            : throw Invalid("bytes have a letter beyond 255");
    }

    private void Copy(long bytes)
    {
        _copied += bytes;
        if (_copied > MaxCopied)
        {
            throw Invalid($"its calls copy more than {MaxCopied} bytes of texts and lists");
        }
    }

    private PickleTensor Tensor(
        PickleStorage storage,
        (string Name, DType? Type, int Bytes) element,
        long first,
        PickleTuple sizes,
        PickleTuple strides)
    {
        long[] lengths = Numbers(sizes);
        long[] steps = Numbers(strides);
        if (first < 0 || lengths.Length != steps.Length)
        {
            throw Invalid($"a tensor of storage '{storage.Key}' has {lengths.Length} sizes and {steps.Length} strides");
        }

        // An untyped storage counts in bytes.
        Int128 available = (Int128)storage.Count * storage.ElementBytes / element.Bytes;
        Int128 count = 1;
        Int128 last = (Int128)storage.First + first;
        bool isEmpty = lengths.Contains(0);
        for (int axis = 0; axis < lengths.Length; axis++)
        {
            count *= lengths[axis];
            if (count > long.MaxValue)
            {
                throw Invalid($"a tensor of storage '{storage.Key}' has the sizes {Text(lengths)}, whose product overflows");
            }

            last += (Int128)Math.Max(0, lengths[axis] - 1) * steps[axis];
            if (!isEmpty && last >= available)
            {
                break;
            }
        }

        if (!isEmpty && last >= available)
        {
            throw Invalid(
                $"a tensor of storage '{storage.Key}' takes element {last} (offset {first}, sizes {Text(lengths)}, " +
                $"strides {Text(steps)}), but there are {available}");
        }

        return new PickleTensor(
            storage, element.Name, element.Type, element.Bytes, storage.First + first, lengths, steps);
    }

    private long[] Numbers(PickleTuple tuple)
    {
        if (tuple.Items.Length > 64)
        {
            throw Invalid($"a tensor has {tuple.Items.Length} axes");
        }

        return Array.ConvertAll(
            tuple.Items,
            item => item is long and >= 0 ? (long)item : throw Invalid($"a tensor has the size or stride {item ?? "None"}"));
    }

    private static string Text(long[] numbers) => $"[{string.Join(", ", numbers)}]";
}
