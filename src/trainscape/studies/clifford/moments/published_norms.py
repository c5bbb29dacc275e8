"""Published gradients: means over fifty runs, of which digits are known."""

from trainscape.trainability.patch_laws import PUBLISHED_LAWS

__all__ = ["FIRST", "NORMS", "PUBLISHED"]

FIRST = 2
"""Number of qubits of the first value with the encoder, at linear depth; the last one has 16."""

MIDDLE = "1.352 1.460 1.519 1.482 1.572 1.361 1.682 1.437 1.250 1.217 1.198 1.215 1.075 1.189 1.440"
SQUARES = "1.44 1.43 1.64 1.63 1.07 0.98 1.09 0.65 0.43 0.34 0.31 0.22 0.14 0.17 0.22"

PUBLISHED: dict[tuple[str, str], tuple[float, tuple[float, ...]]] = {
    ("D^-1/2", "norm"): (1e-3, tuple(map(float, MIDDLE.split()))),
    ("D^-1/3", "squared_norm"): (1e-2, tuple(map(float, SQUARES.split()))),
}
"""With the encoder, mHEA, L = n, by width and moment: the unit of the last known digit, and the
values from `FIRST` qubits on."""

LARGEST: dict[tuple[str, str], tuple[float, ...]] = {
    ("linear", "none"): (1e-4, 0.010, 0.049, 0.062, 0.064),
    ("shallow", "lce"): (1.23, 0.97, 0.53, 0.17, 0.017),
    ("shallow", "none"): (2e-7, 3.6e-5, 3.0e-4, 2.1e-3, 7.3e-3),
}
"""Mean norms of mHEA at 16 qubits by depth and encoder, in the order of the published widths."""

NORMS: dict[tuple[str, str, str, str], dict[int, float]] = {
    ("mhea", "linear", "lce", "D^-1/2"): dict(enumerate(PUBLISHED["D^-1/2", "norm"][1], FIRST)),
    # Of the widest patch the first and the last value, and one between them; without an encoder
    ("mhea", "linear", "lce", "1"): {2: 1.071, 10: 0.323, 13: 0.147, 16: 0.063},
    **{
        ("mhea", depth, encoder, law): {16: norm}
        for (depth, encoder), norms in LARGEST.items()
        for law, norm in zip(PUBLISHED_LAWS, norms, strict=True)
    },
}
"""Published mean norms, 1/rad, by ansatz, depth, encoder and width, then by number of qubits."""
