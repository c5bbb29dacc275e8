r"""The quantum neural network that learns fragments: its instances, restricted to sectors.

A system whose bond algebra has generators :math:`h_1 \dots h_m` is coupled to an ancilla register
of dimension :math:`N_a`, which starts in :math:`|0\dots0\rangle` and on which the label is
measured. With one Hamiltonian, one gate generator and random times the network is

.. math::

    U(\theta) = e^{iHt''} \Big[\prod_{i=1}^{p} e^{-iHt_i} e^{iA\theta_i} e^{iHt_i}\Big] e^{-iHt'}

where the leftmost factor ``i = 1`` acts last, and

.. math::

    H &= \sum_j c_j h_j \otimes 1 + \sum_j c'_j \{h_j, h_{j+1}\} \otimes 1
        + 1 \otimes H_{anc} + \sum_{j,k} g_{jk}\, h_j \otimes \sigma_k, \\
    A &= \tfrac12 \left( s\, h_1 \otimes 1 + 1 \otimes |v\rangle\langle v| \right).

Each factor acts as the identity on the copies of a Krylov space, so that the sector of dimension
:math:`N_\lambda` is simulated exactly by matrices of order :math:`D_\lambda = N_\lambda N_a`. The
system is the more significant tensor factor; ancilla qubit 0 is the most significant of its
register.

The ansatz leaves open what an instance is drawn from. Chosen here (with :math:`c'_j = 0` except for
`Couplings.J2`):

* :math:`\sigma_k` runs over ``X`` and ``Z`` of every ancilla qubit, :math:`g_{jk}` is normal with
  variance :math:`1/(2 n_a)`, :math:`H_{anc}` is from the Gaussian orthogonal ensemble with
  off-diagonal variance :math:`1/N_a`, and :math:`v` is uniform on the real unit sphere. All are
  real, because that halves the arithmetic and restricts nothing: for generic real symmetric ``H``
  and ``A`` the dynamical Lie algebra of ``iH, iA`` is the full special unitary algebra of each
  sector.
* With the term :math:`|v\rangle\langle v|` no sector is frozen. Without it (`Gate.PRODUCT`), a
  sector that all generators annihilate has zero gradient at every parameter.

Source of the ansatz and of the reduced training set: arXiv:2512.00751 (architecture and Theorem 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.bond_coefficients import (
    Couplings,
    Operator,
    chain_hamiltonian,
    dense,
    draw_coefficients,
)
from trainscape.physics.pauli import PauliString
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem, frozen_blocks
from trainscape.trainability.label_learning import ancilla_dimension

__all__ = [
    "Couplings",
    "FragmentationQNN",
    "FrozenSectorError",
    "Gate",
    "Label",
    "ancilla_paulis",
    "build_problem",
    "chain_hamiltonian",
    "draw_coefficients",
    "draw_parameters",
    "draw_qnn",
    "draw_times",
    "labelled_block",
    "qnn_operators",
]

Real = NDArray[np.float64]


class Label(StrEnum):
    """What the network has to write on the ancilla."""

    LAMBDA = "lambda"
    """The sector."""
    LAMBDA_Q = "lambda_q"
    """The sector and the state inside its Krylov space (Schur transform)."""


class Gate(StrEnum):
    """Forms of the gate generator ``A``."""

    SUM = "sum"
    """``(s h_1 (x) 1 + 1 (x) |v><v|) / 2``: acts in every sector."""
    PRODUCT = "product"
    """``s h_1 (x) |v><v|``: vanishes in frozen sectors."""


class FrozenSectorError(ValueError):
    """A sector in which the gate generator is a multiple of the identity.

    Its gradient vanishes at every parameter.
    """


@dataclass(frozen=True)
class FragmentationQNN:
    """One drawn instance of the network, without its times.

    Parameters
    ----------
    coefficients
        ``c_j``, shape ``(m,)``.
    couplings
        ``g_jk``, shape ``(m, 2 n_a)``, columns in the order of `ancilla_paulis`.
    ancilla_hamiltonian
        ``H_anc``, real symmetric, shape ``(N_a, N_a)``.
    ancilla_vector
        ``v``, real unit vector, shape ``(N_a,)``.
    gate_scale
        ``s``, which makes ``s h_1`` a projector: ``1/d`` for Temperley-Lieb generators.
    gate
        Form of the gate generator.
    anticommutators
        Coefficients ``c'_j`` of the anticommutators of neighbours in ``H``, shape ``(m - 1,)``;
        None for a Hamiltonian without these terms.
    """

    coefficients: Real
    couplings: Real
    ancilla_hamiltonian: Real
    ancilla_vector: Real
    gate_scale: float
    gate: Gate = Gate.SUM
    anticommutators: Real | None = None


def ancilla_paulis(ancilla_dim: int) -> Real:
    """Return ``X_0, Z_0, X_1, Z_1, ..`` of the ancilla qubits, shape ``(2 n_a, N_a, N_a)``."""
    qubits = _ancilla_qubits(ancilla_dim)
    words = [PauliString.on(qubits, {k: letter}) for k in range(qubits) for letter in "XZ"]
    return np.array([word.matrix().real for word in words])


def _ancilla_qubits(ancilla_dim: int) -> int:
    if ancilla_dim < 2 or ancilla_dim & (ancilla_dim - 1):
        raise ValueError(
            f"ancilla_dim={ancilla_dim} is not the dimension of a register of at least one qubit; "
            "use a power of two, see ancilla_dimension"
        )
    return ancilla_dim.bit_length() - 1


def draw_qnn(
    rng: np.random.Generator,
    generators: int,
    ancilla_dim: int,
    *,
    couplings: Couplings = Couplings.U0515,
    gate_scale: float,
    gate: Gate = Gate.SUM,
) -> FragmentationQNN:
    """Draw an instance.

    The coefficients come first from the stream, so that instances that differ in the ancilla only
    share them.

    Parameters
    ----------
    rng
        Random stream.
    generators
        Number ``m`` of generators of the bond algebra.
    ancilla_dim
        ``N_a``, a power of two.
    couplings
        Family of the coefficients.
    gate_scale, gate
        See `FragmentationQNN`.
    """
    qubits = _ancilla_qubits(ancilla_dim)
    if generators < 1:
        raise ValueError(f"generators={generators}: the bond algebra needs at least one generator")
    coefficients, anticommutators = draw_coefficients(rng, generators, couplings)
    mixing = rng.standard_normal((generators, 2 * qubits)) / np.sqrt(2 * qubits)
    square = rng.standard_normal((ancilla_dim, ancilla_dim))
    vector = rng.standard_normal(ancilla_dim)
    return FragmentationQNN(
        coefficients=coefficients,
        couplings=mixing,
        ancilla_hamiltonian=(square + square.T) / np.sqrt(2 * ancilla_dim),
        ancilla_vector=vector / np.linalg.norm(vector),
        gate_scale=gate_scale,
        gate=gate,
        anticommutators=anticommutators,
    )


def draw_times(rng: np.random.Generator, layers: int, horizon: float) -> Real:
    """Draw ``t', t'', t_1, .., t_p`` uniformly from ``[0, horizon]``, shape ``(layers + 2,)``.

    A longer draw from an equal stream extends a shorter one, so that networks with more layers
    contain those with fewer.
    """
    return rng.uniform(0.0, horizon, layers + 2)


def draw_parameters(rng: np.random.Generator, samples: int, layers: int) -> Real:
    """Draw parameters uniformly from one period of the gates, shape ``(samples, layers)``.

    The period is ``[0, 4 pi]``, since the eigenvalues of ``A`` lie 1/2 apart.
    """
    return rng.uniform(0.0, 4 * np.pi, (samples, layers))


def qnn_operators(
    qnn: FragmentationQNN, generators: Sequence[Operator]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return ``H`` and ``A`` as dense matrices of order ``n N_a``, for generators of order ``n``.

    The generators may be those of the full space or their restriction to one irrep.

    Parameters
    ----------
    qnn
        The instance.
    generators
        ``h_1 .. h_m``, Hermitian, dense or sparse.
    """
    if len(generators) != len(qnn.coefficients):
        raise ValueError(
            f"{len(generators)} generators were given to an instance that was drawn for "
            f"{len(qnn.coefficients)}; draw it again with draw_qnn(generators={len(generators)})"
        )
    bonds = [dense(h) for h in generators]
    ancilla_dim = len(qnn.ancilla_vector)
    paulis = ancilla_paulis(ancilla_dim)
    one_system, one_ancilla = np.eye(len(bonds[0])), np.eye(ancilla_dim)
    chain = chain_hamiltonian(qnn.coefficients, qnn.anticommutators, generators)
    hamiltonian: NDArray[Any] = np.kron(one_system, qnn.ancilla_hamiltonian)
    hamiltonian = hamiltonian + np.kron(chain, one_ancilla)
    for g, h in zip(qnn.couplings, bonds, strict=True):
        # One Kronecker product per generator, with its partner sum_k g_k sigma_k on the ancilla.
        hamiltonian = hamiltonian + np.kron(h, np.tensordot(g, paulis, axes=1))
    projector: Real = np.outer(qnn.ancilla_vector, qnn.ancilla_vector)
    first = qnn.gate_scale * bonds[0]
    if qnn.gate is Gate.PRODUCT:
        return hamiltonian, np.kron(first, projector)
    return hamiltonian, (np.kron(first, one_ancilla) + np.kron(one_system, projector)) / 2


def labelled_block(
    name: str,
    hamiltonian: NDArray[Any],
    gate: NDArray[Any],
    states: NDArray[Any],
    labels: NDArray[np.int64],
) -> SectorBlock:
    """Return a block that has to write labels on an ancilla that starts in its first state.

    Parameters
    ----------
    name, hamiltonian, gate
        See `SectorBlock`; the matrices are of order ``n N_a``.
    states
        Training states of the system as columns, orthonormal, shape ``(n, c)``.
    labels
        Right outcome of the ancilla for each of them, shape ``(c,)``.
    """
    size, count = states.shape
    ancilla_dim = len(hamiltonian) // size
    inputs = np.zeros((size, ancilla_dim, count), dtype=states.dtype)
    inputs[:, 0] = states
    accepted = np.arange(size * ancilla_dim)[:, None] % ancilla_dim == labels
    return SectorBlock(name, hamiltonian, gate, inputs.reshape(-1, count), accepted)


def build_problem(
    qnn: FragmentationQNN,
    sectors: Sequence[Sequence[Operator]],
    *,
    label: Label,
    times: Real | None = None,
    allow_frozen: bool = False,
) -> SectorProblem:
    """Restrict an instance to sectors and attach the reduced training set.

    The set holds all ``(lambda, q)``, one copy of each.

    Parameters
    ----------
    qnn
        The instance.
    sectors
        For each sector the generators restricted to its Krylov space (``m`` matrices of order
        ``N_lambda``). The position of a sector is its label and its name.
    label
        What is to be learned.
    times
        See `SectorProblem`.
    allow_frozen
        Whether sectors are accepted on which the gate acts trivially.

    Raises
    ------
    FrozenSectorError
        If the gate is a multiple of the identity in a sector and `allow_frozen` is false.
    ValueError
        If the ancilla register is too small for the labels.
    """
    dimensions = [int(sector[0].shape[0]) for sector in sectors]
    ancilla_dim, needed = len(qnn.ancilla_vector), ancilla_dimension(label, dimensions)
    if ancilla_dim < needed:
        raise ValueError(
            f"an ancilla of dimension {ancilla_dim} cannot hold the labels of sectors {dimensions} "
            f"with label={label.value}; draw the instance with ancilla_dim={needed}"
        )
    blocks, first = [], 0
    for position, (sector, dimension) in enumerate(zip(sectors, dimensions, strict=True)):
        labels = np.full(dimension, position)
        if label is Label.LAMBDA_Q:
            labels = first + np.arange(dimension)
        first += dimension
        operators = qnn_operators(qnn, sector)
        blocks.append(labelled_block(str(position), *operators, np.eye(dimension), labels))
    problem = SectorProblem(tuple(blocks), times)
    frozen = frozen_blocks(problem)
    if frozen and not allow_frozen:
        raise FrozenSectorError(
            "the gate generator is a multiple of the identity in sector(s) "
            f"{', '.join(frozen)}, so their gradient is zero at every parameter and they cannot be "
            "trained; the usual cause is a gate built from generators that all vanish there "
            "(gate=product). Use gate=sum, or pass allow_frozen=True to study the effect"
        )
    return problem
