using System.Collections;
using Value = Percept.Text.TemplateValue;

namespace Percept.Text.Templates;

/// <summary>
/// The items of an iterator that may itself walk through another one: each step counts as a level, so that iterators over
/// iterators end in a typed error and not in an overflow of the stack.
/// </summary>
internal sealed class GuardedItems(RenderContext c, IEnumerator<Value> items) : IEnumerator<Value>
{
    public Value Current => items.Current;

    object IEnumerator.Current => items.Current;

    public bool MoveNext()
    {
        c.Enter();
        bool moved = items.MoveNext();
        c.Leave();
        return moved;
    }

    public void Reset() => throw new NotSupportedException("An iterator goes forward only.");

    public void Dispose() => items.Dispose();
}
