namespace Percept.Training;

/// <summary>Which divergence of student and teacher is made small.</summary>
public enum DistillationDirection
{
    /// <summary>KL(teacher‖student): the student covers all that the teacher finds likely.</summary>
    Forward,

    /// <summary>KL(student‖teacher): the student keeps to what the teacher finds likely.</summary>
    Reverse,

    /// <summary>
    /// The generalised Jensen–Shannon divergence with M = (1 − β)·student + β·teacher: β·KL(teacher‖M) + (1 −
    /// β)·KL(student‖M).
    /// </summary>
    JensenShannon,
}
