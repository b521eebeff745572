using System.Globalization;
using Xunit;

namespace Percept.Data.Tests.Scenes;

public class SceneIndexTests
{
    [Fact]
    public void TheTablesSayWhatTheSceneHolds()
    {
        var dataset = new SceneDataset(5, 40, [SceneTask.Index], new SceneOptions { Side = 100, MostThings = 7 });
        for (int i = 0; i < dataset.Count; i++)
        {
            SceneSample sample = dataset.Sample(i);
            Scene scene = sample.Scenes[0];
            Assert.Equal(10, sample.Turns.Count);
            Assert.Equal(10, sample.Turns.Select(turn => turn.Question).Distinct().Count());
            Dictionary<string, string> counts = Table(sample, "Count the things of each shape."), shapes = Table(sample, "List the shapes by colour.");
            Assert.Equal(SceneVocabulary.Shapes, counts.Keys);
            Assert.Equal(SceneVocabulary.Colors, shapes.Keys);
            Assert.Equal(scene.Objects.Count, counts.Values.Sum(count => int.Parse(count, CultureInfo.InvariantCulture)));
            foreach (SceneObject thing in scene.Objects)
            {
                Assert.Contains(SceneVocabulary.Shapes[(int)thing.Shape], shapes[SceneVocabulary.Colors[(int)thing.Color]].Split(' '));
            }

            Dictionary<string, string> places = Table(sample, "List the places by colour.");
            foreach (IGrouping<SceneColor, SceneObject> same in scene.Objects.GroupBy(thing => thing.Color))
            {
                string wanted = string.Join(' ', same.OrderBy(thing => thing.X).Select(
                    thing => FormattableString.Invariant($"{1 + (int)(4 * thing.Y / 100)} {1 + (int)(4 * thing.X / 100)}")));
                Assert.Equal(wanted, places[SceneVocabulary.Colors[(int)same.Key]]);
            }

            Assert.All(scene.Objects, thing => Assert.Contains(
                BoxText.Format(thing.Box, scene.Side, scene.Side), Table(sample, "List the boxes by shape.")[SceneVocabulary.Shapes[(int)thing.Shape]],
                StringComparison.Ordinal));
            Assert.True(dataset[i].TurnsApart);
        }
    }

    private static Dictionary<string, string> Table(SceneSample sample, string question) => sample.Turns.Single(turn => turn.Question == question)
        .Answer.Split(" / ").Select(entry => entry.Split(' ', 2)).ToDictionary(entry => entry[0], entry => entry[1]);
}
