using System.Globalization;
using Percept.Text;
using Xunit;

namespace Percept.Text.Tests.Templates;

/// <summary>
/// The language beyond the golden snippets: scopes, white space, numbers, texts. Wanted texts are jinja2's own.
/// </summary>
public class TemplateLanguageTests
{
    private static readonly Dictionary<string, TemplateValue> s_variables = new()
    {
        ["n"] = 7L,
        ["l"] = TemplateValue.List(3L, 1L, 2L),
        ["s"] = "Hello",
        ["u"] = "a😀b",
        ["d"] = TemplateValue.Dict(("b", 1L), ("a", TemplateValue.None)),
    };

    [Theory]
    [InlineData("{% for i in l %}{% if i == 1 %}{% set n = 9 %}{% endif %}{{ n }}{% endfor %}{{ n }}", "7977")]
    [InlineData("{% for i in l %}{% set n = i %}{{ n }}{% endfor %}{{ n }}", "3127")]
    [InlineData("{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% set x = 2 %}{{ m() }}", "12")]
    [InlineData("{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}", "1112")]
    [InlineData("{% for i in l %}{% macro m() %}{{ i }}{{ loop.index }}{% endmacro %}{{ m() }}{% endfor %}", "311223")]
    [InlineData("{% for i in [1] %}{% break %}{% else %}e{% endfor %}", "e")]
    [InlineData("{% for i in l if i > 1 %}{{ loop.index }}{{ loop.last }}{{ loop.length }} {% endfor %}", "1False2 2True2 ")]
    [InlineData("{% set x %}a{% set n = 1 %}{{ n }}{% endset %}{{ x }}{{ n }}", "a17")]
    [InlineData("{% with n = 1, m = n %}{{ n }}{{ m }}{% endwith %}{{ n }}", "177")]
    [InlineData("{% set x = 1 %}{% block b %}{{ x }}{{ n }}{% set x = 2 %}{% endblock %}{{ x }}", "171")]
    [InlineData("{% if false %}{% set q = 1 %}{% endif %}{{ q is defined }}", "False")]
    [InlineData("{% set g = l | map('string') %}{{ g | join }}|{{ g | join }}", "312|")]
    public void Scopes(string template, string wanted) => Check(template, wanted);

    [Theory]
    [InlineData("a\r\n{% if true %}\r\nb\r\n{% endif %}\r\n", "a\nb\n")]
    [InlineData("  {%+ if true %}x{% endif %}", "  x")]
    [InlineData("x  {# c #}\n y", "x   y")]
    [InlineData(" {# c #} \ny", " \ny")]
    [InlineData("{% raw -%}  a  {%- endraw %}b", "ab")]
    [InlineData("{{ {'a': {'b': 1}}}}", "{'a': {'b': 1}}")]
    [InlineData("a{{- ' b ' -}} c", "a b c")]
    public void WhiteSpace(string template, string wanted) => Check(template, wanted);

    [Theory]
    [InlineData("{{ 9007199254740993 / 1 }}", "9007199254740992.0")]
    [InlineData("{{ 10 ** 20 + 1 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7.5 // -2 }} {{ -1 % 0.3 }}", "100000000000000000001 -4 2 -4.0 0.19999999999999996")]
    [InlineData("{{ 9223372036854775807 + 1 }} {{ -9223372036854775807 - 2 }} {{ 4294967296 * 4294967296 }}", "9223372036854775808 -9223372036854775809 18446744073709551616")]
    [InlineData("{{ 1e15 }} {{ 1e16 }} {{ 123456789012345680.0 }} {{ 1e-5 }} {{ 0.0001 }} {{ 5e-324 }} {{ -0.0 }}", "1000000000000000.0 1e+16 1.2345678901234568e+17 1e-05 0.0001 5e-324 -0.0")]
    [InlineData("{{ '%.0f' % 2.5 }} {{ '%.2f' % 0.125 }} {{ '%.3g' % 1234567 }} {{ '%e' % 0.00012 }} {{ '%g' % 1e-5 }}", "2 0.12 1.23e+06 1.200000e-04 1e-05")]
    [InlineData("{{ '{:,.2f}|{:+d}|{:#x}|{:08.3f}|{:e}|{:%}|{:010,}'.format(1234567.891, 5, 255, -3.14159, 12345.678, 0.25, 1234) }}", "1,234,567.89|+5|0xff|-003.142|1.234568e+04|25.000000%|00,001,234")]
    [InlineData("{{ 2.675 | round(2) }} {{ 1234 | round(-2) }} {{ 0.5 | round }} {{ 1.5 | round }} {{ 1e300 | round(2) }}", "2.67 1200 0.0 2.0 1e+300")]
    [InlineData("{{ {1: 'a', true: 'b', 1.0: 'c'} }} {{ 2 ** 63 == 9223372036854775808.0 }} {{ 2 ** 53 + 1 == 9007199254740992.0 }}", "{1: 'c'} True False")]
    public void NumbersAreAsInPython(string template, string wanted) => Check(template, wanted);

    [Theory]
    [InlineData("{{ u | length }}{{ u[1] }}{{ u[::-1] }}{{ u[2:] }}{{ u.find('b') }}", "3😀b😀ab2")]
    [InlineData("{{ ['\\n', '\\u00e9', '\\x7f', '\\u200b', \"'\", '\"', \"'\\\"\"] }}", "['\\n', 'é', '\\x7f', '\\u200b', \"'\", '\"', '\\'\"']")]
    [InlineData("{{ 'straße'.upper() }} {{ 'ΑΣ'.lower() }} {{ 'ǆ'.title() }} {{ 'İ'.lower() | length }} {{ 'ﬁx' | capitalize }}", "STRASSE ας ǅ 2 Fix")]
    [InlineData("{{ 'iI'.upper() }} {{ 'Iİ'.lower()[0] }} {{ ['I', 'i'] | unique | list }}", "II i ['I']")]
    [InlineData("{{ 'a\\x1cb\\u2028c\\r\\nd'.splitlines() }} {{ 'a b\\u00a0c'.split() }}", "['a', 'b', 'c', 'd'] ['a', 'b', 'c']")]
    [InlineData("{{ 'abc'.center(6, '*') }}{{ 'ab'.center(5, '*') }}", "*abc****ab*")]
    [InlineData("{{ 'x'.join(['a', 'b']) }}{{ 'aaa'.replace('', '-') }}{{ 'aaa'.count('') }}{{ ''.split(',') }}{{ ''.split() }}", "axb-a-a-a-4[''][]")]
    public void TextsAreAsInPython(string template, string wanted) => Check(template, wanted);

    [Theory]
    [InlineData("{{ d.items is callable }}{{ d['items'] is callable }}{{ d.b }}{{ d['zz'] is defined }}", "TrueTrue1False")]
    [InlineData("{{ n.__class__ is defined }}{{ l.append is defined }}{{ s.upper is defined }}", "FalseFalseTrue")]
    [InlineData("{{ [none, 2.0, 'a'] | tojson }}{{ {'a': [1, {}]} | tojson(indent=1) }}", "[null, 2.0, \"a\"]{\n \"a\": [\n  1,\n  {}\n ]\n}")]
    [InlineData("{{ [[2, 'a'], [1, 'b']] | sort(attribute='1,0') }}{{ ['b', 'A'] | sort }}{{ [none, none] | sort }}", "[[2, 'a'], [1, 'b']]['A', 'b'][None, None]")]
    [InlineData("{{ 'a\\nb' | indent(2, true) }}|{{ '' | indent }}|{{ 'one two three' | truncate(9, false, '…', 0) }}", "  a\n  b||one two…")]
    public void LibraryIsAsInJinja(string template, string wanted) => Check(template, wanted);

    [Fact]
    public void TimesAreInvariant()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");
            string text = ChatTemplate.Parse("{{ strftime_now('%A %-d. %B %Y %j %U %W %V %I%p %x %X %c') }}{{ 'i'.upper() }}{{ 1.5 }}")
                .Render(s_variables, new DateTime(2027, 1, 3, 0, 5, 9)).Text;
            Assert.Equal("Sunday 3. January 2027 003 01 00 53 12AM 01/03/27 00:05:09 Sun Jan  3 00:05:09 2027I1.5", text);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static void Check(string template, string wanted) =>
        Assert.Equal(wanted, ChatTemplate.Parse(template).Render(s_variables, DateTime.UnixEpoch).Text);

    [Fact]
    public void LongCallsAndFormatsAreChargedForWhatTheyDo()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        (string, TemplateValue)[] pairs = [.. Enumerable.Range(0, 100_000).Select(i => ($"k{i}", (TemplateValue)(long)i))];
        TemplateValue many = TemplateValue.Dict(pairs);
        Assert.Equal("100000", ChatTemplate.Parse("{{ dict(**d) | length }}").Render(new Dictionary<string, TemplateValue> { ["d"] = many }).Text);

        // Every conversion adds a little to a text that is long in the end.
        string format = string.Concat(Enumerable.Repeat("%(a)s ", 50_000));
        Assert.Equal(50_000 * 11, ChatTemplate.Parse("{{ f % {'a': '0123456789'} }}").Render(
            new Dictionary<string, TemplateValue> { ["f"] = format }).Text.Length);
        string tabs = string.Concat(Enumerable.Repeat("a\t", 100_000));
        Assert.Equal(800_000, ChatTemplate.Parse("{{ t.expandtabs() }}").Render(
            new Dictionary<string, TemplateValue> { ["t"] = tabs }).Text.Length);
        string braces = string.Concat(Enumerable.Repeat("{0} ", 50_000));
        Assert.Equal(150_000, ChatTemplate.Parse("{{ b.format(12) }}").Render(
            new Dictionary<string, TemplateValue> { ["b"] = braces }).Text.Length);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), $"It took {watch.Elapsed}.");
    }
}
