using Percept.Media;

namespace Percept.Data;

/// <summary>
/// Tells training samples that overlap with evaluation sets: a row of words of a question or an answer in common, the same picture's bytes,
/// or a picture that looks the same.
/// </summary>
/// <remarks>Safe for several readers once all sets are added.</remarks>
/// <param name="words">How many words in a row two texts must share; a shorter text of at least <paramref name="leastWords"/> words counts whole.</param>
/// <param name="leastWords">Texts with fewer words are not compared: "yes" says nothing.</param>
/// <param name="pictureDistance">In how many of 64 signs pictures that look the same may differ; see <see cref="PictureHash"/>.</param>
public sealed class ContaminationIndex(int words = 8, int leastWords = 5, int pictureDistance = 3)
{
    private readonly Dictionary<ulong, (string Set, string Id)> _texts = [];
    private readonly Dictionary<string, (string Set, string Id)> _pictures = [];
    private readonly List<(ulong Hash, string Set, string Id)> _looks = [];

    /// <summary>How many pictures of evaluation sets could not be read.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Adds an evaluation set. Pictures that cannot be read are counted.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="dataset">Its samples.</param>
    /// <param name="cancellation">Ends the call.</param>
    public void Add(string name, IDataset dataset, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(dataset);
        for (int i = 0; i < dataset.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            DatasetSample sample = dataset[i];
            foreach (ulong row in Rows(sample))
            {
                _texts.TryAdd(row, (name, sample.Id));
            }

            foreach (MediaReference picture in sample.Media.Where(media => media.Kind == DataPartKind.Image))
            {
                if (Hashes(picture) is { } hashes)
                {
                    _pictures.TryAdd(hashes.Content, (name, sample.Id));
                    if (IsTelling(hashes.Look))
                    {
                        _looks.Add((hashes.Look, name, sample.Id));
                    }
                }
                else
                {
                    Unreadable++;
                }
            }
        }
    }

    /// <summary>Looks for an overlap.</summary>
    /// <param name="sample">A training sample.</param>
    /// <returns>The first overlap; null where there is none.</returns>
    public Contamination? Find(DatasetSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        foreach (ulong row in Rows(sample))
        {
            if (_texts.TryGetValue(row, out (string Set, string Id) found))
            {
                return new Contamination(found.Set, found.Id, "text");
            }
        }

        foreach (MediaReference picture in _pictures.Count == 0 ? [] : sample.Media.Where(media => media.Kind == DataPartKind.Image))
        {
            if (Hashes(picture) is not { } hashes)
            {
                continue;
            }

            if (_pictures.TryGetValue(hashes.Content, out (string Set, string Id) found))
            {
                return new Contamination(found.Set, found.Id, "picture");
            }

            if (!IsTelling(hashes.Look))
            {
                continue;
            }

            foreach ((ulong look, string set, string id) in _looks)
            {
                if (PictureHash.Distance(look, hashes.Look) <= pictureDistance)
                {
                    return new Contamination(set, id, "similar picture");
                }
            }
        }

        return null;
    }

    /// <summary>A picture without any structure, one colour or one slope, looks like every other such picture.</summary>
    private static bool IsTelling(ulong look) => System.Numerics.BitOperations.PopCount(look) is > 4 and < 60;

    private static (string Content, ulong Look)? Hashes(MediaReference picture)
    {
        try
        {
            return (picture.ContentHash(), PictureHash.Of(picture.LoadImage()));
        }
        catch (Exception error) when (error is IOException or InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }

    private IEnumerable<ulong> Rows(DatasetSample sample) => sample.Messages.Where(
        message => message.Role is DataRoles.User or DataRoles.Assistant)
        .Select(message => TextShingles.Words(message.Text)).Where(list => list.Count >= leastWords)
        .SelectMany(list => TextShingles.Hashes(list, words));
}
