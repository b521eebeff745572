using System.Collections.Concurrent;

namespace Percept.Data;

/// <summary>
/// Tells training samples that overlap with evaluation sets: a row of words of a question or an answer in common, a short question with its
/// answer, the same picture's bytes, or a picture that looks the same.
/// </summary>
/// <remarks>Safe for several readers once all sets are added.</remarks>
/// <param name="words">How many words in a row two texts must share. A shorter question is everybody's: it counts together with the same answer
/// only, and a shorter answer only with the same question.</param>
/// <param name="leastWords">Short questions that have fewer words together with their answers are not compared.</param>
/// <param name="pictureDistance">In how many of 64 signs pictures that look the same may differ; see <see cref="PictureHash"/>.</param>
public sealed class ContaminationIndex(int words = 8, int leastWords = 5, int pictureDistance = 3)
{
    private readonly Dictionary<ulong, (string Set, string Id)> _texts = [];
    private readonly Dictionary<string, (string Set, string Id)> _pictures = [];
    private readonly List<(ulong Hash, string Set, string Id)> _looks = [];
    private readonly ConcurrentDictionary<string, byte> _unreadable = new(StringComparer.Ordinal);

    /// <summary>How many pictures of evaluation sets could not be read.</summary>
    public int Unreadable { get; private set; }

    /// <summary>How many pictures of training samples could not be read, and were compared with none.</summary>
    public int UnreadableTraining => _unreadable.Count;

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

    /// <summary>Looks for an overlap. Pictures that cannot be read are counted.</summary>
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
                _unreadable.TryAdd(picture.Path ?? picture.Name, 0);
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
        catch (Exception error) when (error is IOException or InvalidDataException or NotSupportedException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Hashes of the rows of words of long texts, and of short questions together with their short answers.</summary>
    private IEnumerable<ulong> Rows(DatasetSample sample)
    {
        List<string> question = [];
        foreach (DataMessage message in sample.Messages.Where(one => one.Role is DataRoles.User or DataRoles.Assistant))
        {
            List<string> text = TextShingles.Words(message.Text);
            if (text.Count >= words)
            {
                foreach (ulong row in TextShingles.Hashes(text, words))
                {
                    yield return row;
                }
            }
            else if (message.Role == DataRoles.Assistant && question.Count > 0 && text.Count > 0 && question.Count < words
                && question.Count + text.Count >= leastWords)
            {
                // The mark keeps the two apart: no word has one.
                List<string> both = [.. question, "?", .. text];
                yield return TextShingles.Hashes(both, both.Count).Single();
            }

            question = message.Role == DataRoles.User ? text : question;
        }
    }
}
