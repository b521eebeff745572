namespace Percept.Models;

/// <summary>A family of processors of whole models, and how one is made of a checkpoint's files.</summary>
public sealed class ProcessorFamily
{
    private readonly Func<ProcessorFiles, IProcessor> _make;

    internal ProcessorFamily(
        IReadOnlyList<string> modelTypes, IReadOnlyList<string> classes, Func<ProcessorFiles, IProcessor> make)
    {
        ModelTypes = modelTypes;
        Classes = classes;
        _make = make;
    }

    /// <summary>The <c>model_type</c>s of the models.</summary>
    public IReadOnlyList<string> ModelTypes { get; }

    /// <summary>The reference's classes of processors, which count where the model is not told.</summary>
    public IReadOnlyList<string> Classes { get; }

    internal IProcessor Make(ProcessorFiles files) => _make(files);
}
