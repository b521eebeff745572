using System.Buffers;
using System.Globalization;

namespace Percept.Text.Templates;

/// <summary>A growing text in a pooled array; what grows is charged to the rendering.</summary>
internal sealed class TextBuffer(RenderContext owner, int maxLength) : IDisposable
{
    private const int FirstCapacity = 4096;

    private char[] _chars = ArrayPool<char>.Shared.Rent(FirstCapacity);

    internal int Length { get; private set; }

    internal ReadOnlySpan<char> Span => _chars.AsSpan(0, Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        char[] chars = _chars;
        _chars = [];
        if (chars.Length > 0)
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    internal void Append(string text) => Append(text.AsSpan());

    internal void Append(ReadOnlySpan<char> text)
    {
        owner.Charge(text.Length >> 2);
        if (text.Length > _chars.Length - Length)
        {
            Grow(text.Length);
        }

        text.CopyTo(_chars.AsSpan(Length));
        Length += text.Length;
    }

    internal void Append(char unit)
    {
        if (Length == _chars.Length)
        {
            Grow(1);
        }

        _chars[Length++] = unit;
    }

    internal void Append(long number)
    {
        if (_chars.Length - Length < 20)
        {
            Grow(20);
        }

        _ = number.TryFormat(_chars.AsSpan(Length), out int written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>Takes everything from a place on off the end.</summary>
    internal string Cut(int from)
    {
        string text = _chars.AsSpan(from, Length - from).ToString();
        Length = from;
        return text;
    }

    private void Grow(int wanted)
    {
        long needed = (long)Length + wanted;
        if (needed > maxLength)
        {
            throw owner.Fail(
                TemplateErrorKind.Limit, $"The text grows beyond {maxLength} characters; raise {nameof(TemplateLimits.MaxOutputLength)}.");
        }

        char[] grown = ArrayPool<char>.Shared.Rent((int)Math.Min(Math.Max(needed, 2L * _chars.Length), Math.Max(maxLength, needed)));
        Span.CopyTo(grown);
        char[] old = _chars;
        _chars = grown;
        ArrayPool<char>.Shared.Return(old);
    }
}
