using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Isotope.Carriers.Draws;
using Isotope.Numerics;
using Isotope.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Carriers;

/// <summary>
/// The owner's secret key. It has one carrier uᵢ per class: a direction of norm 1 in the marking network's feature space, uniform on the
/// sphere and independent of the others (paper §3.2). It also has a secret, from which the choice of images and their views follow.
/// </summary>
public sealed class CarrierKey
{
    /// <summary>The <see cref="Origin"/> of a key from the system's cryptographic generator.</summary>
    public const string SystemOrigin = "system";

    /// <summary>The <see cref="Origin"/> of a key that was drawn with a plan and a beacon.</summary>
    public const string DrawnOrigin = "drawn";

    /// <summary>The <see cref="Origin"/> of a key with imported carriers.</summary>
    public const string ImportedOrigin = "imported";

    internal const int SecretSize = 32;
    private const int MaxCarrierValues = 200_000_000;
    private readonly byte[]? secret;
    private readonly byte[]? streamSecret;
    private readonly byte[] salt;
    private readonly float[] carriers;
    private string? commitment;

    internal CarrierKey(int classes, int dimension, string origin, byte[] secret, float[] carriers, KeyDraw? draw = null)
        : this(classes, dimension, origin, carriers, HMACSHA256.HashData(secret, "commitment salt"u8))
    {
        this.secret = secret;
        Draw = draw;
        streamSecret = draw is null ? secret : draw.Mix(UndrawnKey.MarkingSecretOf(secret));
        CarrierSecret = draw is null ? null : UndrawnKey.CarrierSecretOf(secret);
    }

    /// <summary>An opened key: everything that its commitment binds, without the secret.</summary>
    internal CarrierKey(int classes, int dimension, string origin, float[] carriers, byte[] salt)
    {
        Classes = classes;
        Dimension = dimension;
        Origin = origin;
        this.carriers = carriers;
        this.salt = salt;
    }

    /// <summary>The number of classes C.</summary>
    public int Classes { get; }

    /// <summary>The dimension d of the marking network's features.</summary>
    public int Dimension { get; }

    /// <summary>
    /// Where the key comes from: <c>system</c> (the cryptographic generator), <c>seed N</c> (only for experiments) or <c>imported</c> (only
    /// the owner knows how the carriers were drawn).
    /// </summary>
    public string Origin { get; }

    /// <summary>The plan and the beacon that the key was drawn with; null for a key that its owner could have chosen.</summary>
    public KeyDraw? Draw { get; internal init; }

    /// <summary>What the carriers follow from, together with <see cref="Draw"/>; an opening has it too.</summary>
    internal byte[]? CarrierSecret { get; init; }

    /// <summary>
    /// The day on which the key was made, UTC; null if unknown, as for a key from a seed. It is the owner's claim and proves nothing to
    /// others; a published commitment does.
    /// </summary>
    public DateOnly? Created { get; internal init; }

    /// <summary>
    /// SHA-256 of the carriers and a secret salt, in hexadecimal. Publish it with the dataset, before any model is seen. It reveals nothing
    /// about the carriers; whoever gets them and the salt (<see cref="KeyFile.SaveOpening"/>) can check it.
    /// </summary>
    public string Commitment => commitment ??= ComputeCommitment();

    /// <summary>
    /// Whether the carriers follow from the secret, and from plan and beacon where there are some; null for an opened key that was drawn
    /// without these, which has no secret.
    /// </summary>
    public bool? IsDrawnFromSecret
    {
        get
        {
            var source = Draw is null ? secret : Draw.Mix(CarrierSecret);
            return source is null ? null : DrawCarriers(Classes, Dimension, source).AsSpan().SequenceEqual(carriers);
        }
    }

    internal ReadOnlySpan<byte> Secret => secret ?? throw WithoutSecret();

    internal ReadOnlySpan<byte> Salt => salt;

    internal ReadOnlySpan<float> Carriers => carriers;

    /// <summary>Makes a new key with the system's cryptographic generator.</summary>
    /// <param name="classes">The number of classes of the dataset.</param>
    /// <param name="dimension">The dimension of the marking network's features.</param>
    /// <exception cref="IsotopeException">Fewer than 2 classes or dimensions.</exception>
    public static CarrierKey Create(int classes, int dimension) =>
        FromSecret(classes, dimension, SystemOrigin, RandomNumberGenerator.GetBytes(SecretSize), Today());

    /// <summary>The key of a secret, a plan and a beacon.</summary>
    /// <exception cref="IsotopeException">There is no beacon in the draw.</exception>
    internal static CarrierKey Drawn(int classes, int dimension, byte[] secret, KeyDraw draw)
    {
        var carriers = DrawCarriers(classes, dimension, draw.Mix(UndrawnKey.CarrierSecretOf(secret)));
        return new CarrierKey(classes, dimension, DrawnOrigin, secret, carriers, draw) { Created = Today() };
    }

    /// <summary>
    /// Makes a key from a seed. Anyone who knows the seed can make it too, so it is only for experiments; <see cref="Origin"/> says so.
    /// </summary>
    /// <exception cref="IsotopeException">Fewer than 2 classes or dimensions.</exception>
    public static CarrierKey FromSeed(int classes, int dimension, long seed) =>
        FromSecret(classes, dimension, $"seed {seed}", SHA256.HashData(BitConverter.GetBytes(seed)));

    /// <summary>
    /// Makes a key with given carriers and a new secret. Rows whose norm is 1 within 10⁻³ are normalised as float vectors; rows that
    /// already are float vectors of norm 1 stay bit for bit. P-values are exact only if the carriers were drawn uniformly and
    /// independently, which can't be checked here.
    /// </summary>
    /// <param name="carriers">The carriers, a C × d tensor of floating point, one row per class.</param>
    /// <param name="source">What errors call the carriers, such as the name of their file.</param>
    /// <exception cref="IsotopeException">The tensor has another shape or type, is not finite, or has a row whose norm is not
    /// 1.</exception>
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

    /// <summary>The carrier uᵢ of a class: d values, norm 1.</summary>
    public ReadOnlySpan<float> Carrier(int label) => carriers.AsSpan(label * Dimension, Dimension);

    /// <summary>All carriers as a new C × d float tensor.</summary>
    public Tensor ToTensor() => torch.tensor(carriers, [Classes, Dimension]);

    /// <summary>Requires carriers of the same dimension as the marking network's features.</summary>
    /// <exception cref="IsotopeException">The dimensions differ.</exception>
    internal void RequireDimension(int features)
    {
        if (features != Dimension)
            throw new IsotopeException($"--key: expected dimension {features} of the marking network's features, found {Dimension}");
    }

    /// <summary>The key's random stream with a name, such as the stream of an image's views.</summary>
    /// <exception cref="IsotopeException">The key was opened without its secret.</exception>
    internal RandomStream Stream(string label) => new(streamSecret ?? throw WithoutSecret(), label);

    /// <summary>SHA-256 of a document and the key's salt. It binds the document to the key and reveals nothing about either.</summary>
    public string Bind(ReadOnlySpan<byte> document) => Hash("isotope settings 1 ", document);

    /// <summary>A key that nobody marks with, drawn fast, to see what a test finds for such keys. It follows from the seed alone.</summary>
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
    /// The carrier of a class in the k-th counterfactual version: another carrier drawn from the same secret, for the same images and
    /// views. To a model that never saw the published marks all versions are alike (paper §3.5); with an imported key, only if its own
    /// carriers were drawn uniformly too.
    /// </summary>
    /// <param name="label">The class.</param>
    /// <param name="version">The version k, from 1.</param>
    /// <exception cref="IsotopeException">The key was opened without its secret.</exception>
    public ReadOnlyMemory<float> CounterfactualCarrier(int label, int version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        return DrawCarrier(Stream($"counterfactual {version} carrier {label}"));
    }

    /// <summary>
    /// One of the two directions along which an image's twins are marked; a fair coin drawn from the secret decides which one is published.
    /// Both are drawn from the secret whatever the key's origin, so that the coin alone makes them exchangeable.
    /// </summary>
    /// <param name="imageId">The vanilla image's id.</param>
    /// <param name="version">0 for the published twin, 1 for the secret one.</param>
    /// <exception cref="IsotopeException">The key was opened without its secret.</exception>
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
        OptionCheck.Require(classes >= 2, "--classes", "at least 2", classes);
        if ((long)classes * dimension > MaxCarrierValues)
            throw new IsotopeException(
                $"{nameof(classes)} and {nameof(dimension)}",
                "--classes and --dim",
                $"expected at most {MaxCarrierValues} values of carriers, found {classes} × {dimension}"
            );
        OptionCheck.Require(dimension >= 2, "--dim", "at least 2", dimension);
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
        var scale = 1 / Math.Sqrt(SquaredNorm(direction));
        foreach (ref var value in direction)
            value = (float)(value * scale);
    }

    /// <summary>The sum of squares, accumulated in double.</summary>
    internal static double SquaredNorm(ReadOnlySpan<float> direction)
    {
        var squares = 0.0;
        foreach (var value in direction)
            squares += (double)value * value;
        return squares;
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
