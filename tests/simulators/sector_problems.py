"""Problems of the sectors engine in the path basis."""

import numpy as np

from trainscape.physics.temperley_lieb import irreps, path_generators
from trainscape.studies.fragmentation.network import (
    Couplings,
    Gate,
    Label,
    build_problem,
    draw_parameters,
    draw_qnn,
    draw_times,
)
from trainscape.trainability.label_learning import ancilla_dimension


def path_problem(
    sites,
    site_dim,
    layers,
    label=Label.LAMBDA,
    *,
    seed=0,
    horizon=10.0,
    couplings=Couplings.GAUSSIAN,
    top=None,
    **options,
):
    chosen = irreps(sites, site_dim, top)
    blocks = [path_generators(sites, irrep.through_lines, site_dim) for irrep in chosen]
    n_a = ancilla_dimension(label, [irrep.dimension for irrep in chosen])
    qnn = draw_qnn(
        np.random.default_rng(seed),
        sites - 1,
        n_a,
        couplings=couplings,
        gate_scale=1 / site_dim,
        gate=options.pop("gate", Gate.SUM),
    )
    return build_problem(
        qnn,
        blocks,
        label=label,
        times=draw_times(np.random.default_rng(seed + 1), layers, horizon),
        **options,
    )


def parameters(samples, layers, seed=5):
    return draw_parameters(np.random.default_rng(seed), samples, layers)


def shift_rule(function, theta, k):
    """Exact derivative of a trigonometric polynomial with frequencies 1/2 and 1."""
    shifts = np.array([np.pi / 2, 3 * np.pi / 2])
    weights = np.linalg.solve(2 * np.sin(np.outer([0.5, 1.0], shifts)), [0.5, 1.0])
    total = 0
    for shift, weight in zip(shifts, weights, strict=True):
        moved = np.zeros_like(theta)
        moved[:, k] = shift
        total = total + weight * (function(theta + moved) - function(theta - moved))
    return total


PROBLEMS = [
    (3, 3, 6, Label.LAMBDA, None),
    (4, 3, 9, Label.LAMBDA, None),
    (4, 3, 5, Label.LAMBDA_Q, None),
    (5, 2, 7, Label.LAMBDA, None),
    (6, 4, 6, Label.LAMBDA, 2),
    (8, 3, 3, Label.LAMBDA, None),
]
