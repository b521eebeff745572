using System.Text;
using Percept.Text;

namespace Percept.TestSupport;

/// <summary>Templates to be mutated, and how a mutated one is read and rendered.</summary>
internal static class TextTemplateSeeds
{
    /// <summary>What a mutated template may take.</summary>
    private static readonly TemplateLimits s_limits = new()
    {
        MaxOutputLength = 100_000,
        MaxTextLength = 100_000,
        MaxListLength = 10_000,
        MaxRangeLength = 10_000,
        MaxSteps = 200_000,
        MaxIntegerBits = 4096,
        MaxTime = TimeSpan.FromMilliseconds(500),
    };

    private static readonly ChatTemplateInput s_input = new()
    {
        Messages = TemplateValue.List(
            TemplateValue.Dict(("role", "system"), ("content", "Be brief.")),
            TemplateValue.Dict(("role", "user"), ("content", TemplateValue.List(
                TemplateValue.Dict(("type", "image")), TemplateValue.Dict(("type", "text"), ("text", "Was ist das? 😀"))))),
            TemplateValue.Dict(("role", "assistant"), ("content", "<think>\nhm\n</think>\n\nEin Hund."))),
        Tools = TemplateValue.List(TemplateValue.Dict(("name", "add"), ("arguments", TemplateValue.Dict(("a", 1L), ("b", 2.5))))),
        Now = new DateTime(2026, 3, 5, 14, 7, 9),
        Variables = new Dictionary<string, TemplateValue> { ["n"] = 7L, ["s"] = "Hello World", ["l"] = TemplateValue.List(3L, 1L, 2L) },
    };

    internal static IReadOnlyList<byte[]> All() =>
    [
        .. new[]
        {
            "{%- for m in messages %}{{ '<|' + m.role + '|>\\n' }}{% if m.content is string %}{{ m.content.split('</think>')[-1] | trim }}"
                + "{% else %}{% for p in m.content %}{{ p.text if p.type == 'text' else '<image>' }}{% endfor %}{% endif %}\n{% endfor %}",
            "{% set ns = namespace(i=0, x=[]) %}{% for k in range(9) if k % 2 %}{% set ns.i = ns.i + k %}{{ loop.index }}{% else %}-{% endfor %}"
                + "{{ ns.i ** 3 // 7 }}{{ -n | abs }}{{ [1, 2.5, none, 'é'] | tojson(indent=2) }}",
            "{% macro f(a, b='x') %}[{{ a }}{{ b }}{{ caller() if caller }}]{% endmacro %}{{ f(1) }}{% call f(2, b=3) %}in{% endcall %}",
            "{{ l | sort(reverse=true) | map('string') | join(', ') }}{{ messages | selectattr('role', 'equalto', 'user') | list | length }}"
                + "{{ messages | map(attribute='role') | unique | list }}{{ l[::-1] }}{{ s[1:-1:2] | upper }}",
            "{{ '%5.2f|%-4s|%x' % (3.14159, 'ab', 255) }}{{ '{:>8,}|{!r}|{a.x}'.format(1234567, s, a={'x': 1}) }}{{ s.replace('l', 'L', 1) }}",
            "{%- set t %}  {{ s }}{# note #}\n{% endset -%} {% raw %}{{ x }}{% endraw %} {% filter upper | trim %}a{% endfilter %}"
                + "{% generation %}{{ strftime_now('%d %b %Y') }}{% endgeneration %}{% if n > 5 and not (n in l) %}{{ l | tojson }}{% endif %}",
            "{% for x in [[1, [2, [3]]]] recursive %}{{ loop.depth }}{{ loop(x) if x is iterable }}{% endfor %}{{ raise_exception('no') if n == 8 }}",
            "{% with a = 1, b = dict(x=1, y=[2]) %}{{ b.items() | list }}{{ b | dictsort }}{{ a < 2 <= n }}{% endwith %}{{ 'a' ~ 1 ~ none }}",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    internal static void Render(byte[] bytes)
    {
        try
        {
            _ = ChatTemplate.Parse(Encoding.UTF8.GetString(bytes)).Render(s_input, s_limits);
        }
        catch (TemplateException error) when (error.Line > 0)
        {
            // The typed refusal of templates, with its place.
        }
    }
}
