using System.Text.Json;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Checkpoints;

/// <summary>Converts checkpoints: between types, and between safetensors, PyTorch and GGUF.</summary>
/// <remarks>Tensors are read, changed and written piece by piece; memory does not grow with the model.</remarks>
public static class CheckpointConverter
{
    /// <summary>Converts a checkpoint.</summary>
    /// <param name="input">A folder of the hub, a safetensors or PyTorch file, or a GGUF file.</param>
    /// <param name="output">What to make: a <c>.gguf</c> file (beside it <c>mmproj-….gguf</c> for an image-text model), a
    /// <c>.safetensors</c> file, or a folder with <c>model.safetensors</c> and all that belongs to it.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it; nothing half-written stays.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="FileNotFoundException">Something is missing.</exception>
    /// <exception cref="InvalidDataException">The input is damaged, or its parts do not fit.</exception>
    /// <exception cref="NotSupportedException">The target can't hold what the input is; the message names it.</exception>
    /// <exception cref="ArgumentException">Input and output are the same.</exception>
    public static ConvertReport Convert(
        string input,
        string output,
        ConvertOptions? options = null,
        IProgress<ConvertProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(input);
        ArgumentException.ThrowIfNullOrEmpty(output);
        if (!Path.Exists(input))
        {
            throw new FileNotFoundException($"There is no '{input}'. Check the path.", input);
        }

        string target = RealPath.Of(output);
        if (RealPath.Of(input) == target)
        {
            throw new ArgumentException($"'{output}' is the input. Name another output.");
        }

        var run = new ConvertRun(options ?? new ConvertOptions(), progress, cancellation);
        using TensorSource source = TensorSource.Open(input);
        string[] targets = [target, RealPath.Of(Path.Combine(output, "model.safetensors"))];
        if (source.Tensors.Values.Select(tensor => tensor.File).Distinct().Any(file => targets.Contains(RealPath.Of(file))))
        {
            throw new ArgumentException($"'{output}' is a file of the input. Name another output.");
        }

        bool toGguf = output.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        if (!toGguf && run.Options.Type is { } type && type.IsQuantized())
        {
            throw new NotSupportedException($"Safetensors files can't hold {type}. Name a .gguf file, or take f32, f16 or bf16.");
        }

        try
        {
            ConvertReport report = (source, toGguf) switch
            {
                (GgufSource gguf, true) => GgufRequantizer.Convert(gguf, output, run),
                (GgufSource gguf, false) => GgufToHub.Convert(gguf, output, run),
                (_, true) => HubToGguf.Convert(input, source, output, run),
                _ => HubToHub.Convert(input, source, output, run),
            };
            run.Finish();
            return report;
        }
        catch (Exception error)
        {
            run.Undo();
            if (error is not (ArithmeticException or ArgumentException or FormatException or IndexOutOfRangeException or JsonException
                or InvalidOperationException))
            {
                throw;
            }

            // Sizes, names and settings that nothing above looks at one by one.
            throw new InvalidDataException(
                $"'{input}' does not fit together, so it can't be converted: {error.Message} Use the files that were published together.", error);
        }
    }
}
