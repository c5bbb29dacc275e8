"""The contract that every simulator engine keeps, and that one shared test class checks.

An engine is built for one problem (circuit, observable, inputs) and evaluates batches of parameter vectors ``theta`` of shape ``(S, P)``.
The loss of a problem is the mean over its inputs. Building an engine may be expensive; evaluating must not be.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cost", "Engine", "Quantity"]

Real = NDArray[np.float64]


class Quantity(StrEnum):
    """What an engine can be asked for."""

    VALUE = "value"
    GRADIENT = "gradient"
    JACOBIAN = "jacobian"
    HESSIAN = "hessian"
    QFIM = "qfim"
    HESSIAN_VECTOR_PRODUCT = "hessian_vector_product"


@dataclass(frozen=True)
class Cost:
    """Estimated cost of one call: seconds on one core, and peak memory in bytes."""

    seconds: float
    bytes: int


class Engine(ABC):
    """Base of all engines. Subclasses override what they support and say so in `supports`."""

    name: ClassVar[str]

    @classmethod
    @abstractmethod
    def supports(cls, problem: Any, quantity: Quantity) -> str | None:
        """Return None if the engine can compute `quantity` of `problem`, else the reason why not."""

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

    def jacobian(self, theta: Real) -> NDArray[np.complex128]:
        """Return the derivatives of the output states, shape ``(S, P, D)`` with all inputs stacked in ``D``."""
        raise NotImplementedError(f"the {self.name} engine has no state Jacobian")

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian of the loss, shape ``(S, P, P)``."""
        raise NotImplementedError(f"the {self.name} engine has no Hessian")
