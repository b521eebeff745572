using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>Folders that hold an adapter and no model: the model is the one that <c>adapter_config.json</c> names.</summary>
public static class AdapterFolder
{
    /// <summary>Whether a folder is an adapter's.</summary>
    /// <param name="path">A folder or file.</param>
    public static bool Is(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return File.Exists(Path.Combine(path, AdapterConfig.FileName)) && !File.Exists(Path.Combine(path, "model.safetensors"))
            && !File.Exists(Path.Combine(path, "model.safetensors.index.json"));
    }

    /// <summary>The path of the model under an adapter; any other path stays what it is.</summary>
    /// <param name="path">A folder or file.</param>
    /// <returns>A folder or file with a model.</returns>
    /// <exception cref="InvalidDataException">The adapter does not say what it stands beside.</exception>
    /// <exception cref="FileNotFoundException">The model is not on this machine.</exception>
    public static string BaseOf(string path)
    {
        if (!Is(path))
        {
            return path;
        }

        string? named = AdapterConfig.Read(path).BaseModel;
        if (string.IsNullOrWhiteSpace(named))
        {
            throw new InvalidDataException(
                $"'{Path.Combine(path, AdapterConfig.FileName)}' has no 'base_model_name_or_path'. Write the model's folder or its name " +
                "on the hub there.");
        }

        string beside = Path.GetFullPath(named, Path.GetFullPath(path));
        try
        {
            return Path.Exists(beside) ? beside : ModelLocator.Resolve(named);
        }
        catch (FileNotFoundException error)
        {
            throw new FileNotFoundException(
                $"The adapter in '{path}' stands beside the model '{named}', which is not here: {error.Message}", named, error);
        }
    }
}
