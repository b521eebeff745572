using Xunit;

namespace Percept.Data.Tests.Building;

public sealed class AnnotationSetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FilesOfOneFamilyAreBroughtTogetherAndFamiliesKeptApart()
    {
        var set = new AnnotationSet("COCO_{0:D6}.jpg");
        set.Add(Write("vqa_questions.json", """{"questions": [{"image_id": 9, "question_id": 90, "question": "Is it day?"}, {"image_id": 9, "question_id": 91, "question": "Open?"}]}"""));
        set.Add(Write("captions.json", """
            {"images": [{"id": 9, "file_name": "nine.jpg", "width": 100, "height": 50}, {"id": 8, "file_name": "eight.jpg", "width": 10, "height": 20}],
             "annotations": [{"image_id": 9, "caption": " A dog. "}, {"image_id": 9, "caption": "A dog runs."}]}
            """));
        set.Add(Write("instances.json", """
            {"categories": [{"id": 18, "name": "dog"}], "images": [{"id": 9, "file_name": "nine.jpg", "width": 100, "height": 50}],
             "annotations": [{"image_id": 9, "category_id": 18, "bbox": [10, 5, 20, 30], "iscrowd": 0}]}
            """));
        set.Add(Write("vqa_annotations.json", """{"annotations": [{"image_id": 9, "question_id": 90, "multiple_choice_answer": "yes", "answers": []}]}"""));
        set.Add(Write("graphs.json", """
            [{"image_id": 9, "objects": [{"object_id": 1, "names": ["ball"], "x": 1, "y": 2, "w": 3, "h": 4, "attributes": ["red"]}, {"object_id": 2, "names": ["grass"], "x": 0, "y": 0, "w": 9, "h": 9}],
              "relationships": [{"subject_id": 1, "object_id": 2, "predicate": "ON"}]}]
            """));
        AnnotatedImage image = set.Images[0];
        Assert.Equal(("coco-9", "nine.jpg", 100, 50), (image.Id, image.File, image.Width, image.Height));
        Assert.Equal(["A dog.", "A dog runs."], image.Captions);
        Assert.Equal("dog", Assert.Single(image.Objects).Described);
        Assert.Empty(image.Relations);
        Assert.Equal(new AnnotatedQuestion("Is it day?", "yes"), Assert.Single(image.Questions));
        Assert.Equal(1, set.Unmatched);
        Assert.Equal("eight.jpg", set.Images[1].File);

        // Visual Genome numbers other pictures.
        AnnotatedImage graph = set.Images[2];
        Assert.Equal(("visual-genome-9", 3), (graph.Id, set.Images.Count));
        Assert.Equal(["red ball", "grass"], graph.Objects.Select(one => one.Described));
        Assert.Equal(new AnnotatedRelation(0, "on", 1), Assert.Single(graph.Relations));
        Assert.Empty(graph.Captions);
    }

    [Fact]
    public async Task NothingIsCountedOfACrowd()
    {
        var set = new AnnotationSet();
        set.Add(Write("instances.json", """
            {"categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}], "images": [{"id": 9, "file_name": "nine.jpg", "width": 100, "height": 50}],
             "annotations": [{"image_id": 9, "category_id": 1, "bbox": [0, 0, 20, 30], "iscrowd": 0}, {"image_id": 9, "category_id": 18, "bbox": [50, 5, 20, 30], "iscrowd": 0},
               {"image_id": 9, "category_id": 1, "bbox": [0, 0, 90, 30], "iscrowd": 1}]}
            """));
        AnnotatedImage image = Assert.Single(set.Images);
        Assert.Equal("9", image.Id);
        Assert.Equal(["person", "dog"], image.Objects.Select(one => one.Name));
        Assert.Equal("person", Assert.Single(image.Uncountable));
        IReadOnlyList<DataMessage> conversation = await new TemplateWriter(maxTurns: 20).WriteAsync(image, InstructionKind.Conversation);
        Dictionary<string, string> answers = conversation.Chunk(2).ToDictionary(turn => turn[0].Text, turn => turn[1].Text);
        Assert.Equal("I see one dog and people.", answers["Which kinds of things are marked in the picture?"]);
        Assert.Equal("There is one dog.", answers["How many dogs are there?"]);
        Assert.DoesNotContain("How many people are there?", answers.Keys);
        Assert.DoesNotContain("Where in the picture is the person?", answers.Keys);
        Assert.Empty(await new TemplateWriter().WriteAsync(image, InstructionKind.ComplexReasoning));
    }

    [Fact]
    public void GraphsOfGqaAreRead()
    {
        var set = new AnnotationSet();
        set.Add(Write("gqa.json", """
            {"2407890": {"width": 640, "height": 480, "objects": {
              "271881": {"name": "chair", "x": 220, "y": 310, "w": 50, "h": 80, "attributes": ["brown"], "relations": [{"object": "32452", "name": "to the left of"}]},
              "32452": {"name": "desk", "x": 300, "y": 300, "w": 100, "h": 90, "attributes": [], "relations": []}}}}
            """));
        AnnotatedImage image = Assert.Single(set.Images);
        Assert.Equal("2407890.jpg", image.File);
        Assert.Equal(new AnnotatedRelation(0, "to the left of", 1), Assert.Single(image.Relations));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"annotations\": [{\"caption\": \"x\"}]}")]
    [InlineData("{\"annotations\": [{\"image_id\": 1, \"category_id\": 5, \"bbox\": [1, 2, 3, 4]}]}")]
    [InlineData("{\"questions\": [{\"image_id\": 1, \"question_id\": 5}]}")]
    [InlineData("{")]
    public void OtherFilesAreRefused(string text) =>
        Assert.Throws<InvalidDataException>(() => new AnnotationSet().Add(Write("x.json", text)));

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return _folder.File(name);
    }
}
