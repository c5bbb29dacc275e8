"""The figures of the Clifford study, from the groups that own them."""

from __future__ import annotations

from trainscape.studies.clifford.moments.figures import (
    encoder_variants,
    escape_fhea,
    escape_mhea,
    escape_rpqc,
    observables,
    scaling_windows,
    walk_moments,
    zero_gradient_norm,
)
from trainscape.studies.clifford.surrogates.figures import (
    decomposition_rank,
    patch_sizes,
    sine_truncation,
    taylor_cost,
    taylor_support,
    transition_map,
    truncation_order,
)

__all__ = [
    "decomposition_rank",
    "encoder_variants",
    "escape_fhea",
    "escape_mhea",
    "escape_rpqc",
    "observables",
    "patch_sizes",
    "scaling_windows",
    "sine_truncation",
    "taylor_cost",
    "taylor_support",
    "transition_map",
    "truncation_order",
    "walk_moments",
    "zero_gradient_norm",
]
