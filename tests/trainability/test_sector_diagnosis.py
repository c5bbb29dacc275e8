"""The diagnosis of a network before it is trained."""

import re
from dataclasses import replace

import numpy as np
import pytest

from trainscape.physics.temperley_lieb import irreps, path_generators
from trainscape.studies.fragmentation.network import Couplings, Gate, Label, build_problem, draw_qnn
from trainscape.trainability.sector_diagnosis import diagnose

LABELS = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0)]


def problem(*, gate=Gate.SUM, coupled=True, label=Label.LAMBDA, seed=0):
    sectors = [path_generators(4, irrep.through_lines, 3) for irrep in irreps(4, 3)]
    qnn = draw_qnn(
        np.random.default_rng(seed),
        3,
        4 if label is Label.LAMBDA else 8,
        couplings=Couplings.U0515,
        gate_scale=1 / 3,
        gate=gate,
    )
    if not coupled:
        qnn = replace(qnn, couplings=0 * qnn.couplings)
    return build_problem(qnn, sectors, label=label, allow_frozen=True)


def codes(found):
    return [finding.code for finding in found]


def test_a_sound_network_has_no_finding():
    assert diagnose(problem(), 4, 84, 1000.0, 84, "lambda", LABELS) == []
    assert diagnose(problem(label=Label.LAMBDA_Q), 8, 188, 1000.0, 188, "lambda_q", LABELS) == []


@pytest.mark.parametrize(
    ("changes", "layers", "horizon", "trained", "code", "message"),
    [
        (
            {"gate": Gate.PRODUCT},
            84,
            1e3,
            LABELS,
            "frozen_sector",
            r"sector\(s\) 2: their loss is the same for all parameters",
        ),
        ({"coupled": False}, 84, 1e3, LABELS, "no_coupling", "the loss is at least 0.5"),
        ({}, 84, 0.1, LABELS, "short_times", "less than one turn"),
        ({}, 83, 1e3, LABELS, "few_parameters", "83 parameters are fewer than the 84 directions"),
        ({}, 84, 1e3, LABELS[:-1], "missing_states", r"2 \(1 of 1 states\)"),
        ({}, 84, 1e3, LABELS[1:], "missing_states", r"0 \(1 of 2 states\)"),
    ],
)
def test_each_failure_has_its_own_finding(changes, layers, horizon, trained, code, message):
    (finding,) = diagnose(problem(**changes), 4, layers, horizon, 84, "lambda", trained)
    assert finding.code == code
    assert re.search(message, finding.message)


def test_several_failures_are_all_found():
    found = diagnose(problem(coupled=False), 4, 10, 0.1, 84, "lambda", LABELS[:3])
    assert codes(found) == ["no_coupling", "short_times", "few_parameters", "missing_states"]


def test_a_product_gate_alone_couples_the_ancilla():
    assert codes(
        diagnose(problem(gate=Gate.PRODUCT, coupled=False), 4, 84, 1e3, 84, "lambda", LABELS)
    ) == ["frozen_sector"]
