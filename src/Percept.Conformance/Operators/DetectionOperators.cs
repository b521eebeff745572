using Percept.Training;

namespace Percept.Conformance;

/// <summary>Losses of detectors.</summary>
internal static class DetectionOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("sigmoid_focal_loss", static run => run.Give(DetectionLosses.SigmoidFocal(
            run.Input("input"), run.Input("target"), Boxes(run), (float)run.Args.Number("alpha"),
            (float)run.Args.Number("gamma")))),
        ("dice_loss", static run => run.Give(
            DetectionLosses.Dice(run.Input("input"), run.Input("target"), Boxes(run)))),
        ("giou_loss", static run => run.Give(
            DetectionLosses.Giou(run.Input("boxes"), run.Input("target"), Boxes(run), Format(run.Args)))),
        ("giou_matrix", static run => run.Give(
            DetectionLosses.GiouMatrix(run.Input("a"), run.Input("b"), Format(run.Args)))),
        ("l1_box_loss", static run => run.Give(
            DetectionLosses.L1(run.Input("boxes"), run.Input("target"), Boxes(run)))),
    ];

    internal static BoxFormat Format(RunArgs args) =>
        args.Choice("format", "cxcywh", "cxcywh", "xyxy") == "xyxy" ? BoxFormat.Corners : BoxFormat.Centre;

    private static float Boxes(OpRun run) => (float)run.Args.Number("num_boxes");
}
