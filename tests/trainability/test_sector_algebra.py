"""What a network on sectors can control."""

from dataclasses import replace

import numpy as np

from trainscape.physics.temperley_lieb import irreps, path_generators
from trainscape.studies.fragmentation.network import Label, build_problem, draw_qnn
from trainscape.trainability.sector_algebra import network_algebra


def test_a_coupled_network_controls_all_blocks_and_one_without_coupling_does_not():
    sectors = [path_generators(3, irrep.through_lines, 3) for irrep in irreps(3, 3)]
    qnn = draw_qnn(np.random.default_rng(0), 2, 2, gate_scale=1 / 3)
    apart = replace(qnn, couplings=0 * qnn.couplings)
    coupled, uncoupled = (
        network_algebra(build_problem(q, sectors, label=Label.LAMBDA), np.random.default_rng(1))
        for q in (qnn, apart)
    )
    # Blocks of order 4 and 2: su(4), su(2), and the traces of two matrices.
    assert coupled == (15 + 3 + 2, 20)
    # Apart, su(2) of the larger sector, su(2) of the ancilla, and the traces.
    assert uncoupled == (3 + 3 + 2, 20)
