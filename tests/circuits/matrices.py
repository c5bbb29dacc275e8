"""Whole matrices of small circuits, by the dense engine, and matrices of gates by quimb."""

import math

import numpy as np

from trainscape.simulators.dense import gate_matrix

QUIMB_NAMES = {"U": "U3", "u": "U3", "p": "PHASE", "cp": "CPHASE", "cphase": "CPHASE", "id": "IDEN"}


def unitary(circuit, theta=()):
    matrix = np.eye(2**circuit.num_qubits, dtype=complex)
    for gate in circuit.gates:
        matrix = gate_matrix(gate, circuit.num_qubits, np.asarray(theta, dtype=float)) @ matrix
    return matrix


def assert_equal_up_to_phase(actual, expected, tolerance=1e-12):
    """Both are unitary, or states."""
    overlap = np.vdot(expected, actual)
    np.testing.assert_allclose(
        actual * np.conj(overlap) / abs(overlap), expected, rtol=0, atol=tolerance
    )


def controlled(matrix):
    size = len(matrix)
    result = np.eye(2 * size, dtype=complex)
    result[size:, size:] = matrix
    return result


def quimb_matrix(name, angles=()):
    from quimb.tensor.circuit.gates import ALL_GATES, Gate

    label = QUIMB_NAMES.get(name, name.upper())
    if label not in ALL_GATES:
        return None
    matrix = np.asarray(Gate(label, angles).array)
    return matrix.reshape(math.isqrt(matrix.size), -1)
