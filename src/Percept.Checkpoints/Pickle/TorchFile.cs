using System.Buffers.Binary;

namespace Percept.Checkpoints;

/// <summary>Reads what torch.save wrote: the pickle, and where the storages stand.</summary>
internal static class TorchFile
{
    private const int MaxPickle = 64 << 20;
    private const string PickleName = "data.pkl";

    /// <summary>What a file holds.</summary>
    /// <param name="Content">The tensors and their names.</param>
    /// <param name="Storages">The places of their elements.</param>
    internal sealed record Parts(StateDict Content, StorageMap Storages);

    /// <summary>The first bytes of files that torch.save wrote before version 1.6: a pickled number.</summary>
    internal static ReadOnlySpan<byte> LegacyMark =>
        [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    internal static Parts Read(FileBytes file) =>
        file.Head.StartsWith(LegacyMark) ? ReadLegacy(file) : ReadZip(file);

    private static Parts ReadZip(FileBytes file)
    {
        ZipDirectory zip = ZipDirectory.Read(file);
        ZipEntry[] pickles = [.. zip.Entries.Values.Where(entry => IsRoot(entry.Name)).Take(2)];
        if (pickles.Length != 1)
        {
            throw new NotSupportedException(
                $"'{file.Path}' is a zip file, but no PyTorch checkpoint: it has {(pickles.Length == 0 ? "no" : "several")} " +
                $"'{PickleName}' among its {zip.Entries.Count} files. Check the path.");
        }

        string folder = pickles[0].Name[..^PickleName.Length];
        if (zip.Entries.ContainsKey(folder + "constants.pkl"))
        {
            throw new NotSupportedException(
                $"'{file.Path}' is a TorchScript program, not a checkpoint of tensors. Save its state_dict() with torch.save, " +
                "or as safetensors.");
        }

        if (zip.Entries.TryGetValue(folder + "byteorder", out ZipEntry order)
            && !zip.ReadAll(order, 16).SequenceEqual("little"u8))
        {
            throw new NotSupportedException($"'{file.Path}' is big-endian. Save it again on a little-endian machine.");
        }

        ReadOnlySpan<byte> data = zip.ReadAll(pickles[0], MaxPickle);
        var globals = new PickleGlobals(file.Path);
        var content = new StateDict(new PickleReader(data, globals, file.Path).Read(), globals, data.Length);
        var places = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        foreach (PickleStorage storage in globals.Storages.Values)
        {
            if (!zip.Entries.TryGetValue($"{folder}data/{storage.Key}", out ZipEntry entry))
            {
                throw globals.Invalid($"storage '{storage.Key}' is missing in it");
            }

            if (entry.Bytes < storage.Count * storage.ElementBytes)
            {
                throw globals.Invalid(
                    $"storage '{storage.Key}' has {entry.Bytes} bytes, expected {storage.Count * storage.ElementBytes} " +
                    $"for {storage.Count} elements of {storage.TypeName}");
            }

            places.Add(storage.Key, entry);
        }

        return new Parts(content, new StorageMap(file, zip, places));
    }

    private static bool IsRoot(string name) =>
        name.EndsWith("/" + PickleName, StringComparison.Ordinal) && name.Count(letter => letter == '/') == 1;

    /// <summary>
    /// Four pickles (mark, version, machine, content), a fifth with the storages' keys; then each storage's number of
    /// elements and its elements (reference: PyTorch, torch/serialization.py, _legacy_load).
    /// </summary>
    private static Parts ReadLegacy(FileBytes file)
    {
        ReadOnlySpan<byte> head = file.Bytes(0, (int)Math.Min(file.Length, MaxPickle));
        int at = LegacyMark.Length;
        var globals = new PickleGlobals(file.Path);
        if (Next(head, ref at, globals, file.Path) is not 1001L)
        {
            throw globals.Invalid("its version is not 1001");
        }

        if (Next(head, ref at, globals, file.Path) is not PickleDict machine
            || machine.Items.Any(pair => pair is { Key: "little_endian", Value: false }))
        {
            throw new NotSupportedException($"'{file.Path}' is big-endian. Save it again on a little-endian machine.");
        }

        int start = at;
        var content = new StateDict(Next(head, ref at, globals, file.Path), globals, at - start);
        if (Next(head, ref at, globals, file.Path) is not PickleList keys)
        {
            throw globals.Invalid("the list of its storages is missing");
        }

        return new Parts(content, new StorageMap(file, null, LegacyPlaces(file, keys, at, globals)));
    }

    private static object? Next(ReadOnlySpan<byte> head, ref int at, PickleGlobals globals, string path)
    {
        var reader = new PickleReader(head[at..], globals, path);
        object? value = reader.Read();
        at += reader.Position;
        return value;
    }

    private static Dictionary<string, ZipEntry> LegacyPlaces(
        FileBytes file, PickleList keys, long at, PickleGlobals globals)
    {
        var places = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        foreach (object? key in keys.Items)
        {
            if (key is not string name || !globals.Storages.TryGetValue(name, out PickleStorage? storage))
            {
                throw globals.Invalid($"it lists a storage '{key}' that no tensor uses");
            }

            if (at > file.Length - 8)
            {
                throw globals.Invalid($"it ends before storage '{name}'");
            }

            long count = BinaryPrimitives.ReadInt64LittleEndian(file.Bytes(at, 8));
            long bytes = storage.Count * storage.ElementBytes;
            at += 8;
            if (count != storage.Count || bytes > file.Length - at)
            {
                throw globals.Invalid(
                    $"storage '{name}' has {count} elements at byte {at - 8} of {file.Length}, expected {storage.Count}");
            }

            if (!places.TryAdd(name, new ZipEntry(name, true, at, bytes, bytes)))
            {
                throw globals.Invalid($"it lists storage '{name}' twice");
            }

            at += bytes;
        }

        string? missing = globals.Storages.Keys.FirstOrDefault(name => !places.ContainsKey(name));
        return missing is null ? places : throw globals.Invalid($"storage '{missing}' is missing in it");
    }
}
