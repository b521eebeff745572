using Percept.Media;
using Xunit;

namespace Percept.Data.Tests.Building;

public class ContaminationTests
{
    private const string Question = "Which of the two trains on the left track is longer than the red one?";

    [Fact]
    public void RowsOfWordsInCommonAreFound()
    {
        ContaminationIndex index = Index(Sample("e1", Question, "The blue one", null));
        Assert.Equal(new Contamination("eval", "e1", "text"), index.Find(Sample("t", "Look: " + Question.ToUpperInvariant(), "x", null)));
        Assert.Null(index.Find(Sample("t", "Which of the two trains is it?", "The blue one", null)));
        Assert.Null(index.Find(Sample("t", "yes", "no", null)));
    }

    [Fact]
    public void ShortQuestionsCountWithTheirAnswersOnly()
    {
        ContaminationIndex index = Index(Sample("e1", "What colour is the big car?", "It is red", null));
        Assert.Equal("text", index.Find(Sample("t", "what colour is the big car", "It is red.", null))?.Reason);
        Assert.Null(index.Find(Sample("t", "What colour is the big car?", "It is blue", null)));
        Assert.Null(index.Find(Sample("t", "What colour is the small car?", "It is red", null)));
    }

    [Fact]
    public void PicturesOfTrainingThatCannotBeReadAreCounted()
    {
        ContaminationIndex index = Index(Sample("e1", "q", "a", TestPictures.Draw(64, 48, 1)));
        for (int i = 0; i < 2; i++)
        {
            Assert.Null(index.Find(new DatasetSample
            {
                Id = "t", Messages = [DataMessage.User(MediaReference.File(DataPartKind.Image, "gone.png"), "q"), DataMessage.Assistant("a")],
            }));
        }

        Assert.Equal((0, 1), (index.Unreadable, index.UnreadableTraining));
    }

    [Fact]
    public void TheSamePictureIsFoundByItsContent()
    {
        ContaminationIndex index = Index(Sample("e1", "q", "a", TestPictures.Draw(64, 48, 1)));
        Assert.Equal("picture", index.Find(Sample("t", "other", "text", TestPictures.Draw(64, 48, 1)))?.Reason);
        Assert.Null(index.Find(Sample("t", "other", "text", TestPictures.Draw(64, 48, 2))));
    }

    [Fact]
    public void ScaledAndRecolouredPicturesLookTheSameAndOthersDoNot()
    {
        int closest = 64;
        for (int seed = 0; seed < 40; seed++)
        {
            Image picture = TestPictures.Draw(96, 64, seed);
            ulong hash = PictureHash.Of(picture);
            Assert.InRange(PictureHash.Distance(hash, PictureHash.Of(picture.Resize(48, 32))), 0, 3);
            Image darker = picture.Clone();
            foreach (ref byte value in darker.Pixels)
            {
                value = (byte)(value * 9 / 10);
            }

            Assert.InRange(PictureHash.Distance(hash, PictureHash.Of(darker)), 0, 4);
            for (int other = 0; other < seed; other++)
            {
                closest = Math.Min(closest, PictureHash.Distance(hash, PictureHash.Of(TestPictures.Draw(96, 64, other))));
            }
        }

        Assert.InRange(closest, 5, 64);
        ContaminationIndex index = Index(Sample("e1", "q", "a", TestPictures.Draw(96, 64, 7)));
        Assert.Equal("similar picture", index.Find(Sample("t", "other", "text", TestPictures.Draw(96, 64, 7).Resize(60, 40)))?.Reason);
    }

    private static ContaminationIndex Index(DatasetSample sample)
    {
        var index = new ContaminationIndex();
        index.Add("eval", new ListDataset([sample]));
        return index;
    }

    private static DatasetSample Sample(string id, string question, string answer, Image? picture) => new()
    {
        Id = id,
        Messages =
        [
            picture is null ? DataMessage.User(question) : DataMessage.User(MediaReference.Drawn(id, () => picture), question),
            DataMessage.Assistant(answer),
        ],
    };
}
