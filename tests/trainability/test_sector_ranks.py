"""Rank of the quantum Fisher information on sectors against a direct computation."""

import numpy as np

from trainscape.physics.temperley_lieb import irreps, path_generators
from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.fragmentation.network import Label, build_problem, draw_qnn, draw_times
from trainscape.trainability.sector_ranks import sector_qfim_rank


def test_blocks_of_different_size_are_padded_state_by_state():
    """The rank is that of the stacked Gram matrix of all states, computed one by one."""
    rng = np.random.default_rng(0)
    sectors = [path_generators(3, irrep.through_lines, 3) for irrep in irreps(3, 3)]
    qnn = draw_qnn(rng, 2, 2, gate_scale=1 / 3)
    layers = 20
    times = draw_times(rng, layers, 100.0)
    problem = build_problem(qnn, sectors, label=Label.LAMBDA, times=times)
    engine = Sectors(problem)
    theta = rng.uniform(0, 12, layers)
    states, tangents = engine.states(theta[None])[0], engine.jacobian(theta[None])[0]
    gram, first = np.zeros((layers, layers)), 0
    for block in problem.blocks:
        order, columns = block.inputs.shape
        for _ in range(columns):
            psi, d = states[first : first + order], tangents[:, first : first + order]
            projected = d - np.outer(d @ psi.conj(), psi)
            gram += (projected.conj() @ projected.T).real
            first += order
    eigenvalues = np.linalg.eigvalsh(gram)
    assert sector_qfim_rank(engine, theta) == (eigenvalues > 1e-9 * eigenvalues[-1]).sum() == 12
