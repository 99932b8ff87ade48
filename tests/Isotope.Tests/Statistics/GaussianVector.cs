namespace Isotope.Tests.Statistics;

internal static class GaussianVector
{
    /// <summary>Independent standard normals (Box and Muller): the direction is uniform on the sphere.</summary>
    public static double[] Draw(Random random, int dimension) =>
        [
            .. Enumerable
                .Range(0, dimension)
                .Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())),
        ];

    public static double Cosine(double[] u, double[] v) => Dot(u, v) / Math.Sqrt(Dot(u, u) * Dot(v, v));

    private static double Dot(double[] u, double[] v) => u.Zip(v, (x, y) => x * y).Sum();
}
