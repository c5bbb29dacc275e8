"""Numba kernels for evolutions ``exp(-i t H)`` under Pauli strings that do not commute.

They use a Chebyshev expansion. With R the sum of the absolute weights of H, so that no eigenvalue
of H / R exceeds 1 in absolute value,

    exp(-i t H) = sum_k c_k T_k(H / R),    c_0 = J_0(x),    c_k = 2 (-i)^k J_k(x),    x = t R

(H. Tal-Ezer and R. Kosloff, J. Chem. Phys. 81, 3967 (1984)). The degree follows from ``|J_k(x)| <=
exp(k (tanh a - a))`` with ``cosh a = k / x`` for k > x (K. M. Siegel, Proc. Amer. Math. Soc. 4, 858
(1953)). The exponent falls by at least a from each k to the next, so that the sum of the dropped
coefficients is below a geometric series: the norm of the error is below `TOLERANCE`, apart from
rounding. The vectors T_k follow from ``T_{k+1} = 2 (H / R) T_k - T_{k-1}`` with two work vectors.

H is applied one row at a time: a row consists of the amplitudes with one value of the high half of
the index. Strings that flip the same bits share one pass over their source.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.statevector.program import (
    END_OF_GROUPS,
    EVOLUTION_PARAMETER,
    FIRST_GROUP,
    GROUP_Z_MASK,
    HIGH_SIGNS,
    LOW_SIGNS,
    RADIUS,
    SCALE,
    TARGET_WEIGHT,
    WEIGHT,
    Program,
    Scratch,
)
from trainscape.simulators.statevector.scalar_kernels import total_of, unit_of
from trainscape.simulators.statevector.string_kernels import inject_pauli
from trainscape.simulators.statevector.vectors import WIDTH

__all__ = [
    "apply_evolution",
    "bessel_functions",
    "chebyshev_degree",
    "inject_evolution",
    "undo_evolution",
]

Real = NDArray[np.float64]

u64 = nb.uint64

TOLERANCE = 1e-15
"""Bound on the sum of the absolute values of the dropped coefficients."""


@nb.njit(cache=True)
def chebyshev_degree(x: float) -> int:
    """Return the degree of the expansion with argument x >= 0.

    All coefficients of higher degree add up to less than `TOLERANCE`.
    """
    degree = int(x)
    while x > 0:
        k = degree + 1
        a = math.acosh(k / x)
        if 2.0 * math.exp(k * (math.tanh(a) - a)) <= TOLERANCE * -math.expm1(-a):
            break
        degree += 1
    return degree


@nb.njit(cache=True)
def bessel_functions(x: float) -> Real:
    """Return J_0(x), ..., J_K(x) for x >= 0 and the K of `chebyshev_degree`.

    They come from a backward recurrence (J. C. P. Miller's algorithm).
    """
    degree = chebyshev_degree(x)
    values = np.zeros(degree + 1)
    if degree < 2:
        # x is so small that the next terms of the power series vanish by rounding.
        values[0] = 1.0 - 0.25 * x * x
        values[1:] = 0.5 * x
        return values
    above, value, total = 0.0, 1e-200, 0.0
    for k in range(degree + 20, -1, -1):
        if k <= degree:
            values[k] = value
        if k % 2 == 0:
            total += value if k == 0 else 2.0 * value
        above, value = value, 2.0 * k / x * value - above
        if abs(value) > 1e200:
            values *= 1e-200
            above, value, total = above * 1e-200, value * 1e-200, total * 1e-200
    values /= total
    return values


@nb.njit(cache=True)
def _image(program: Program, evolution: int, v: Real, h: int, scratch: Scratch) -> None:
    """Write row h of H v to the last two rows of the work space, as real and imaginary parts."""
    half = u64(v.size) >> u64(1)
    width = u64(1) << u64(program.low_bits)
    factors, real, imaginary = scratch.row[0], scratch.row[1], scratch.row[2]
    real[:] = 0.0
    imaginary[:] = 0.0
    for group in range(
        program.evolutions[evolution, FIRST_GROUP], program.evolutions[evolution, END_OF_GROUPS]
    ):
        x, times_i, first, last = program.groups[group]
        factors[:] = 0.0
        for t in range(first, last):
            weight = (
                program.group_weights[t, TARGET_WEIGHT]
                * program.signs[program.group_strings[t, HIGH_SIGNS], h]
            )
            signs = program.signs[program.group_strings[t, LOW_SIGNS]]
            for j in range(width):
                factors[j] += weight * signs[j]
        flips = u64(x) & (width - u64(1))
        start = (u64(h) ^ (u64(x) >> u64(program.low_bits))) * width
        # With a factor i, the real part comes from minus the imaginary part, and the imaginary
        # part from the real part.
        sign = -1.0 if times_i else 1.0
        to_real, to_imaginary = (half + start, start) if times_i else (start, half + start)
        run = flips & (~flips + u64(1)) if flips else width
        if run >= u64(WIDTH):
            for block in range(u64(0), width, run):
                source = block ^ flips
                for j in range(run):
                    real[block + j] += sign * factors[block + j] * v[to_real + source + j]
                    imaginary[block + j] += factors[block + j] * v[to_imaginary + source + j]
        else:
            for j in range(width):
                real[j] += sign * factors[j] * v[to_real + (j ^ flips)]
                imaginary[j] += factors[j] * v[to_imaginary + (j ^ flips)]


@nb.njit(cache=True)
def _term(
    program: Program,
    evolution: int,
    source: Real,
    target: Real,
    total: Real,
    factors: tuple[float, float, float, float],
    scratch: Scratch,
) -> None:
    """Set target = factors[0] H source - factors[1] target, and add a multiple of it to `total`.

    The multiple is factors[2] + i factors[3].
    """
    half = u64(source.size) >> u64(1)
    width = u64(1) << u64(program.low_bits)
    new, old, c, s = factors
    real, imaginary = scratch.row[1], scratch.row[2]
    for h in range(half >> u64(program.low_bits)):
        _image(program, evolution, source, h, scratch)
        for j in range(width):
            i = h * width + j
            a, b = new * real[j] - old * target[i], new * imaginary[j] - old * target[half + i]
            target[i], target[half + i] = a, b
            total[i] += c * a - s * b
            total[half + i] += c * b + s * a


@nb.njit(cache=True)
def _evolve(program: Program, evolution: int, time: float, v: Real, scratch: Scratch) -> None:
    """Apply exp(-i time H)."""
    radius = program.times[evolution, RADIUS]
    bessel = bessel_functions(abs(time) * radius)
    total, ahead, behind = scratch.vectors[0], scratch.vectors[1], v
    total[:] = bessel[0] * v
    ahead[:] = 0.0
    new, old = 1.0 / radius, 0.0
    unit = 1 + 0j
    for k in range(1, bessel.size):
        unit *= -1j if time > 0 else 1j
        c = 2.0 * bessel[k] * unit
        _term(program, evolution, behind, ahead, total, (new, old, c.real, c.imag), scratch)
        behind, ahead = ahead, behind
        new, old = 2.0 / radius, 1.0
    v[:] = total


@nb.njit(cache=True)
def _overlap(program: Program, evolution: int, p: Real, q: Real, scratch: Scratch) -> float:
    """Return Im <lambda|H|psi>."""
    half = u64(p.size) >> u64(1)
    width = u64(1) << u64(program.low_bits)
    real, imaginary, lanes = scratch.row[1], scratch.row[2], scratch.lanes[0]
    lanes[:WIDTH] = 0.0
    for h in range(half >> u64(program.low_bits)):
        _image(program, evolution, p, h, scratch)
        for i in range(u64(0), width, u64(WIDTH)):
            o = h * width + i
            for j in range(u64(WIDTH)):
                lanes[j] += q[o + j] * imaginary[i + j] - q[half + o + j] * real[i + j]
    total: float = total_of(lanes)
    return total


@nb.njit(cache=True)
def _time(program: Program, evolution: int, theta: Real) -> float:
    time: float = (
        program.times[evolution, SCALE] * theta[program.evolutions[evolution, EVOLUTION_PARAMETER]]
    )
    return time


@nb.njit(cache=True)
def apply_evolution(
    program: Program, evolution: int, theta: Real, v: Real, scratch: Scratch
) -> None:
    """Apply one of the evolutions."""
    _evolve(program, evolution, _time(program, evolution, theta), v, scratch)


@nb.njit(cache=True)
def undo_evolution(
    program: Program,
    evolution: int,
    theta: Real,
    p: Real,
    q: Real,
    scratch: Scratch,
    gradient: Real,
) -> None:
    """Undo one of the evolutions on psi = p and lambda = q.

    Its derivative by the time is 2 Im <lambda|H|psi>; times the scale it is added to `gradient`.
    """
    time = _time(program, evolution, theta)
    gradient[program.evolutions[evolution, EVOLUTION_PARAMETER]] += (
        2.0 * program.times[evolution, SCALE] * _overlap(program, evolution, p, q, scratch)
    )
    _evolve(program, evolution, -time, p, scratch)
    _evolve(program, evolution, -time, q, scratch)


@nb.njit(cache=True)
def inject_evolution(
    program: Program, evolution: int, v: Real, columns: int, source: int, target: int, factor: float
) -> None:
    """Add -i factor H of column `source` to column `target`."""
    for group in range(
        program.evolutions[evolution, FIRST_GROUP], program.evolutions[evolution, END_OF_GROUPS]
    ):
        x, _, first, last = program.groups[group]
        for t in range(first, last):
            z = program.group_strings[t, GROUP_Z_MASK]
            inject_pauli(
                v,
                columns,
                source,
                target,
                x,
                z,
                -1j * factor * program.group_weights[t, WEIGHT] * unit_of(x, z),
            )
