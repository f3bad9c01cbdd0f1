"""The two polynomials of src/tanh.rs: minimax fits, and where their coefficients come from.

    python3 tests/data/tanh_fit.py       needs numpy and mpmath

Each polynomial minimises the largest relative error that it leaves in the function it serves. The
coefficients are rounded to f32 one at a time, lowest degree first, and those that are still free
are fitted anew, so that they make up for the rounding.
"""

import sys

import mpmath
import numpy

mpmath.mp.dps = 30
NODES = 3000


def chebyshev(low, high):
    """Points that are dense at both ends, where a minimax error has its peaks."""
    angle = numpy.pi * (numpy.arange(NODES) + 0.5) / NODES
    return (low + high) / 2 - (high - low) / 2 * numpy.cos(angle)


def minimax(x, target, scale, powers):
    """Coefficients c that minimise max |scale * (sum_k c_k x^powers_k - target)|.

    Lawson's algorithm: least squares, with weights that grow where the error is large.
    """
    columns = numpy.stack([x**k for k in powers], axis=1)
    weights = numpy.ones(NODES)
    best = (numpy.inf, None)
    for _ in range(800):
        w = numpy.sqrt(weights) * scale
        c = numpy.linalg.lstsq(columns * w[:, None], target * w, rcond=None)[0]
        error = numpy.abs(scale * (columns @ c - target))
        best = min(best, (error.max(), tuple(c)))
        weights *= (error / error.max()) ** 0.7 + 1e-9
        weights /= weights.mean()
    return best


def rounded_minimax(x, target, scale, degree):
    """The same, for powers 0..degree, every coefficient an f32."""
    done = []
    for k in range(degree + 1):
        error, c = minimax(x, target, scale, range(k, degree + 1))
        done.append(numpy.float32(c[0]))
        target = target - float(done[-1]) * x**k
    return numpy.abs(scale * target).max(), done


def show(name, error, coefficients):
    print(f"{name}: relative error {error:.2e} (2^{numpy.log2(error):.1f})")
    print("   ", ", ".join(f"{c:.9e}" for c in coefficients))


def odd_polynomial(small):
    """tanh a = a + a q p(q), q = a^2, for 0 <= a <= small."""
    a = chebyshev(1e-2, small)
    q = a * a
    exact = [mpmath.tanh(mpmath.mpf(t)) / mpmath.mpf(t) for t in a]
    p = numpy.array([float((e - 1) / mpmath.mpf(t) ** 2) for e, t in zip(exact, a)])
    show(f"p up to {small}", *rounded_minimax(q, p, q / numpy.array(exact, float), 4))


def exp2():
    """2^f = 1 + f p(f), for |f| <= 1/2."""
    f = chebyshev(-0.5, 0.5)
    p = numpy.array([float((mpmath.mpf(2) ** mpmath.mpf(t) - 1) / mpmath.mpf(t)) for t in f])
    show("2^f", *rounded_minimax(f, p, numpy.abs(f) / 2.0**f, 5))


odd_polynomial(float(sys.argv[1]) if len(sys.argv) > 1 else 0.6875)
exp2()
