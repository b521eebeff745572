namespace Percept.Text;

/// <summary>What one instruction of a <see cref="RegexProgram"/> does.</summary>
internal enum RegexOp : byte
{
    /// <summary>Takes one code point of the set.</summary>
    Set,

    /// <summary>Takes code points of the set, as many as there are, and gives them back one by one.</summary>
    Run,

    /// <summary>Goes on at A; later, if need be, at B.</summary>
    Split,

    /// <summary>Goes on at A.</summary>
    Jump,

    /// <summary>Checks the place.</summary>
    Anchor,

    /// <summary>Runs what follows up to its <see cref="Accept"/> as a condition; goes on at A.</summary>
    Look,

    /// <summary>Runs what follows up to its <see cref="Accept"/> once and for all; goes on at A.</summary>
    Atomic,

    /// <summary>Remembers the place in slot A.</summary>
    Mark,

    /// <summary>Goes on at B when the place is another than that in slot A.</summary>
    Again,

    /// <summary>The end of the program or of a part run on its own.</summary>
    Accept,
}

/// <summary>One instruction.</summary>
/// <param name="Op">What it does.</param>
/// <param name="A">See <see cref="RegexOp"/>; the least number of code points of a run.</param>
/// <param name="B">See <see cref="RegexOp"/>; the greatest number of code points of a run.</param>
/// <param name="Set">The set of code points.</param>
/// <param name="Look">The condition.</param>
internal readonly record struct RegexInstruction(
    RegexOp Op, int A = 0, int B = 0, CodePointSet? Set = null, RegexLook? Look = null);

/// <summary>A compiled pattern. Immutable.</summary>
internal sealed class RegexProgram
{
    private const int MaxLength = 20_000;

    private readonly List<RegexInstruction> _code = [];

    private RegexProgram()
    {
    }

    internal RegexInstruction[] Code { get; private set; } = [];

    /// <summary>The number of slots for places.</summary>
    internal int Slots { get; private set; }

    /// <summary>What a match can begin with; null when it can be empty.</summary>
    internal CodePointSet? First { get; private set; }

    internal static RegexProgram Compile(RegexNode node)
    {
        var program = new RegexProgram();
        program.Emit(node);
        program.Add(new RegexInstruction(RegexOp.Accept));
        program.Code = [.. program._code];
        var first = new CodePointSet();
        program.First = CollectFirst(node, first) ? first : null;
        return program;
    }

    /// <summary>The least and greatest number of code points of a match; −1 for no greatest.</summary>
    internal static (int Min, int Max) WidthOf(RegexNode node)
    {
        switch (node)
        {
            case RegexSet:
                return (1, 1);
            case RegexAtomic atomic:
                return WidthOf(atomic.Part);
            case RegexSequence sequence:
                (int min, int max) = (0, 0);
                foreach (RegexNode part in sequence.Parts)
                {
                    (int partMin, int partMax) = WidthOf(part);
                    min = Capped(min + (long)partMin);
                    max = max < 0 || partMax < 0 ? -1 : Capped(max + (long)partMax);
                }

                return (min, max);
            case RegexChoice choice:
                (int Min, int Max)[] widths = [.. choice.Parts.Select(WidthOf)];
                return (widths.Min(static w => w.Min), widths.Any(static w => w.Max < 0) ? -1 : widths.Max(static w => w.Max));
            case RegexRepeat repeat:
                (int oneMin, int oneMax) = WidthOf(repeat.Part);
                return (
                    Capped((long)oneMin * repeat.Min),
                    repeat.Max < 0 || oneMax < 0 ? -1 : Capped((long)oneMax * repeat.Max));
            default:
                return (0, 0);
        }
    }

    private static int Capped(long width) => (int)Math.Min(width, int.MaxValue / 2);

    // Adds what a node can begin with; false when it can be empty.
    private static bool CollectFirst(RegexNode node, CodePointSet first)
    {
        switch (node)
        {
            case RegexSet set:
                first.AddKind(set.Set.Contains);
                return true;
            case RegexAtomic atomic:
                return CollectFirst(atomic.Part, first);
            case RegexSequence sequence:
                return sequence.Parts.Any(part => CollectFirst(part, first));
            case RegexChoice choice:
                bool all = true;
                foreach (RegexNode part in choice.Parts)
                {
                    all &= CollectFirst(part, first);
                }

                return all;
            case RegexRepeat repeat:
                return CollectFirst(repeat.Part, first) && repeat.Min > 0;
            default:
                return false;
        }
    }

    private int Add(RegexInstruction instruction)
    {
        if (_code.Count == MaxLength)
        {
            throw new TextLimitException($"A pattern compiles to more than {MaxLength} instructions; use smaller repeats.");
        }

        _code.Add(instruction);
        return _code.Count - 1;
    }

    private void Emit(RegexNode node)
    {
        switch (node)
        {
            case RegexSet set:
                Add(new RegexInstruction(RegexOp.Set, Set: set.Set));
                break;
            case RegexSequence sequence:
                sequence.Parts.ForEach(Emit);
                break;
            case RegexChoice choice:
                EmitChoice(choice);
                break;
            case RegexRepeat repeat:
                EmitRepeat(repeat);
                break;
            case RegexAtomic atomic:
                EmitApart(new RegexInstruction(RegexOp.Atomic), atomic.Part);
                break;
            case RegexLook look:
                if (look.Behind && WidthOf(look.Part).Max is < 0 or > RegexMachine.MaxBehind)
                {
                    throw new NotSupportedException(
                        $"A pattern looks behind over more than {RegexMachine.MaxBehind} characters, which is not supported.");
                }

                EmitApart(new RegexInstruction(RegexOp.Look, Look: look), look.Part);
                break;
            case RegexAnchor anchor:
                Add(new RegexInstruction(RegexOp.Anchor, (int)anchor.Kind));
                break;
        }
    }

    private void EmitApart(RegexInstruction head, RegexNode part)
    {
        int at = Add(head);
        Emit(part);
        Add(new RegexInstruction(RegexOp.Accept));
        _code[at] = head with { A = _code.Count };
    }

    private void EmitChoice(RegexChoice choice)
    {
        var exits = new List<int>();
        for (int i = 0; i + 1 < choice.Parts.Count; i++)
        {
            int split = Add(new RegexInstruction(RegexOp.Split));
            Emit(choice.Parts[i]);
            exits.Add(Add(new RegexInstruction(RegexOp.Jump)));
            _code[split] = new RegexInstruction(RegexOp.Split, split + 1, _code.Count);
        }

        Emit(choice.Parts[^1]);
        foreach (int exit in exits)
        {
            _code[exit] = new RegexInstruction(RegexOp.Jump, _code.Count);
        }
    }

    private void EmitRepeat(RegexRepeat repeat)
    {
        if (repeat.Part is RegexSet { Set: { } set } && !repeat.Lazy)
        {
            Add(new RegexInstruction(RegexOp.Run, repeat.Min, repeat.Max < 0 ? int.MaxValue : repeat.Max, set));
            return;
        }

        int before = _code.Count;
        for (int i = 0; i < repeat.Min; i++)
        {
            Emit(repeat.Part);
            if (_code.Count == before)
            {
                // Nothing repeated is nothing, however often.
                return;
            }
        }

        if (repeat.Max < 0)
        {
            int slot = Slots++;
            int head = Add(new RegexInstruction(RegexOp.Split));
            Add(new RegexInstruction(RegexOp.Mark, slot));
            Emit(repeat.Part);
            Add(new RegexInstruction(RegexOp.Again, slot, head));
            _code[head] = SplitTo(head + 1, _code.Count, repeat.Lazy);
            return;
        }

        var heads = new List<int>();
        for (int i = repeat.Min; i < repeat.Max; i++)
        {
            heads.Add(Add(new RegexInstruction(RegexOp.Split)));
            Emit(repeat.Part);
        }

        foreach (int head in heads)
        {
            _code[head] = SplitTo(head + 1, _code.Count, repeat.Lazy);
        }
    }

    private static RegexInstruction SplitTo(int inside, int behind, bool lazy) =>
        lazy ? new RegexInstruction(RegexOp.Split, behind, inside) : new RegexInstruction(RegexOp.Split, inside, behind);
}
