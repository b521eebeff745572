namespace Percept.Tensors;

/// <summary>A tensor over a read-only mapping, such as a checkpoint's file, was to be written.</summary>
public sealed class ReadOnlyTensorException : InvalidOperationException
{
    /// <summary>Makes the error.</summary>
    /// <param name="argument">The argument's name.</param>
    public ReadOnlyTensorException(string argument)
        : base($"'{argument}' lies in a read-only mapped file and can't be written. Ops.Clone makes a writable copy.") =>
        Argument = argument;

    /// <summary>The argument's name.</summary>
    public string Argument { get; }
}
