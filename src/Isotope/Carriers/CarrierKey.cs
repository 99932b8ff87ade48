using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Isotope.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Carriers;

/// <summary>
/// The owner's secret: one carrier uᵢ per class, a unit direction of the marking network's feature space, uniform on the
/// sphere and independent over classes (paper §3.2), and a secret from which image selection and augmentations follow.
/// </summary>
public sealed class CarrierKey
{
    /// <summary>The <see cref="Origin"/> of a key from the system's generator.</summary>
    public const string SystemOrigin = "system";

    /// <summary>The <see cref="Origin"/> of a key whose carriers come from elsewhere.</summary>
    public const string ImportedOrigin = "imported";

    internal const int SecretSize = 32;
    private const int MaxCarrierValues = 200_000_000;
    private readonly byte[]? secret;
    private readonly byte[] salt;
    private readonly float[] carriers;
    private string? commitment;

    internal CarrierKey(int classes, int dimension, string origin, byte[] secret, float[] carriers)
        : this(classes, dimension, origin, carriers, HMACSHA256.HashData(secret, "commitment salt"u8)) => this.secret = secret;

    /// <summary>A key that its owner has opened: all that its commitment binds, without the secret.</summary>
    internal CarrierKey(int classes, int dimension, string origin, float[] carriers, byte[] salt)
    {
        (Classes, Dimension, Origin) = (classes, dimension, origin);
        (this.carriers, this.salt) = (carriers, salt);
    }

    /// <summary>Number of classes C.</summary>
    public int Classes { get; }

    /// <summary>Dimension d of the marking network's features.</summary>
    public int Dimension { get; }

    /// <summary>
    /// Where the key comes from: <c>system</c> (cryptographic generator), <c>seed N</c> (experiments only) or <c>imported</c>
    /// (nobody but the owner knows how the carriers were drawn).
    /// </summary>
    public string Origin { get; }

    /// <summary>
    /// The day on which the key was made, UTC; null where that is not known, as of a seed. It is the owner's word alone: what proves it to
    /// others is a commitment that was published.
    /// </summary>
    public DateOnly? Created { get; internal init; }

    /// <summary>
    /// SHA-256 over the carriers and a secret salt, in hexadecimal: publish it with the dataset, before any model is seen.
    /// It tells nothing about the carriers; whoever gets them and the salt can check it (<see cref="KeyFile.SaveOpening"/>).
    /// </summary>
    public string Commitment => commitment ??= ComputeCommitment();

    /// <summary>
    /// Whether the carriers are those that the secret's random streams give, which rules out that they were chosen; null for an opened
    /// key, whose secret is not at hand.
    /// </summary>
    public bool? IsDrawnFromSecret =>
        secret is null ? null : FromSecret(Classes, Dimension, Origin, secret).carriers.AsSpan().SequenceEqual(carriers);

    internal ReadOnlySpan<byte> Secret => secret ?? throw WithoutSecret();

    internal ReadOnlySpan<byte> Salt => salt;

    internal ReadOnlySpan<float> Carriers => carriers;

    /// <summary>A new key from the system's cryptographic generator.</summary>
    /// <exception cref="IsotopeException">Fewer than 2 classes or dimensions.</exception>
    public static CarrierKey Create(int classes, int dimension) =>
        FromSecret(classes, dimension, SystemOrigin, RandomNumberGenerator.GetBytes(SecretSize), Today());

    /// <summary>A key that anyone who knows the seed can make: for experiments only; <see cref="Origin"/> says so.</summary>
    /// <exception cref="IsotopeException">Fewer than 2 classes or dimensions.</exception>
    public static CarrierKey FromSeed(int classes, int dimension, long seed) =>
        FromSecret(classes, dimension, $"seed {seed}", SHA256.HashData(BitConverter.GetBytes(seed)));

    /// <summary>
    /// A key of given carriers, a C × d tensor of floating point, with a new secret for selection and augmentations. Rows of
    /// norm 1 (within 10⁻³) are brought to unit norm in float; rows that are unit float vectors stay bit for bit. The p-value
    /// is exact only if the carriers were drawn uniformly and independently, which nothing here can check.
    /// </summary>
    /// <param name="carriers">The directions, one row per class.</param>
    /// <param name="source">What errors call them, such as the file's name.</param>
    /// <exception cref="IsotopeException">Another shape or type, not finite, or a row whose norm is not 1.</exception>
    public static CarrierKey Import(Tensor carriers, string source) =>
        new(
            (int)carriers.shape.FirstOrDefault(),
            (int)carriers.shape.LastOrDefault(),
            ImportedOrigin,
            RandomNumberGenerator.GetBytes(SecretSize),
            ImportedCarriers.Read(carriers, source)
        )
        {
            Created = Today(),
        };

    /// <summary>The carrier uᵢ of a class: d values, unit norm.</summary>
    public ReadOnlySpan<float> Carrier(int label) => carriers.AsSpan(label * Dimension, Dimension);

    /// <summary>All carriers as a new C × d float tensor.</summary>
    public Tensor ToTensor() => torch.tensor(carriers, [Classes, Dimension]);

    /// <summary>Requires carriers in the space of the marking network's features.</summary>
    /// <exception cref="IsotopeException">They are of another dimension.</exception>
    internal void RequireDimension(int features)
    {
        if (features != Dimension)
            throw new IsotopeException($"--key: expected dimension {features} of the marking network's features, found {Dimension}");
    }

    /// <summary>The key's own random stream of a name, such as an image's augmentations.</summary>
    /// <exception cref="IsotopeException">The key was opened without its secret.</exception>
    public RandomStream Stream(string label) => new(Secret, label);

    /// <summary>SHA-256 over a document and the key's salt: it binds the document to the key and tells nothing about either.</summary>
    public string Bind(ReadOnlySpan<byte> document) => Hash("isotope settings 1 ", document);

    /// <summary>Carriers that nobody marks with, drawn fast to see what a test gives for them. Everything follows from the seed.</summary>
    internal static CarrierKey ForCalibration(int classes, int dimension, long seed)
    {
        using var generator = new Generator((ulong)seed);
        using var gaussian = torch.randn([classes, dimension], generator: generator);
        var carriers = MemoryMarshal.Cast<byte, float>(gaussian.bytes).ToArray();
        for (var label = 0; label < classes; label++)
            Normalise(carriers.AsSpan(label * dimension, dimension));
        return new CarrierKey(classes, dimension, "calibration", carriers, []);
    }

    /// <summary>
    /// A class's carrier of the k-th other key that could have marked the dataset: drawn anew from the same secret, hence for the same
    /// images and views. To a model that never saw the published marks all versions are alike (§3.5) – for an imported key only if its own
    /// carriers were drawn uniformly as well.
    /// </summary>
    /// <param name="label">The class.</param>
    /// <param name="version">k, from 1.</param>
    /// <exception cref="IsotopeException">The key was opened without its secret.</exception>
    public ReadOnlyMemory<float> CounterfactualCarrier(int label, int version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        return DrawCarrier(Stream($"counterfactual {version} carrier {label}"));
    }

    /// <summary>
    /// One of the two directions that an image of its own is marked along: a fair coin of the secret says which is published. They
    /// are drawn from the secret whatever the key's origin, so that the coin alone makes the two exchangeable.
    /// </summary>
    /// <param name="imageId">The vanilla image's id.</param>
    /// <param name="version">0 for the published twin, 1 for the secret one.</param>
    public ReadOnlyMemory<float> TwinCarrier(string imageId, int version)
    {
        var side = Stream($"coin {imageId}").NextBool() ? 1 - version : version;
        return DrawCarrier(Stream($"twin {side} {imageId}"));
    }

    private float[] DrawCarrier(RandomStream stream)
    {
        var carrier = new float[Dimension];
        stream.FillDirection(carrier);
        return carrier;
    }

    private static CarrierKey FromSecret(int classes, int dimension, string origin, byte[] secret, DateOnly? created = null)
    {
        if (classes < 2)
            throw new IsotopeException($"--classes: expected at least 2, found {classes}");
        if ((long)classes * dimension > MaxCarrierValues)
            throw new IsotopeException(
                $"--classes and --dim: expected at most {MaxCarrierValues} values of carriers, found {classes} × {dimension}"
            );
        if (dimension < 2)
            throw new IsotopeException($"--dim: expected at least 2, found {dimension}");
        return new CarrierKey(classes, dimension, origin, secret, DrawCarriers(classes, dimension, secret)) { Created = created };
    }

    private static DateOnly Today() => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    private static float[] DrawCarriers(int classes, int dimension, byte[] secret)
    {
        var carriers = new float[checked(classes * dimension)];
        for (var label = 0; label < classes; label++)
            new RandomStream(secret, $"carrier {label}").FillDirection(carriers.AsSpan(label * dimension, dimension));
        return carriers;
    }

    private static void Normalise(Span<float> direction)
    {
        var squares = 0.0;
        foreach (var value in direction)
            squares += (double)value * value;
        var scale = 1 / Math.Sqrt(squares);
        foreach (ref var value in direction)
            value = (float)(value * scale);
    }

    private string ComputeCommitment() => Hash($"isotope commitment 1 {Classes} {Dimension} ", MemoryMarshal.AsBytes<float>(carriers));

    private string Hash(string purpose, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(purpose));
        hash.AppendData(salt);
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IsotopeException WithoutSecret() => new("key: expected a key with its secret, found one that was opened without it");
}
