using System.Text.Json.Serialization;

namespace Isotope.Networks;

/// <summary>The order in which a network takes an image's channels.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChannelOrder>))]
public enum ChannelOrder
{
    /// <summary>Red, green, blue: PyTorch's and nearly everybody's.</summary>
    [JsonStringEnumMemberName("rgb")]
    Rgb,

    /// <summary>Blue, green, red: Caffe's and OpenCV's.</summary>
    [JsonStringEnumMemberName("bgr")]
    Bgr,
}
