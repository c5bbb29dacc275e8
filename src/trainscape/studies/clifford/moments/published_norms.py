"""Published gradients with the encoder: means over the fifty runs of mHEA, L = n."""

__all__ = ["FIRST", "PUBLISHED"]

FIRST = 2
"""Number of qubits of the first value; the last one has 16."""

NORMS = "1.352 1.460 1.519 1.482 1.572 1.361 1.682 1.437 1.250 1.217 1.198 1.215 1.075 1.189 1.440"
SQUARES = "1.44 1.43 1.64 1.63 1.07 0.98 1.09 0.65 0.43 0.34 0.31 0.22 0.14 0.17 0.22"

PUBLISHED: dict[tuple[str, str], tuple[float, tuple[float, ...]]] = {
    ("D^-1/2", "norm"): (1e-3, tuple(map(float, NORMS.split()))),
    ("D^-1/3", "squared_norm"): (1e-2, tuple(map(float, SQUARES.split()))),
}
"""By width and moment: the unit of the last known digit, and the values from `FIRST` qubits on."""
