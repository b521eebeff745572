namespace Percept.Data;

/// <summary>A part of the NLVR dataset.</summary>
public enum NlvrSplit
{
    /// <summary>The training sentences without those of <see cref="Validation"/>.</summary>
    Train,

    /// <summary>
    /// Every tenth directory of the training part. Sentences and pictures of one presentation lie in one directory, so none of
    /// them is in <see cref="Train"/>.
    /// </summary>
    Validation,

    /// <summary>The development part.</summary>
    Dev,

    /// <summary>The public test part, Test-P.</summary>
    Test,

    /// <summary>The test part that was released later, Test-U.</summary>
    Hidden,
}
