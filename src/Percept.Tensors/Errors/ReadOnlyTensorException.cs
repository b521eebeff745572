namespace Percept.Tensors;

/// <summary>A tensor over a read-only mapping, such as a checkpoint's file, was to be written.</summary>
public sealed class ReadOnlyTensorException : InvalidOperationException
{
    /// <summary>Makes the error.</summary>
    /// <param name="argument">The argument's name.</param>
    /// <param name="actual">Type and shape of what was to be written.</param>
    public ReadOnlyTensorException(string argument, string actual)
        : base($"'{argument}' ({actual}) lies in a read-only mapped file and can't be written. Ops.Clone makes a writable copy.")
    {
        Argument = argument;
        Expected = "memory of its own";
        Actual = $"{actual} in a mapped file";
    }

    /// <summary>The argument's name.</summary>
    public string Argument { get; }

    /// <summary>What can be written.</summary>
    public string Expected { get; }

    /// <summary>What was to be written.</summary>
    public string Actual { get; }
}
