using Isotope.Marking;

namespace Isotope.Tests.Runs;

public sealed class OptionCheckTests
{
    [Fact]
    public void Require_ValueOutOfRange_NamesThePropertyToTheLibraryAndTheOptionToTheCommandLine()
    {
        var options = new MarkingOptions { Psnr = 99 };
        var error = Assert.Throws<IsotopeException>(options.Validate);
        Assert.Equal("Psnr: expected 20 to 60 dB, found 99", error.Message);
        Assert.Equal("--psnr: expected 20 to 60 dB, found 99", error.CommandLineMessage);
    }
}
