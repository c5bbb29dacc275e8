"""Operations and bytes of small programs, counted by hand, and what records say about the roof."""

import numpy as np
import pytest
from benchmarks.gradient_parts import issue, parts, without_diagonals, without_tier
from benchmarks.peaks import arithmetic_rate, fused_rate, multiply_rate, stream_rate
from benchmarks.records import Case, Engine, Measurement, make_records
from benchmarks.report import markdown, write_all
from benchmarks.roof_figure import draw_roofs
from benchmarks.roofs import Peaks, level_name, roof_fields, roof_seconds
from benchmarks.targets import Target, verdicts
from benchmarks.work import (
    Traffic,
    Work,
    contraction_work,
    gradient_work,
    jacobian_work,
    sector_work,
    triangle_of_products,
)

from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.sectors.problem import SectorBlock
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.statevector.program import INNER_TIER, LOW_TIER
from trainscape.simulators.tensornet.contraction_paths import PathStatistics

MACHINE = {"cpu": "some CPU", "cpus": 2, "python": "3.11.0", "date": "2026-01-01"}


def engine(n, layers, observable):
    problem = Problem(hardware_efficient(n, layers, "ring"), PauliSum.parse(observable))
    return Statevector(problem, reduce=False)


def test_the_gradient_of_one_layer_of_six_qubits():
    """One sweep of the three low bits, one of the three others, and one diagonal."""
    forward = 14 + 3 * 4 + 14
    backward = (12 + 2 * 14) + 3 * (4 + 2 * 4) + 25
    observable = 2 + 4
    work = gradient_work(engine(6, 1, "ZZIIII").program)
    assert work.flops == 64 * (forward + backward + observable)
    # Three states of 32 bytes for each sweep and the diagonal, its tables, and the sums.
    (level,) = work.traffic
    assert level.held == 2 * 64 * 16
    assert level.moved == 64 * (3 * 96 + 2 * 24 + 16)


def test_a_ring_of_cx_moves_all_states_to_work_space_and_back():
    rotations = tuple(PauliRotation("Y", (q,), q) for q in range(6))
    ring = tuple(FixedGate("CX", (q, (q + 1) % 6)) for q in range(6))
    works = [
        gradient_work(
            Statevector(
                Problem(Circuit(6, 6, rotations + more), PauliSum.parse("ZIIIII")), reduce=False
            ).program
        )
        for more in ((), ring)
    ]
    assert works[0].flops == works[1].flops
    assert works[1].traffic[0].moved - works[0].traffic[0].moved == 64 * 3 * 2 * 32


def test_instructions_of_one_layer_of_six_qubits():
    """Two real numbers for each amplitude of psi forward, and of psi and lambda backward."""
    low = 3 * 2 * (3 + 1) + 2 * 3
    inner = 3 * (3 * 2 + 2)
    diagonal = (4 + 2 + 4) + (4 + 2 + 4 + 8)
    placed = issue(engine(6, 1, "ZZIIII").program)
    assert placed.arithmetic == low + inner + diagonal
    assert placed.exchanges == 3 * 2 * 3 + 2 * 3


def test_parts_are_left_out_of_a_program():
    program = engine(6, 2, "ZZIIII").program
    whole = issue(program).arithmetic
    assert whole - issue(without_tier(program, LOW_TIER)).arithmetic == 2 * 30
    assert whole - issue(without_tier(program, INNER_TIER)).arithmetic == 2 * 24
    assert whole - issue(without_diagonals(program)).arithmetic == 2 * 28
    left = without_diagonals(without_tier(without_tier(program, LOW_TIER), INNER_TIER))
    assert issue(left).arithmetic == 0


@pytest.mark.slow
def test_parts_of_a_gradient():
    rows = parts(6, rounds=1)
    assert [row[0] for row in rows] == ["whole", "low sweeps", "inner sweeps", "diagonals"]
    assert rows[0][1] == 1
    # The roof counts two operations for each place, so that no mix is better than one.
    assert all(exchanges >= mix >= 1 for _, _, mix, exchanges, _ in rows)


@pytest.mark.slow
def test_peaks_are_rates():
    assert arithmetic_rate() >= 0.5 * max(multiply_rate(), fused_rate()) > 1e8
    assert stream_rate(2**14) > 1e7


def test_a_string_of_the_observable_and_inputs_add_their_work():
    plain = gradient_work(engine(6, 1, "ZZIIII").program)
    more = gradient_work(engine(6, 1, "ZZIIII + XIIIII").program, inputs=3)
    assert more.flops == 3 * (plain.flops + 10 * 64)
    assert more.traffic[0].moved == 3 * plain.traffic[0].moved


def test_two_rotations_without_a_low_sweep_are_plain():
    circuit = Circuit(6, 2, (PauliRotation("Y", (0,), 0), PauliRotation("Y", (1,), 1)))
    program = Statevector(Problem(circuit, PauliSum.parse("ZZIIII")), reduce=False).program
    assert gradient_work(program).flops == 64 * (3 * 2 * 6 + 2 * 4 + 2 + 4)


def test_sweeps_of_wide_registers_move_bytes_at_three_levels():
    """Fourteen bits: a low sweep and two inner ones, one outer, one of the whole state."""
    work = gradient_work(engine(14, 1, "ZZ" + 12 * "I").program)
    assert work.flops == 2**14 * (14 + 11 * 4 + 14 + 40 + 11 * 12 + 25 + 2 + 4)
    inner, outer, whole = work.traffic
    assert inner == Traffic(32 * 2**9, 2**14 * (4 * 96 + 2 * 24 + 16))
    assert outer == Traffic(32 * 2**12, 2**14 * 2 * 96)
    assert whole == Traffic(32 * 2**14, 2**14 * (2 * 96 + 3 * 16))


def test_evolutions_are_not_counted():
    circuit = Circuit(
        6, 1, (Evolution(PauliSum.parse("ZZIII + IXXII + IIYYI + IIIZX"), (0, 1, 2, 3, 4), 0),)
    )
    program = Statevector(Problem(circuit, PauliSum.parse("ZZIIII")), reduce=False).program
    with pytest.raises(ValueError, match="without evolutions"):
        gradient_work(program)


def test_the_jacobian_of_two_layers():
    """Twelve tangents from the first layer on, and twelve more in the second, beside psi."""
    small = engine(6, 2, "ZZIIII")
    with pytest.raises(ValueError, match="call `jacobian` first"):
        jacobian_work(small)
    small.jacobian(np.zeros((1, 24)))
    work = jacobian_work(small)
    rows = 13 + 25
    assert work.flops == 64 * (rows * (14 + 12 + 6) + 24 * 4)
    assert work.traffic[0].moved == 64 * (rows * (3 * 32 + 16) + 24 * 96)
    product = triangle_of_products(24, 128)
    assert product.flops == 24 * 25 * 128 + 8 * 24 * 128
    total = work.plus(product)
    assert total.flops == work.flops + product.flops
    assert total.traffic[0].moved == work.traffic[0].moved + product.traffic[0].moved


def test_a_block_of_the_sectors_engine():
    """Eigenvalues 0, 0, 0, 1, -1: the gate has rank two."""
    gate = np.diag([0.0, 0.0, 0.0, 1.0, -1.0])
    block = SectorBlock("0", np.eye(5), gate, np.eye(5)[:, :3], np.ones((5, 3), dtype=bool))
    product = 2 * 2 * 5 * 6
    layer = 4 * product + 16 * 2 * 3 + 16 * 5 * 3
    assert sector_work(block, 7).flops == 7 * layer + 2 * (2 * 5 * 5 * 6)


def test_a_contraction():
    path = PathStatistics(3.0, 4, 50, 6, 2, 100)
    assert contraction_work(path, gradient=False) == Work(8000.0, (Traffic(800.0, 3200.0),))
    assert contraction_work(path, gradient=True).flops == pytest.approx(24000.0)


WORK = Work(8e9, (Traffic(2**14, 1e9), Traffic(2**21, 4e9)))


def test_the_slowest_resource_is_the_roof():
    assert roof_seconds(WORK, Peaks(1e9, (1e9, 1e9))) == 8
    assert roof_seconds(WORK, Peaks(1e10, (1e9, 1e9))) == 4
    assert roof_seconds(WORK, Peaks(1e10, (1e8, 1e9))) == 10


def test_a_record_compares_time_and_roof_round_by_round():
    peaks = [Peaks(4e9, (1e9, 2e9)), Peaks(4e9, (1e9, 1e9)), Peaks(2e9, (1e9, 2e9))]
    fields = roof_fields(WORK, peaks, [4.0, 8.0, 4.0])
    # Roofs of 2, 4 and 4 seconds.
    assert (fields["roof_low"], fields["roof"], fields["roof_high"]) == (1.5, 2.0, 2.0)
    assert fields["bound"] == "arithmetic"
    assert (fields["flops"], fields["bytes"], fields["held"]) == (8e9, 4e9, 2**21)
    assert (fields["gflops"], fields["peak_gflops"], fields["stream_gbytes"]) == (2, 4, 2)
    assert roof_fields(WORK, [Peaks(1e12, (1e9, 1e9))], [4.0])["bound"] == "2 MiB"
    assert set(roof_fields(None, [], [1.0]).values()) == {None}
    assert level_name(2**14) == "16 KiB"


def records():
    case = Case("G-zz", 12, "gradient", "a case", (Engine("trainscape", "trainscape", "a:b"),))
    measured = Measurement(
        case.engines[0],
        "1.0",
        [0.01, 0.01],
        [0.01, 0.01],
        np.array([[1.0]]),
        0.1,
        work=Work(1e8, (Traffic(2**14, 1e8), Traffic(2**17, 2e8))),
        peaks=[Peaks(2e10, (5e10, 4e10))] * 2,
    )
    return make_records(case, [measured], MACHINE)


def test_the_roof_is_in_the_table_the_targets_and_the_figure(tmp_path):
    held = records()
    assert held[0]["roof"] == pytest.approx(2.0)
    assert "| 2 (arithmetic) |" in markdown(held)
    for limit, met in ((1.9, False), (2.1, True)):
        target = Target("near", "G-.*", "gradient", "trainscape", roof=limit)
        (verdict,) = verdicts(held, [target])
        assert (verdict.met, verdict.measured) == (met, pytest.approx(2.0))
    draw_roofs(held, tmp_path)
    write_all(held, tmp_path)
    assert (tmp_path / "roofs.png").stat().st_size > 1000
    assert ",arithmetic," in (tmp_path / "benchmark.csv").read_text()


def test_nothing_is_drawn_without_counts(tmp_path):
    old = [{key: value for key, value in one.items() if key != "roof"} for one in records()]
    draw_roofs(old, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert verdicts(old, [Target("near", "G-.*", "gradient", "trainscape", roof=9)]) == []
