"""What the network costs: the estimates from which all families on chains plan. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

__all__ = ["FLOPS", "Couplings", "Label", "ancilla_order", "gradient_seconds", "krylov_dimensions", "network_memory"]

Label = Literal["lambda", "lambda_q"]
Couplings = Literal["uniform", "gaussian", "u0515"]

FLOPS = 1e10
"""Floating-point operations per second and core that the estimates assume for the products of small matrices."""


def krylov_dimensions(sites: int, top: int) -> list[int]:
    """Return ``N_lambda`` of the `top` sectors with the most copies of a chain (0: of all), which do not depend on the site dimension."""
    from trainscape.physics.temperley_lieb import irreps

    return [irrep.dimension for irrep in irreps(sites, 2, top or None)]


def ancilla_order(dimensions: Sequence[int], label: Label) -> int:
    """Return ``N_a``."""
    count = len(dimensions) if label == "lambda" else sum(dimensions)
    return 1 << (max(2, count) - 1).bit_length()


def gradient_seconds(dimensions: Sequence[int], ancilla: int, parameters: int) -> float:
    """Estimate one loss with gradient: per layer two thin products with all inputs of a block, there and back."""
    products = sum(max(5e-7, 1.6 * (n * ancilla) ** 2 * n / FLOPS) for n in dimensions)
    return 4 * parameters * products


def network_memory(dimensions: Sequence[int], ancilla: int) -> int:
    """Estimate the memory of an engine for all sectors, in bytes."""
    return 2**26 + sum(100 * (n * ancilla) ** 2 for n in dimensions)
