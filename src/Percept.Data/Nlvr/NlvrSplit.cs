namespace Percept.Data;

/// <summary>A part of the NLVR dataset.</summary>
public enum NlvrSplit
{
    /// <summary>
    /// The training sentences without those of <see cref="Validation"/>, and without those about a picture that has the same three boxes,
    /// in whatever order, as one there: 10 979 of 12 408.
    /// </summary>
    Train,

    /// <summary>
    /// Every tenth directory of the training part. Sentences and pictures of one presentation lie in one directory, so none of
    /// them is in <see cref="Train"/>; what other directories show again is left out of that part.
    /// </summary>
    Validation,

    /// <summary>The development part.</summary>
    Dev,

    /// <summary>The public test part, Test-P.</summary>
    Test,

    /// <summary>The test part that was released later, Test-U.</summary>
    Hidden,
}
