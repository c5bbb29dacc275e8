"""The compiler: from a Hamiltonian and an ansatz to an ansatz with the Hamiltonian's symmetries.

Three steps, each of which may only take gates or parameters away:

1. System symmetry (`SYS`). Pauli strings and sums of one-qubit Pauli matrices that commute with
   the Hamiltonian, and of which the start state is an eigenstate. Gates that break one of them go;
   where only a sum of gates respects a charge, as XX + YY respects the magnetisation, the gates
   share a parameter.
2. Structure (`STR`). Gates whose generator is no term of the Hamiltonian go. A diagonal Hamiltonian
   cannot move a state, so that it is joined by the driver X on every qubit, as in QAOA.
3. Spatial symmetry. Permutations of qubits that leave the Hamiltonian as it is map gates to gates;
   those in an orbit share a parameter. If they do not commute, only permutations that leave the
   commuting sub-layers as they are count.

Of the paper (arXiv:2208.14057, Algorithm 1) these three kinds of symmetry are known, and that
redundant gates are removed and related gates tied. Reconstructed: the criterion of step 2, which
turns a dense ansatz into the Hamiltonian variational one, the treatment of charges, and sub-layers.
"""

from __future__ import annotations

from trainscape.physics.pauli import PauliSum
from trainscape.physics.pauli_symmetries import commuting_strings, local_charges
from trainscape.physics.term_graph import qubit_automorphisms
from trainscape.pruning.filters import Structure, acting_terms, filtered, structure_test
from trainscape.pruning.layers import Layers
from trainscape.pruning.result import PrunedAnsatz
from trainscape.pruning.tying import Mode, tie

__all__ = ["prune"]


def prune(
    hamiltonian: PauliSum,
    ansatz: Layers,
    *,
    start: str | None = None,
    mode: Mode = "orbits",
    structure: Structure = "terms",
    tolerance: float = 0.0,
) -> PrunedAnsatz:
    """Prune an ansatz by the symmetries of a Hamiltonian.

    Parameters
    ----------
    hamiltonian
        The Hamiltonian H.
    ansatz
        The ansatz, on as many qubits; see `trainscape.pruning.layers`.
    start
        Start state, one letter of ``01+-`` a qubit, and brackets ``()`` for two neighbours in a
        singlet; that of the ansatz if not given.
    mode
        Which of the kept gates share a parameter.
    structure
        Which generators step 2 keeps.
    tolerance
        Couplings that differ by no more count as equal, in units of H. The pruned ansatz is exact
        for a Hamiltonian with averaged couplings.

    Raises
    ------
    ValueError
        If the numbers of qubits differ, H is a multiple of the identity, or no gate is left.
    """
    start = ansatz.start if start is None else start
    _check(hamiltonian, ansatz, start)
    terms = acting_terms(hamiltonian)
    strings = [string for _, string in terms]
    near = tolerance or None
    automorphisms = qubit_automorphisms(
        hamiltonian.num_qubits,
        [[PauliSum((term,)) for term in terms]],
        labels=start,
        tolerance=near,
    )
    kept_strings = commuting_strings(strings, start)
    # A charge on one qubit is a Pauli string, and among those already.
    kept_charges = [charge for charge in local_charges(hamiltonian, start) if len(charge.terms) > 1]
    belongs = structure_test(hamiltonian, automorphisms, structure)
    steps = [filtered(layer, kept_strings, kept_charges, belongs) for layer in ansatz.layers]
    layers = [kept for kept, _ in steps if kept]
    if not layers:
        raise ValueError(
            "no gate of the ansatz is left: none has a generator that is a term of the Hamiltonian "
            "and respects its symmetries; give an ansatz with such gates, or `dense`"
        )
    tying, blocks = tie(hamiltonian, layers, mode, start, near)
    return PrunedAnsatz(
        hamiltonian=hamiltonian,
        start=start,
        automorphisms=automorphisms,
        tying=tying,
        pauli_symmetries=commuting_strings(strings),
        charges=local_charges(hamiltonian),
        kept_symmetries=(*(PauliSum(((1.0, s),)) for s in kept_strings), *kept_charges),
        removed=tuple(steps[0][1]),
        layers=tuple(blocks),
    )


def _check(hamiltonian: PauliSum, ansatz: Layers, start: str) -> None:
    n = hamiltonian.num_qubits
    if ansatz.num_qubits != n:
        raise ValueError(
            f"the ansatz has {ansatz.num_qubits} qubits, but the Hamiltonian has {n}; they must "
            "be equal"
        )
    if len(start) != n or set(start.replace("()", "")) - set("01+-"):
        raise ValueError(
            f"the start state {start!r} needs one letter of 0, 1, +, - for each qubit, or () for "
            "two neighbours in a singlet"
        )
    if not acting_terms(hamiltonian):
        raise ValueError(
            "the Hamiltonian is a multiple of the identity, so that every state is a ground state"
        )
