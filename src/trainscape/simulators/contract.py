"""The contract that every simulator engine keeps. One shared test class checks it.

An engine is built for one problem (circuit, observable, inputs) and evaluates batches of parameter
vectors ``theta`` of shape ``(S, P)``. The loss of a problem is the mean over its inputs. Building
an engine may be expensive; evaluating must not be.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Cost", "Engine", "Quantity", "check_direction", "quantum_fisher_of"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


class Quantity(StrEnum):
    """Quantities that an engine may compute."""

    VALUE = "value"
    GRADIENT = "gradient"
    JACOBIAN = "jacobian"
    QFIM = "qfim"
    HESSIAN = "hessian"
    HESSIAN_VECTOR_PRODUCT = "hessian_vector_product"


@dataclass(frozen=True)
class Cost:
    """Estimated cost of one call.

    Parameters
    ----------
    seconds
        Time on one core.
    bytes
        Peak memory.
    """

    seconds: float
    bytes: int


class Engine(ABC):
    """Base class of all engines. Subclasses override what `supports` says that they support."""

    name: ClassVar[str]

    @classmethod
    @abstractmethod
    def supports(cls, problem: Any, quantity: Quantity) -> str | None:
        """Return None if the engine can compute `quantity` of `problem`, else the reason."""

    @classmethod
    @abstractmethod
    def cost(cls, problem: Any, quantity: Quantity, batch: int) -> Cost:
        """Estimate the cost of one call with `batch` parameter vectors."""

    @abstractmethod
    def __init__(self, problem: Any) -> None: ...

    @abstractmethod
    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)``."""

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``."""
        raise NotImplementedError(f"the {self.name} engine has no gradient")

    def gradient(self, theta: Real) -> Real:
        """Return the gradient of the loss, shape ``(S, P)``."""
        return self.value_and_gradient(theta)[1]

    def jacobian(self, theta: Real) -> Complex:
        """Return the derivatives of the output states, shape ``(S, P, D)``.

        The states of all inputs follow one another in ``D``.
        """
        raise NotImplementedError(f"the {self.name} engine has no state Jacobian")

    def quantum_fisher(self, theta: Real) -> Real:
        """Return the quantum Fisher information matrix, averaged over the inputs.

        Its shape is ``(S, P, P)``; see `quantum_fisher_of`.
        """
        raise NotImplementedError(f"the {self.name} engine has no quantum Fisher information")

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian of the loss, shape ``(S, P, P)``."""
        raise NotImplementedError(f"the {self.name} engine has no Hessian")

    def hessian_vector_product(self, theta: Real, direction: Real) -> Real:
        """Return the Hessian of the loss times `direction`, shape ``(S, P)``.

        The direction has shape ``(S, P)``, or ``(P,)`` for all samples.
        """
        raise NotImplementedError(f"the {self.name} engine has no Hessian-vector product")


def quantum_fisher_of(states: Complex, jacobians: Complex, inputs: int = 1) -> Real:
    """Return the quantum Fisher information matrix of output states, averaged over the inputs.

    ``F_jk = 4 / M sum_m Re(<d_j psi_m|d_k psi_m> - <d_j psi_m|psi_m> <psi_m|d_k psi_m>)``, as in
    J. J. Meyer, Quantum 5, 539 (2021).

    Parameters
    ----------
    states
        Shape ``(S, M * D)``: the output states of M inputs one after the other.
    jacobians
        Their derivatives, shape ``(S, P, M * D)``.
    inputs
        Number of inputs M.

    Returns
    -------
    numpy.ndarray
        Shape ``(S, P, P)``.
    """
    samples, p = jacobians.shape[:2]
    fisher = np.empty((samples, p, p))
    for sample in range(samples):
        psi = states[sample].reshape(inputs, -1)
        tangents = jacobians[sample].reshape(p, inputs, psi.shape[1])
        overlaps = np.einsum("md,pmd->pm", psi.conj(), tangents)
        centred = (tangents - overlaps[:, :, None] * psi).reshape(p, psi.size)
        real = np.concatenate([centred.real, centred.imag], axis=1)
        fisher[sample] = 4 / inputs * (real @ real.T)
    return fisher


def check_direction(direction: ArrayLike, theta: Real) -> Real:
    """Return a direction as an array of the shape of `theta`.

    Raises
    ------
    ValueError
        If it has another shape than ``(S, P)`` or ``(P,)``, or is not finite.
    """
    vectors = np.asarray(direction, dtype=np.float64)
    if vectors.shape not in (theta.shape, theta.shape[1:]) or not np.isfinite(vectors).all():
        raise ValueError(
            f"the direction has shape {vectors.shape}; it needs finite numbers of shape "
            f"{theta.shape}, as theta, or {theta.shape[1:]} for all samples"
        )
    return np.broadcast_to(vectors, theta.shape)
