using Percept.Checkpoints;
using Percept.Conformance;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference.Tests.Support;

/// <summary>The tiny checkpoints of the repository's golden cases.</summary>
internal static class TinyModels
{
    /// <summary>A LLaVA with a processor and a chat template.</summary>
    internal const string Llava = "llava/llava-1.5/siglip-qwen2";

    private static readonly string s_copies =
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("The repository has no tests/goldens.");

    internal static string Folder(string name) => Path.Combine(s_copies, name, "checkpoint");

    internal static ILanguageModel Language(string name) => ModelLoader.Load(Folder(name)).As<ILanguageModel>();

    internal static MultimodalChat Chat(string name = Llava, EngineOptions? options = null) =>
        MultimodalChat.Load(Folder(name), options, LinearPrecision.Exact);

    /// <summary>Writes a copy of a checkpoint, changed, and does something with it.</summary>
    internal static T Changed<T>(string name, Action<IDictionary<string, Tensor>> change, Func<string, T> use)
    {
        string folder = Directory.CreateTempSubdirectory("percept-inference-").FullName;
        try
        {
            foreach (string file in Directory.EnumerateFiles(Folder(name)).Where(file => !file.EndsWith(".safetensors", StringComparison.Ordinal)))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            using SafetensorsFile source = SafetensorsFile.Open(Path.Combine(Folder(name), "model.safetensors"));
            var tensors = source.Entries.Keys.ToDictionary(key => key, key => Ops.Clone(source.Read(key)), StringComparer.Ordinal);
            change(tensors);
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), tensors);
            return use(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A picture without a pattern.</summary>
    internal static Image Picture(int seed, int width = 23, int height = 17)
    {
        var random = new RandomStream((ulong)seed);
        var pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(random.NextDouble() * 256);
        }

        return Image.From(width, height, PixelFormat.Rgb, pixels);
    }
}
