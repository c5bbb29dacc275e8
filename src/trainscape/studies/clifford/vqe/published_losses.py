"""The final losses of the published training runs."""

__all__ = ["COARSE", "HEISENBERG_GAINS", "PUBLISHED"]

PUBLISHED: dict[tuple[str, int, int, float, int], dict[tuple[str, str], tuple[float, ...]]] = {
    ("global_z", 15, 5, 0.01, 299): {
        ("plain", "gd"): (0.763, 0.028, -0.011, 0.005),
        ("lce", "gd"): (-0.999, -0.994, -0.911, -0.181),
    },
    ("heisenberg", 12, 36, 0.01, 999): {
        ("plain", "gd"): (-16.86, -8.10, -5.50, -5.24),
        ("lce", "gd"): (-13.18, -11.38, -11.53, -5.44),
    },
    ("biased_heisenberg", 8, 16, 0.01, 999): {
        ("plain", "gd"): (-1.047, -1.204, -1.097, -1.099),
        ("lce", "gd"): (-1.173, -1.189, -1.230, -1.118),
    },
    ("biased_heisenberg", 12, 6, 0.01, 999): {
        ("plain", "gd"): (-0.710, -0.938, -0.983, -0.572),
        ("lce", "gd"): (-0.851, -0.906, -0.898, -0.575),
    },
    ("global_z", 10, 3, 0.1, 49): {
        ("plain", "walk"): (0.22, -0.15, -0.45, -0.36),
        ("lce", "gd"): (-0.97, -0.97, -0.99, -0.62),
    },
}
"""Mean final losses of the five published runs, in the patches D^-1, D^-1/2, D^-1/3, D^-1/5, by
(observable, n, L, rate, iterations), then by start and optimiser."""

COARSE = (("heisenberg", 12), ("global_z", 10))
"""Observables and numbers of qubits of the published losses of which two decimals are known; three
of all others."""

HEISENBERG_GAINS: dict[tuple[int, int], tuple[float, ...]] = {
    (12, 36): (0.179, -0.159, -0.293, -0.010),
    (12, 6): (0.316, 0.350, 0.238, 0.131),
}
"""Differences of the published final losses of the Heisenberg chain, with minus without encoder,
over the modulus of the lowest eigenvalue, in the same patches, by (n, L). Those of six layers are
from runs with 128 shots."""
