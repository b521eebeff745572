namespace Percept.Data;

/// <summary>The roles of messages, as chat templates spell them.</summary>
public static class DataRoles
{
    /// <summary>Standing instructions.</summary>
    public const string System = "system";

    /// <summary>Who asks.</summary>
    public const string User = "user";

    /// <summary>Who answers: the model.</summary>
    public const string Assistant = "assistant";

    /// <summary>What a tool gave back.</summary>
    public const string Tool = "tool";

    /// <summary>Whether a role is one of the above.</summary>
    /// <param name="role">The role.</param>
    public static bool IsKnown(string role) => role is System or User or Assistant or Tool;
}
