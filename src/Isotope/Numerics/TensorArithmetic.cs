using TorchSharp;
using static TorchSharp.torch;

namespace Isotope.Numerics;

/// <summary>
/// Arithmetic of tensors whose numbers live as long as torch reads them. TorchSharp hands torch each number, and the factor of 1 of every
/// sum, as a temporary <c>Scalar</c> that the collector may free meanwhile, where another thread allocates (pull request 1434): now and
/// then a result is silently wrong, or the process dies. <c>TemporaryNumberTests</c> refuses calls of what does so.
/// </summary>
internal static class TensorArithmetic
{
    /// <summary>1, for as long as the process runs.</summary>
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

        /// <summary>A number less the tensor.</summary>
        public Tensor From(double number) => tensor.neg().Plus(number);

        public Tensor AtLeast(double least) => With(least, tensor, static (tensor, least) => tensor.clamp_min(least));

        public Tensor AtMost(double most) => With(most, tensor, static (tensor, most) => tensor.clamp_max(most));

        /// <summary>Clamps in place.</summary>
        public Tensor ClampInPlace(double least, double most) =>
            With(least, tensor, (tensor, low) => With(most, tensor, (tensor, high) => tensor.clamp_(low, high)));

        public Tensor IsAbove(double number) => With(number, tensor, static (tensor, number) => tensor.gt(number));

        /// <summary>Where a tensor of integers has a value.</summary>
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
