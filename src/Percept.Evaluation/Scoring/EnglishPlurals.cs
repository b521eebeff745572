namespace Percept.Evaluation;

/// <summary>The singular of English words, by the rules of the inflector that CHAIR is defined with.</summary>
/// <remarks>
/// Gives what <c>singularize</c> of clips/pattern gives, its mistakes included (<c>bus</c> becomes <c>bu</c>), since which objects CHAIR finds
/// depends on them. Endings are tried in order; the first that fits decides.
/// </remarks>
internal static class EnglishPlurals
{
    private const string Vowels = "aeiouy";

    /// <summary>Words that are the same in both numbers; a word that ends one of these is taken for it.</summary>
    private static readonly string[] s_same = (
        "bison bream breeches britches carp chassis christmas clippers cod contretemps corps debris diabetes djinn eland elk flounder gallows "
        + "georgia graffiti headquarters herpes high-jinks homework innings jackanapes mackerel measles mews mumps news pincers pliers "
        + "proceedings rabies salmon scissors series shears species swine swiss trout tuna whiting wildebeest "
        + "advice bread butter cheese electricity equipment fruit furniture garbage gravel happiness information ketchup knowledge love luggage "
        + "mathematics mayonnaise meat mustard progress research rice sand software understanding water").Split(' ');

    /// <summary>Words whose plural keeps the e before s; that plural is left as it is.</summary>
    private static readonly string[] s_endingInIe = (
        "alergie auntie beanie birdie bogie bombie collie cookie cutie doggie eyrie freebie goonie groupie hankie hippie hoagie hottie indie "
        + "junkie laddie laramie lingerie meanie newbie nightie oldie pixie quickie reverie rookie softie sortie stoolie sweetie techie toughie "
        + "valkyrie veggie weenie yuppie zombie").Split(' ');

    private static readonly (string Plural, string Singular)[] s_irregular =
    [
        .. ("atlantes atlas atlases atlas axes axe beeves beef brethren brother children child corpora corpus corpuses corpus ephemerides "
            + "ephemeris feet foot ganglia ganglion geese goose genera genus genii genie graffiti graffito helves helve kine cow leaves leaf "
            + "loaves loaf men man mongooses mongoose monies money moves move mythoi mythos numena numen occipita occiput octopodes octopus "
            + "opera opus opuses opus our my oxen ox penes penis penises penis people person sexes sex soliloquies soliloquy teeth tooth "
            + "testes testis trilbys trilby turves turf zoa zoon").Split(' ').Chunk(2).Select(pair => (pair[0], pair[1])),
    ];

    private static readonly string[] s_sugars = ["fruct", "gluc", "galact", "lact", "ket", "malt", "rib", "sacchar", "cellul"];

    /// <summary>Endings with what replaces them, and which letters may stand before; null for any letter that must be there.</summary>
    private static readonly (string Ending, string Singular, Func<string, bool> Before)[] s_endings =
    [
        ("ae", "a", Some), ("itis", "itis", Some), ("eaux", "eau", Some), ("quizzes", "quiz", Any), ("matrices", "matrix", Any),
        ("apices", "apex", Any), ("vertices", "vertex", Any), ("indices", "index", Any), ("aliases", "alias", Any),
        ("statuses", "status", Any), ("i", "us", stem => EndsIn(stem, "octop|vir")), ("crises", "crisis", Any), ("axes", "axis", Any),
        ("testes", "testis", Any), ("shoes", "shoe", Any), ("oes", "o", Any), ("buses", "bus", Any),
        ("ice", "ouse", stem => EndsIn(stem, "ml|")), ("xes", "x", Any), ("ches", "ch", Any), ("sses", "ss", Any), ("shes", "sh", Any),
        ("movies", "movie", Any), ("ombies", "ombie", Some), ("series", "series", Any),
        ("ies", "y", stem => (stem.Length > 0 && !Vowels.Contains(stem[^1])) || stem.EndsWith("qu", StringComparison.Ordinal)),
        ("lves", "lf", stem => EndsIn(stem, "aeo")), ("eaves", "eaf", stem => stem.Length > 0 && stem[^1] != 'd'), ("arves", "arf", Any),
        ("erves", "erve", Any), ("ives", "ife", stem => EndsIn(stem, "nlw")), ("ves", "f", stem => EndsIn(stem, "lr")),
        ("ves", "ve", stem => EndsIn(stem, "aeo")), ("sives", "sive", Any), ("tives", "tive", Any), ("hives", "hive", Any),
        ("ves", "fe", stem => stem.Length > 0 && stem[^1] != 'f'), ("analyses", "analysis", Any), ("bases", "basis", Any),
        ("diagnoses", "diagnosis", Any), ("parentheses", "parenthesis", Any), ("prognoses", "prognosis", Any),
        ("synopses", "synopsis", Any), ("theses", "thesis", Any), ("opses", "opsis", Some), ("yses", "ysis", Some),
        ("oses", "ose", stem => EndsIn(stem, "hdronp") || stem.EndsWith('b') || stem.EndsWith("cl", StringComparison.Ordinal)),
        ("ose", "ose", stem => s_sugars.Any(sugar => stem.EndsWith(sugar, StringComparison.Ordinal))), ("oses", "osis", Some),
        ("a", "um", stem => EndsIn(stem, "ti")), ("news", "news", Any), ("s", "", Any),
    ];

    /// <summary>The singular of a word in small letters.</summary>
    internal static string Singular(string word)
    {
        if (word.EndsWith('\''))
        {
            return Singular(word[..^1]) + "'s";
        }

        if (s_same.Any(same => same.EndsWith(word, StringComparison.Ordinal))
            || s_endingInIe.Any(ie => word.EndsWith(ie + "s", StringComparison.Ordinal)))
        {
            return word;
        }

        foreach ((string plural, string singular) in s_irregular)
        {
            if (word.EndsWith(plural, StringComparison.Ordinal))
            {
                return word[..^plural.Length] + singular;
            }
        }

        // Only here the ending may stand before others: the beginning of the word decides.
        if (word.StartsWith("oxen", StringComparison.Ordinal))
        {
            return "ox" + word[4..];
        }

        foreach ((string ending, string singular, Func<string, bool> before) in s_endings)
        {
            if (word.EndsWith(ending, StringComparison.Ordinal) && before(word[..^ending.Length]))
            {
                return word[..^ending.Length] + singular;
            }
        }

        return word;
    }

    private static bool Any(string stem) => true;

    private static bool Some(string stem) => stem.Length > 0;

    private static bool EndsIn(string stem, string letters) => stem.Length > 0 && letters.Contains(stem[^1]);
}
