using Xunit;

namespace Percept.Text.Tests.Tokenizers;

/// <summary>Searches by vectors find what a plain loop finds.</summary>
[Trait("Level", "Simd")]
public class UnitSearchTests
{
    [Fact]
    public void EveryPlaceIsFound()
    {
        for (int length = 0; length <= 40; length++)
        {
            for (int place = 0; place <= length; place++)
            {
                char[] text = new char[length];
                Array.Fill(text, 'a');
                if (place < length)
                {
                    text[place] = '\uDFFF';
                }

                for (int from = 0; from <= place; from++)
                {
                    Assert.Equal(place, UnitSearch.NextSurrogate(text, from));
                    Assert.Equal(place, UnitSearch.NextFrom(text, from, '\u0300'));
                }
            }
        }
    }

    [Theory]
    [InlineData('\uD7FF', false)]
    [InlineData('\uD800', true)]
    [InlineData('\uDFFF', true)]
    [InlineData('\uE000', false)]
    [InlineData('\u02FF', false)]
    public void TheEndsOfTheRangeCount(char unit, bool surrogate)
    {
        string text = new(unit, 20);
        Assert.Equal(surrogate ? 0 : 20, UnitSearch.NextSurrogate(text, 0));
        Assert.Equal(unit >= '\u0300' ? 0 : 20, UnitSearch.NextFrom(text, 0, '\u0300'));
    }
}
