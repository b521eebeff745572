namespace Percept.Media;

/// <summary>The order of operations from bytes to normalized floats; results differ in the last digits.</summary>
public enum NormalizeOrder
{
    /// <summary>The product with the scale in double, rounded to float32; then (x − mean) / std in float32.</summary>
    Pil,

    /// <summary>(x − mean / scale) / (std / scale) in float32.</summary>
    Fused,
}
