r"""Widths of angle patches around a Clifford point, and predictions for such patches.

Widths depend on the number of parameters D as :math:`\sigma = c D^{-a}` or
:math:`\sigma^2 = c \ln D / D`. They are the standard deviation of independent Gaussian angles, or
the half width of uniform ones. With a linear Clifford encoder and A anticommuting rotations
:math:`E[g_k^2] \ge (1 - p)^{A + 1}` with :math:`p = E[\sin^2\theta]`, so that the first law keeps
gradients constant for :math:`a \ge 1/2`, lets them decay as :math:`\exp(-\Theta(D^{1 - 2a}))` for
:math:`a < 1/2`, and the second lets them decay as a power of D.

References
----------
S. Meyer, F. Scala, F. Tacchino, A. Lucchi, arXiv 2507.06344: the widths, and, from its public code,
the comparison of costs (`patch_crossover`, `least_parameters`) and the decomposition rank. What the
symbols of the comparison mean is a reading of that code. S. Bravyi et al., Quantum 3, 181 (2019),
for decompositions into stabiliser states.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.simulators.pauli.moments import Patch

__all__ = [
    "leading_path",
    "least_parameters",
    "log_decomposition_rank",
    "logarithmic_patch",
    "patch_crossover",
    "power_patch",
    "published_log_decomposition_rank",
    "two_design_gradient_moment",
]


def power_patch(
    num_parameters: int, exponent: float, constant: float = 1.0, kind: str = "gaussian"
) -> Patch:
    """Return the patch of width ``constant * D**-exponent``.

    Parameters
    ----------
    num_parameters
        D.
    exponent
        a; the published ones are 1, 1/2, 1/3, 1/5 and 0.
    constant
        In radians.
    kind
        ``gaussian`` or ``uniform``.
    """
    _check_parameters(num_parameters)
    return _patch(kind, constant * math.pow(num_parameters, -exponent))


def logarithmic_patch(num_parameters: int, constant: float = 1.0, kind: str = "gaussian") -> Patch:
    """Return the patch whose width squared is ``constant * ln(D) / D``.

    With an encoder, gradients then decay no faster than a power of D. Parameters are as for
    `power_patch`.
    """
    _check_parameters(num_parameters)
    return _patch(kind, math.sqrt(constant * math.log(num_parameters) / num_parameters))


def leading_path(
    patch: Patch, cosines: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Return second moment and mean of the leading Pauli path of an encoded derivative.

    For one string of weight one they are :math:`(1 - p)^{A + 1}`, a lower bound of
    :math:`E[g_k^2]`, and :math:`E[\cos\theta]^{A + 1}`, up to its sign
    :math:`E[g_k]`; see `trainscape.simulators.pauli.single_path`.

    Parameters
    ----------
    patch
        Distribution of the angles.
    cosines
        A, the number of rotations that anticommute with the path; shape ``(...)``.
    """
    powers = np.asarray(cosines, dtype=np.float64) + 1.0
    return (1.0 - patch.flip_probability()) ** powers, patch.mean_cosine() ** powers


def two_design_gradient_moment(num_qubits: int) -> float:
    r"""Return the second moment of a derivative in the limit of wide patches and deep circuits.

    It is :math:`E[g_k^2] = \frac{4^n}{2 (4^n - 1)(2^n + 1)}`, and holds for a Pauli string and a
    rotation about a Pauli product, where the parts of the circuit before and after it are
    independent 2-designs.
    """
    if num_qubits < 1:
        raise ValueError(f"a circuit has at least one qubit, not {num_qubits}")
    strings: int = 4**num_qubits
    states: int = 2**num_qubits
    return strings / (2 * (strings - 1) * (states + 1))


def log_decomposition_rank(theta: ArrayLike) -> NDArray[np.float64]:
    r"""Return the logarithm of the cost of decomposing all rotations into Clifford gates.

    The cost of simulating a circuit in this way is

    .. math:: \chi(\theta) = \prod_k \big(\cos(t_k/2) + \tan(\pi/8) \sin(t_k/2)\big)^4

    with :math:`t_k` the angle modulo pi/2, since quarter turns are Clifford gates. It is 1 at
    Clifford points and larger elsewhere. Its logarithm does not overflow.

    Parameters
    ----------
    theta
        Angles in radians, shape ``(..., D)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``.
    """
    angles = np.mod(np.asarray(theta, dtype=np.float64), math.pi / 2)
    return np.asarray(
        4 * np.log(np.cos(angles / 2) + math.tan(math.pi / 8) * np.sin(angles / 2)).sum(axis=-1)
    )


def published_log_decomposition_rank(theta: ArrayLike) -> NDArray[np.float64]:
    """Return the cost of `log_decomposition_rank` as the public code of arXiv 2507.06344 has it.

    That code does not reduce the angles modulo pi/2, so that the result can be below zero, although
    a rank is at least one. Use it only to compare with the published curve.
    """
    angles = np.asarray(theta, dtype=np.float64)
    return np.asarray(
        4
        * np.log(np.abs(np.cos(angles / 2) + math.tan(math.pi / 8) * np.sin(angles / 2))).sum(
            axis=-1
        )
    )


def patch_crossover(
    failure: float,
    error: float,
    num_parameters: float,
    taylor_constant: float,
    path_constant: float,
) -> float:
    r"""Return the relative width of a patch below which Taylor surrogates beat Pauli paths.

    .. math:: q^* = \exp\left(-\frac{\ln(c / (\rho\epsilon^2))}
              {2 \ln(1/(\rho\epsilon^2)) + 2 \ln\gamma / \ln D}\right).

    It compares the cost ``D^m`` of a Taylor surrogate with the mean square error ``c q^(2 m)``, q
    being the width times sqrt(D), and the cost :math:`\gamma D^{\ln(1/(\rho\epsilon^2))}` of Pauli
    paths.

    Parameters
    ----------
    failure, error
        rho and epsilon: an error above epsilon is allowed with probability rho.
    num_parameters
        D, above 1.
    taylor_constant, path_constant
        c and gamma.

    Raises
    ------
    ValueError
        If D is at most `least_parameters`, where the denominator is not positive and there is no
        crossover.
    """
    target = math.log(failure) + 2 * math.log(error)
    denominator = -2 * target + 2 * math.log(path_constant) / math.log(num_parameters)
    if denominator <= 0:
        raise ValueError(
            f"no crossover exists for {num_parameters} parameters with the path constant "
            f"{path_constant}; it needs more than "
            f"{least_parameters(failure, error, path_constant):.6g}"
        )
    return math.exp(-(math.log(taylor_constant) - target) / denominator)


def least_parameters(failure: float, error: float, path_constant: float) -> float:
    r"""Return the number of parameters D* above which `patch_crossover` exists.

    It is :math:`D^* = \exp(\ln\gamma / (\ln\rho + 2\ln\epsilon))`; parameters are as there.
    """
    return math.exp(math.log(path_constant) / (math.log(failure) + 2 * math.log(error)))


def _patch(kind: str, size: float) -> Patch:
    if kind == "gaussian":
        return Patch("gaussian", size)
    if kind == "uniform":
        return Patch("uniform", size)
    raise ValueError(f"unknown distribution of angles {kind!r}; known are gaussian, uniform")


def _check_parameters(num_parameters: int) -> None:
    if num_parameters < 1:
        raise ValueError(
            "the width of a patch depends on the number of parameters, which is at least one, not "
            f"{num_parameters}"
        )
