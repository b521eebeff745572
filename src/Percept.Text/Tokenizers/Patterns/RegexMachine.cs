using System.Buffers;

namespace Percept.Text;

/// <summary>Runs a <see cref="RegexProgram"/> over a text.</summary>
/// <remarks>
/// The stack holds triples: (instruction, place, −1) to go on there; (instruction, place, least place) for a run that gives
/// code points back; (−1 − slot, old place, −1) for a slot to be restored.
/// </remarks>
internal ref struct RegexMachine
{
    /// <summary>The greatest number of code points that a pattern may look behind.</summary>
    internal const int MaxBehind = 255;

    // A pattern that keeps more than this to go back to is refused as taking too long.
    private const int MaxStack = 3 << 22;

    private readonly RegexProgram _program;
    private readonly ReadOnlySpan<char> _text;
    private readonly int[] _slots;
    private int[] _stack;
    private int _top;

    internal RegexMachine(RegexProgram program, ReadOnlySpan<char> text, long steps)
    {
        _program = program;
        _text = text;
        _slots = program.Slots == 0 ? [] : new int[program.Slots];
        _stack = ArrayPool<int>.Shared.Rent(192);
        Steps = steps;
    }

    /// <summary>The steps that are left; negative when they did not suffice.</summary>
    internal long Steps { get; private set; }

    internal readonly void Dispose() => ArrayPool<int>.Shared.Return(_stack);

    internal bool TryFind(int from, out int start, out int end)
    {
        CodePointSet? first = _program.First;
        for (start = from; start <= _text.Length && Steps >= 0;)
        {
            int units = 1;
            if (start < _text.Length)
            {
                int codePoint = CodePoints.At(_text, start, out units);
                Steps--;
                if (first is not null && !first.Contains(codePoint))
                {
                    start += units;
                    continue;
                }
            }
            else if (first is not null)
            {
                break;
            }

            if (Run(0, start, out end))
            {
                return true;
            }

            start += units;
        }

        end = start;
        return false;
    }

    /// <summary>Runs from an instruction on.</summary>
    /// <param name="pc">The instruction.</param>
    /// <param name="place">Where in the text.</param>
    /// <param name="end">Where the match ends.</param>
    /// <param name="goal">Where it has to end: matches that end elsewhere are given up for other choices; −1 for anywhere.</param>
    private bool Run(int pc, int place, out int end, int goal = -1)
    {
        int bottom = _top;
        RegexInstruction[] code = _program.Code;
        while (true)
        {
            if (--Steps < 0)
            {
                _top = bottom;
                end = place;
                return false;
            }

            ref RegexInstruction instruction = ref code[pc];
            bool goesOn = true;
            switch (instruction.Op)
            {
                case RegexOp.Set:
                    goesOn = place < _text.Length
                        && instruction.Set!.Contains(CodePoints.At(_text, place, out int units));
                    if (goesOn)
                    {
                        CodePoints.At(_text, place, out units);
                        place += units;
                        pc++;
                    }

                    break;
                case RegexOp.Run:
                    goesOn = TakeRun(ref instruction, pc, ref place);
                    pc++;
                    break;
                case RegexOp.Split:
                    Push(instruction.B, place, -1);
                    pc = instruction.A;
                    break;
                case RegexOp.Jump:
                    pc = instruction.A;
                    break;
                case RegexOp.Anchor:
                    goesOn = Holds((RegexAnchorKind)instruction.A, place);
                    pc++;
                    break;
                case RegexOp.Look:
                    goesOn = Looks(instruction.Look!, pc + 1, place) != instruction.Look!.Negated;
                    pc = instruction.A;
                    break;
                case RegexOp.Atomic:
                    goesOn = Run(pc + 1, place, out place);
                    pc = instruction.A;
                    break;
                case RegexOp.Mark:
                    Push(-1 - instruction.A, _slots[instruction.A], -1);
                    _slots[instruction.A] = place;
                    pc++;
                    break;
                case RegexOp.Again:
                    pc = place != _slots[instruction.A] ? instruction.B : pc + 1;
                    break;
                default:
                    goesOn = goal < 0 || place == goal;
                    if (goesOn)
                    {
                        _top = bottom;
                        end = place;
                        return true;
                    }

                    break;
            }

            if (!goesOn && !Back(bottom, ref pc, ref place))
            {
                end = place;
                return false;
            }
        }
    }

    private bool TakeRun(ref RegexInstruction instruction, int pc, ref int place)
    {
        CodePointSet set = instruction.Set!;
        int least = place;
        int count = 0;
        while (count < instruction.B && place < _text.Length && set.Contains(CodePoints.At(_text, place, out int units)))
        {
            CodePoints.At(_text, place, out units);
            place += units;
            count++;
            if (count == instruction.A)
            {
                least = place;
            }
        }

        Steps -= count;
        if (count < instruction.A)
        {
            return false;
        }

        if (place > least)
        {
            Push(pc + 1, place, least);
        }

        return true;
    }

    // Takes the last choice back; false when there is none above the bottom.
    private bool Back(int bottom, ref int pc, ref int place)
    {
        while (_top > bottom)
        {
            _top -= 3;
            pc = _stack[_top];
            place = _stack[_top + 1];
            int least = _stack[_top + 2];
            if (pc < 0)
            {
                _slots[-1 - pc] = place;
                continue;
            }

            if (least >= 0)
            {
                place -= place - least >= 2 && char.IsLowSurrogate(_text[place - 1])
                    && char.IsHighSurrogate(_text[place - 2]) ? 2 : 1;
                if (place > least)
                {
                    Push(pc, place, least);
                }
            }

            return true;
        }

        return false;
    }

    private void Push(int pc, int place, int least)
    {
        if (_top + 3 > _stack.Length)
        {
            if (_top > MaxStack)
            {
                Steps = -1;
                return;
            }

            int[] grown = ArrayPool<int>.Shared.Rent(_stack.Length * 2);
            _stack.AsSpan(0, _top).CopyTo(grown);
            ArrayPool<int>.Shared.Return(_stack);
            _stack = grown;
        }

        _stack[_top++] = pc;
        _stack[_top++] = place;
        _stack[_top++] = least;
    }

    private bool Looks(RegexLook look, int pc, int place)
    {
        if (!look.Behind)
        {
            return Run(pc, place, out _);
        }

        (int min, int max) = RegexProgram.WidthOf(look.Part);
        int start = place;
        for (int width = 0; width <= max; width++)
        {
            if (width >= min && Run(pc, start, out _, goal: place))
            {
                return true;
            }

            if (start == 0)
            {
                break;
            }

            start -= start >= 2 && char.IsLowSurrogate(_text[start - 1]) && char.IsHighSurrogate(_text[start - 2]) ? 2 : 1;
        }

        return false;
    }

    private readonly bool Holds(RegexAnchorKind kind, int place) => kind switch
    {
        RegexAnchorKind.TextStart => place == 0,
        RegexAnchorKind.TextEnd => place == _text.Length,
        RegexAnchorKind.LineStart => place == 0 || (place < _text.Length && _text[place - 1] == '\n'),
        RegexAnchorKind.LineEnd => place == _text.Length || _text[place] == '\n',
        RegexAnchorKind.LastLineEnd =>
            place == _text.Length || (place == _text.Length - 1 && _text[place] == '\n'),
        _ => (IsWordBefore(place) != IsWordAt(place)) == (kind == RegexAnchorKind.WordEdge),
    };

    private readonly bool IsWordAt(int place) =>
        place < _text.Length && CodePoints.IsWord(CodePoints.At(_text, place, out _));

    private readonly bool IsWordBefore(int place) => place > 0 && IsWordAt(
        place >= 2 && char.IsLowSurrogate(_text[place - 1]) && char.IsHighSurrogate(_text[place - 2]) ? place - 2 : place - 1);
}
