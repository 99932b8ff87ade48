using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Numerics;

/// <summary>
/// Tensor arithmetic with numbers that stay alive while libtorch reads them. TorchSharp passes each number, and the implicit factor 1 of
/// every sum, as a temporary <c>Scalar</c>, which the garbage collector may free too early when another thread allocates (TorchSharp pull
/// request 1434): now and then a result is silently wrong, or the process dies. <c>TemporaryNumberTests</c> refuses such calls.
/// </summary>
internal static class TensorArithmetic
{
    /// <summary>The number 1, alive until the process ends.</summary>
    public static readonly Scalar One = 1.ToScalar();

    extension(Tensor tensor)
    {
        /// <summary>The sum of two tensors.</summary>
        public Tensor Plus(Tensor other) => tensor.add(other, One);

        /// <summary>Adds another tensor in place.</summary>
        public Tensor AddInPlace(Tensor other) => tensor.add_(other, One);

        public Tensor Plus(double number) => With(number, tensor, static (tensor, number) => tensor.add(number, One));

        public Tensor Times(double number) => With(number, tensor, static (tensor, number) => tensor.mul(number));

        public Tensor Over(double number) => With(number, tensor, static (tensor, number) => tensor.div(number));

        public Tensor Squared() => tensor.mul(tensor);

        /// <summary><paramref name="number"/> − the tensor.</summary>
        public Tensor From(double number) => tensor.neg().Plus(number);

        public Tensor AtLeast(double least) => With(least, tensor, static (tensor, least) => tensor.clamp_min(least));

        public Tensor AtMost(double most) => With(most, tensor, static (tensor, most) => tensor.clamp_max(most));

        /// <summary>Clamps in place.</summary>
        public Tensor ClampInPlace(double least, double most) =>
            With(least, tensor, (tensor, low) => With(most, tensor, (tensor, high) => tensor.clamp_(low, high)));

        public Tensor IsAbove(double number) => With(number, tensor, static (tensor, number) => tensor.gt(number));

        /// <summary>Which elements of an integer tensor equal a value.</summary>
        public Tensor Is(long value)
        {
            using var kept = value.ToScalar();
            return tensor.eq(kept);
        }
    }

    private static Tensor With(double number, Tensor tensor, Func<Tensor, Scalar, Tensor> use)
    {
        using var kept = number.ToScalar();
        return use(tensor, kept);
    }
}
