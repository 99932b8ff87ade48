"""Makes the golden values beside this file: python3 make_golden.py (mpmath 1.2 or later; about two minutes).

Every input is the double that the tests read or compute; every output is worked out with 40 digits or more and
written with 17. log10 of p below double's range near p = 1 is written as it is (-4.3e-741) and reads as 0.
"""

from pathlib import Path

from mpmath import beta, betainc, erfc, gammainc, hyp2f1, log, log1p, log10, mp, mpf, nstr, sqrt

HERE = Path(__file__).parent
mp.dps = 80

DIMENSIONS = [2, 3, 4, 5, 8, 16, 33, 64, 65, 128, 512, 1000, 2048, 4096]
COSINES = [1e-8, 1e-4, 0.01, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 0.999999]
COUNTS = [1, 2, 3, 5, 10, 15, 16, 17, 18, 30, 100, 300, 1000, 3000, 10000]
FISHER_SCALES = [1e-12, 1e-6, 1e-3, 0.1, 0.5, 0.7, 0.8, 0.85, 0.87, 0.9, 1.0, 2.0, 5.0, 30.0, 1000.0, 1e4, 1e6]
STOUFFER_SCALES = [1e-300, 1e-12, 1e-6, 1e-3, 0.1, 0.4, 0.6, 0.62, 0.64, 1.0, 5.0, 100.0, 1e4]
NORMAL_SCORES = [0, 1e-8, 1e-3, 0.5, 1, 1.5, 1.999, 2, 2.001, 3, 5, 10, 20, 37, 38.5, 100, 214.6, 21460]


def write(name, header, rows):
    lines = [header] + [",".join(repr(x) if isinstance(x, (int, float)) else nstr(x, 17) for x in row) for row in rows]
    (HERE / name).write_text("\n".join(lines) + "\n")


def complement(log_tail):
    """log10(1 - p) from ln p, with the digits of p kept however small it is."""
    return log1p(-mp.exp(log_tail)) / log(10)


def cosine_tail(c, d):
    """P(cos >= c), 0 <= c <= 1: the integral of the density (1 - t^2)^((d-3)/2) / B((d-1)/2, 1/2), in closed form."""
    a = mpf(d - 1) / 2
    return 0.5 - c * hyp2f1(0.5, 1 - a, 1.5, c * c) / beta(a, 0.5)


def cosine_rows():
    for d in DIMENSIONS:
        for size in [0.0] + COSINES:
            c = mpf(size)
            p = betainc(mpf(d - 1) / 2, 0.5, 0, (1 - c) * (1 + c), regularized=True) / 2 if size else mpf(0.5)
            if p > 1e-40:  # a second formula, where its cancellation leaves it digits
                assert abs(cosine_tail(c, d) / p - 1) < 1e-25, (d, size)
            yield d, size, log10(p)
            if size:
                yield d, -size, complement(log(p))


def spread(k, scale):
    """The doubles -scale, -scale(k-1)/k, ..., -scale/k: log10 of k p-values, the same in the tests."""
    return [-scale * (i + 1) / k for i in range(k)]


def log10_erlang(k, x):
    """log10 of the upper tail, from whichever side is small."""
    if x < k:
        return complement(log(gammainc(k, 0, x, regularized=True)))
    term = total = mpf(1)
    for j in range(k - 1, 0, -1):
        term = term * j / x
        total += term
    return (log(total) + (k - 1) * log(x) - x - mp.loggamma(k)) / log(10)


def fisher_rows():
    for k in COUNTS:
        for scale in FISHER_SCALES:
            x = -sum(mpf(v) for v in spread(k, scale)) * log(10)
            yield k, scale, log10_erlang(k, x)


def log_normal_tail(z):
    return log(erfc(z / sqrt(mpf(2))) / 2) if z > -5 else log1p(-erfc(-z / sqrt(mpf(2))) / 2)


def normal_rows():
    for z in NORMAL_SCORES:
        yield z, log_normal_tail(mpf(z)) / log(10)
        if 0 < z < 38:
            yield -z, log_normal_tail(mpf(-z)) / log(10)


def normal_score(log_p):
    """z with ln P(N >= z) = log_p, by Newton's method on the logarithm of the smaller tail."""
    if log_p > -log(mpf(2)):
        return -normal_score(log(-mp.expm1(log_p)))
    z = sqrt(-2 * (log_p + log(mpf(2))))
    for _ in range(200):
        log_tail = log_normal_tail(z)
        step = (log_tail - log_p) * mp.exp(log_tail + z * z / 2) * sqrt(2 * mp.pi)
        z += step
        if abs(step) < mpf(10) ** (-mp.dps // 3):
            return z
    raise ArithmeticError("no convergence")


def stouffer_rows():
    for k in COUNTS:
        for scale in STOUFFER_SCALES if k <= 1000 else [1e-3, 0.62, 5.0, 1e4]:
            mp.dps = 40 if scale > 1e-200 else 340  # 1 - 1e-300 must not round to 1
            z = sum(normal_score(mpf(v) * log(10)) for v in spread(k, scale)) / sqrt(mpf(k))
            yield k, scale, log_normal_tail(z) / log(10)


write("cosine.csv", "dimension,cosine,log10p", cosine_rows())
write("fisher.csv", "count,scale,log10p", fisher_rows())
write("normal.csv", "z,log10p", normal_rows())
write("stouffer.csv", "count,scale,log10p", stouffer_rows())
