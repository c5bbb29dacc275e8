r"""Exact Haar averages of loss and gradient for networks that act on irreducible blocks.

If the parts of a network before and after a gate :math:`e^{iA\theta}` are independent Haar-random
unitaries of every block (order ``D``), then :math:`E[\partial\ell] = 0` and

.. math::

    \mathrm{Var}[\partial\ell] =
    \sum_\lambda \frac{2 D a_2}{(D^2-1)^2} \sum_{ij} r_{ij} o_{ij}, \qquad
    \mathrm{Var}[\ell] = \sum_\lambda \frac{1}{D^2-1} \sum_{ij} r_{ij} o_{ij},

with the traceless overlaps of the weighted inputs, of their observables and of the gate,

.. math:: r_{ij} = \frac{1}{M^2}\Big(|\langle\psi_i|\psi_j\rangle|^2 - \frac1D\Big), \quad
    o_{ij} = \mathrm{Tr}\,O_i O_j - \frac{\mathrm{Tr}\,O_i\,\mathrm{Tr}\,O_j}{D}, \quad
    a_2 = \mathrm{Tr}\,A^2 - \frac{(\mathrm{Tr}\,A)^2}{D}.

If all inputs of a block have the same observable, the double sum is :math:`o_2 r_2` with
:math:`r_2 = \mathrm{Tr}\,\rho^2 - (\mathrm{Tr}\,\rho)^2/D`. Derived here with second-order
Weingarten calculus; the loss variance agrees with Ragone et al., arXiv:2309.09342 (one simple ideal
per block). It is what a lower bound on the gradient variance of the network of arXiv:2512.00751
(Theorem 2) has to be compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainscape.simulators.sectors.problem import SectorBlock

__all__ = [
    "HaarMoments",
    "LabelledSector",
    "haar_gradient_variance",
    "haar_moments",
    "label_gradient_variance",
    "projector_gradient_variance",
    "untrained_loss",
]


@dataclass(frozen=True)
class HaarMoments:
    """Moments under independent Haar-random blocks.

    Parameters
    ----------
    gradient_variance
        Variance of one component of the gradient; its mean is zero.
    loss_mean, loss_variance
        Mean and variance of the loss.
    block_gradient_variances
        The summands of `gradient_variance`, one for each block.
    """

    gradient_variance: float
    loss_mean: float
    loss_variance: float
    block_gradient_variances: tuple[float, ...]


def haar_moments(blocks: Sequence[SectorBlock]) -> HaarMoments:
    """Return the exact moments of a network on irreducible blocks.

    Parameters
    ----------
    blocks
        All blocks, with their gates, inputs and labels. The loss is the mean over all inputs.

    Raises
    ------
    ValueError
        If there are no blocks.
    """
    if not blocks:
        raise ValueError(
            "no blocks were given, so there is no loss to average; pass problem.blocks"
        )
    size = sum(block.inputs.shape[1] for block in blocks)
    gradients, mean, variance = [], 0.0, 0.0
    for block in blocks:
        order = len(block.gate)
        rejected = (~block.accepted).astype(np.float64)
        traces = rejected.sum(axis=0)
        mean += float(traces.sum()) / order / size
        if order == 1:
            gradients.append(0.0)
            continue
        gate = float(np.vdot(block.gate, block.gate).real - np.trace(block.gate).real ** 2 / order)
        observables = rejected.T @ rejected - np.outer(traces, traces) / order
        inputs = (np.abs(block.inputs.conj().T @ block.inputs) ** 2 - 1.0 / order) / size**2
        overlap = float((observables * inputs).sum())
        gradients.append(2.0 * order * gate * overlap / (order**2 - 1.0) ** 2)
        variance += overlap / (order**2 - 1.0)
    return HaarMoments(sum(gradients), mean, variance, tuple(gradients))


def haar_gradient_variance(blocks: Sequence[SectorBlock]) -> float:
    """Return the exact variance of one component of the gradient; see `haar_moments`."""
    return haar_moments(blocks).gradient_variance


@dataclass(frozen=True)
class LabelledSector:
    """A sector whose label is learned from all its states, as far as averages depend on it.

    Parameters
    ----------
    dimension
        Krylov dimension.
    trace, square
        Trace of the scaled first generator on it, and of its square: equal for a projector.
    """

    dimension: int
    trace: float
    square: float


def label_gradient_variance(
    sectors: Sequence[LabelledSector], ancilla: int, *, single: bool = False
) -> float:
    r"""Return the Haar average of the squared gradient, from the dimensions of sectors alone.

    The network learns the sector of a state, with the gate generator :math:`(h \otimes 1 + 1
    \otimes |v\rangle\langle v|) / 2`. Nothing of the vector ``v`` is left, so that instances do not
    differ.

    Parameters
    ----------
    sectors
        The sectors; the training set has all their states, one copy of each.
    ancilla
        Dimension of the ancilla register.
    single
        Whether the loss is that of one training state, with the mean over the states taken of the
        squared gradients; otherwise it is the mean over all states.
    """
    size = sum(sector.dimension for sector in sectors)
    free = 1.0 - 1.0 / ancilla
    total = 0.0
    for sector in sectors:
        # Shares of the dimension, since dimensions of long chains overflow in higher powers.
        order = float(sector.dimension) * ancilla
        mean = float(sector.trace) / float(sector.dimension)
        spread = float(sector.square) / float(sector.dimension) - mean**2
        gate = (ancilla * spread + free) / (4.0 * ancilla)
        observable = free / ancilla
        norm = (1.0 - order**-2) ** 2
        share = float(sector.dimension) / float(size)
        if single:
            # Of the dimension: a pure state has r2 = 1 - 1 / D.
            total += share * 2.0 * observable * gate * (1.0 - 1.0 / order) / (norm * order)
        else:
            inputs = free / ancilla
            total += 2.0 * observable * gate * inputs / (norm * float(size) ** 2)
    return total


def projector_gradient_variance(qubits: int, label_qubits: int) -> float:
    r"""Return the variance of a derivative of a loss that some qubits of a circuit do not read 0.

    The parts of the circuit before and after a gate :math:`e^{-i\theta P/2}` are Haar-random on the
    whole space, of dimension :math:`D = 2^n`. Then it is
    :math:`2 o_2 a_2 / ((D^2 - 1)(D + 1))` with :math:`a_2 = D/4`, and :math:`o_2 = k - k^2/D` for a
    projector of rank :math:`k`.

    Parameters
    ----------
    qubits
        Number ``n`` of qubits.
    label_qubits
        Qubits that should read 0: their projector has the rank ``2**(n - label_qubits)``.
    """
    order, rank = 2**qubits, 2 ** (qubits - label_qubits)
    return float(2 * (rank - rank**2 / order) * (order / 4) / ((order**2 - 1) * (order + 1)))


def untrained_loss(dimension: int, ancilla: int, untrained: int, label: str) -> float:
    r"""Return the average loss of states that were left out of training.

    Training fixes the images of the other states of the sector, and the network is free on their
    complement. For a Haar-random unitary there, with ``k`` of :math:`N` states left out, it is

    .. math::

        1 - \frac{k}{N N_a - N + k} \ (\text{label } \lambda), \qquad
        1 - \frac{N}{N N_a - N + k} \ (\text{label } (\lambda, q)),

    because the trained states fill :math:`N - k` dimensions: all inside the right outcome in the
    first case, all outside it in the second. A whole sector left out gives :math:`1 - 1/N_a`.

    Parameters
    ----------
    dimension
        Krylov dimension ``N`` of the sector.
    ancilla
        Dimension ``N_a`` of the register that the label is written on.
    untrained
        Number ``k`` of states left out.
    label
        What is learned: the sector (``lambda``), or the state too (``lambda_q``).
    """
    right = untrained if label == "lambda" else dimension
    return 1 - right / (dimension * ancilla - dimension + untrained)
