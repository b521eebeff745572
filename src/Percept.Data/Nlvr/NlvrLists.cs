namespace Percept.Data;

/// <summary>Where a sample of NLVR has the list of what lies in its boxes (<see cref="NlvrList"/>).</summary>
public enum NlvrLists
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>Asked for behind the statements.</summary>
    Behind,

    /// <summary>Asked for first; each statement is judged with the list in sight.</summary>
    Before,

    /// <summary>Given as what was answered, without pictures: what can be learned of judging without seeing.</summary>
    Instead,
}
