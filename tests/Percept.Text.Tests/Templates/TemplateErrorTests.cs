using System.Text;
using Percept.TestSupport;
using Percept.Text;
using Xunit;

namespace Percept.Text.Tests.Templates;

/// <summary>Every failure is typed and placed; no template takes more than its limits.</summary>
public class TemplateErrorTests
{
    private static readonly Dictionary<string, TemplateValue> s_none = [];

    [Theory]
    [InlineData("{{ 1 + }}", TemplateErrorKind.Syntax, 1, 8)]
    [InlineData("a\n {% if %}", TemplateErrorKind.Syntax, 2, 8)]
    [InlineData("{% for x in y %}", TemplateErrorKind.Syntax, 1, 17)]
    [InlineData("{{ 'a' | nothing }}", TemplateErrorKind.Syntax, 1, 10)]
    [InlineData("{% break %}", TemplateErrorKind.Syntax, 1, 4)]
    [InlineData("{# open", TemplateErrorKind.Syntax, 1, 1)]
    [InlineData("x\n{{ a.b }}", TemplateErrorKind.Undefined, 2, 5)]
    [InlineData("{{ 'a' + 1 }}", TemplateErrorKind.Type, 1, 8)]
    [InlineData("{{ 1 // 0 }}", TemplateErrorKind.ZeroDivision, 1, 6)]
    [InlineData("{{ 'a'.index('b') }}", TemplateErrorKind.Value, 1, 13)]
    [InlineData("{{ [].append(1) }}", TemplateErrorKind.Security, 1, 13)]
    [InlineData("{{ ''.__class__.mro }}", TemplateErrorKind.Security, 1, 16)]
    [InlineData("{% include 'x' %}", TemplateErrorKind.Unsupported, 1, 4)]
    [InlineData("{{ raise_exception('no ' ~ 1) }}", TemplateErrorKind.Raised, 1, 19)]
    public void FailuresAreTypedAndPlaced(string template, TemplateErrorKind kind, int line, int column)
    {
        TemplateException error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(template).Render(s_none));
        Assert.Equal((kind, line, column), (error.Kind, error.Line, error.Column));
    }

    [Fact]
    public void RaisedMessagesAreTheTemplatesOwn() =>
        Assert.Equal("no é", Assert.Throws<TemplateException>(
            () => ChatTemplate.Parse("{{ raise_exception('no é') }}").Render(s_none)).Message);

    [Theory]
    [InlineData("{{ 2 ** (10 ** 10) }}")]
    [InlineData("{{ 'a' * 10 ** 9 }}")]
    [InlineData("{{ [0] * 10 ** 9 }}")]
    [InlineData("{{ range(10 ** 9) }}")]
    [InlineData("{{ '%999999999d' % 1 }}")]
    [InlineData("{{ '{:999999999}'.format(1) }}")]
    [InlineData("{{ 'a'.center(10 ** 9) }}")]
    [InlineData("{{ ('ab' * 10 ** 6).replace('', 'x' * 1000) }}")]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}")]
    [InlineData("{% for a in range(99999) %}{{ 'x' * 1000 }}{% endfor %}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x + [] }}{{ ns.x | tojson }}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(9999) %}{% set ns.x = ns.x | map('upper') %}{% endfor %}{{ ns.x | list }}")]
    [InlineData("{{ ('ab' * 250000).find('ab' * 100000 ~ 'cb') }}")]
    [InlineData("{{ ('ab' * 100000 ~ 'cb') in ('ab' * 250000) }}")]
    public void GreedyTemplatesAreStopped(string template)
    {
        var limits = new TemplateLimits { MaxSteps = 2_000_000, MaxOutputLength = 1 << 20 };
        TemplateException error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(template).Render(s_none, null, limits));
        Assert.Equal(TemplateErrorKind.Limit, error.Kind);
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("{1:", "1", "}")]
    [InlineData("not ", "1", "")]
    [InlineData("-", "1", "")]
    [InlineData("", "1", ".a")]
    [InlineData("", "1", "-1")]
    [InlineData("", "1", " or 1")]
    [InlineData("", "1", "|string")]
    [InlineData("1 if 1 else ", "1", "")]
    [InlineData("1 }}{% if 1 %}{{ ", "1", " }}{% endif %}{{ 1")]
    public void DeepNestingIsRefused(string open, string middle, string close)
    {
        const int depth = 5000;
        string template = new StringBuilder("{{ ").Insert(3, open, depth).Append(middle)
            .Insert(3 + (depth * open.Length) + middle.Length, close, depth).Append(" }}").ToString();
        TemplateException? error = null;

        // A small stack, as thread pools of servers may have it.
        var thread = new Thread(() => error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(template)), 512 * 1024);
        thread.Start();
        thread.Join();
        Assert.Equal(TemplateErrorKind.Limit, error?.Kind);
    }

    [Fact]
    public void LongSumsAndListsAreNoDeepTrees()
    {
        string many = string.Join(" + ", Enumerable.Repeat("1", 20_000));
        Assert.Equal("20000", ChatTemplate.Parse("{{ " + many + " }}").Render(s_none).Text);
    }

    [Fact]
    public void SeedsAreRendered()
    {
        foreach (byte[] seed in TextTemplateSeeds.All())
        {
            TextTemplateSeeds.Render(seed);
        }
    }
}
