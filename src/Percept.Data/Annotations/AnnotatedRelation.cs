namespace Percept.Data;

/// <summary>How one object stands to another.</summary>
/// <param name="Subject">The index of the first object.</param>
/// <param name="Predicate">The words between: <c>on</c>, <c>to the left of</c>, <c>holding</c> …</param>
/// <param name="Object">The index of the other object.</param>
public readonly record struct AnnotatedRelation(int Subject, string Predicate, int Object);
