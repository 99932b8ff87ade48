using System.Globalization;
using CsCheck;

namespace Isotope.Tests.Networks;

/// <summary>What the tests of damaged files share.</summary>
internal static class Fuzzing
{
    /// <summary>Seconds a file: one, or ISOTOPE_FUZZ_SECONDS.</summary>
    public static int Seconds => int.Parse(Environment.GetEnvironmentVariable("ISOTOPE_FUZZ_SECONDS") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>Bytes to put in: any, and more often those at the ends of what counts and signs take.</summary>
    public static Gen<byte> Values => Gen.OneOf(Gen.Byte, Gen.Byte[0, 1], Gen.Byte[127, 128], Gen.Byte[255, 255]);
}
