using Percept.Models;

namespace Percept.Cli;

/// <summary>An image processor and what to call it.</summary>
/// <param name="Name">The family's or the checkpoint's name.</param>
/// <param name="Processor">The processor.</param>
internal sealed record NamedProcessor(string Name, ImageProcessor Processor);
