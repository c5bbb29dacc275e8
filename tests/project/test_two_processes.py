"""Rates through the stage runner: their arithmetic, their table, and one run at a tiny size."""

import numpy as np
import pytest
from benchmarks.two_processes.__main__ import AIMS, BEGIN, END, markdown, record_of
from benchmarks.two_processes.rates.ring_gradients import ring_engine
from benchmarks.two_processes.timing import (
    Rates,
    at_work,
    efficiency,
    loops,
    make_workspace,
    run_stage,
)

from workspace import REPO


def test_the_rate_at_work_leaves_out_the_first_wave():
    # The first two chunks end after a start of 5 s; then 8 samples come each second.
    times = [5.9, 6.0, 7.0, 7.0, 8.0, 8.0]
    assert at_work(times, [4] * 6, 2) == pytest.approx(16 / 2)
    assert at_work([1.0, 2.0, 3.0], [4, 4, 4], 1) == pytest.approx(4.0)
    with pytest.raises(ValueError, match="one wave"):
        at_work([1.0, 2.0], [4, 4], 2)


def test_efficiency():
    assert efficiency(10.0, 19.0) == pytest.approx(0.95)


def test_the_record_and_its_table():
    one = [Rates(8.0, 10.0, 11.0), Rates(8.0, 10.0, 11.0), Rates(8.0, 20.0, 11.0)]
    two = [Rates(8.0, 18.0, 11.0), Rates(8.0, 16.0, 11.0), Rates(8.0, 32.0, 11.0)]
    record = record_of(18, 64, one, two, [10.0] * 3, [19.0] * 3)
    assert record["efficiency"]["at_work"][1] == pytest.approx(0.8)
    assert record["efficiency"]["loops"][1] == pytest.approx(0.95)
    assert record["efficiency"]["command"][1] == pytest.approx(0.5)
    assert record["efficiency"]["engine"][1] == pytest.approx(1.0)
    text = markdown([record])
    assert text.startswith("**Missed**: n = 18, 80 % (80 to 85) of 85 %")
    assert f"| {100 * AIMS[18]:.0f} % | 3 |" in text
    good = record_of(16, 64, one[:1], [Rates(1.0, 19.5, 1.0)], [1.0], [2.0])
    assert markdown([good]).startswith("The aims are met.")
    assert markdown([{**good, "qubits": 8}]).startswith("No aim is decided.")


def test_the_page_has_the_marks():
    page = (REPO / "docs/benchmarks.md").read_text()
    assert page.count(BEGIN) == page.count(END) == 1


def test_the_circuit_is_that_of_group_g():
    from benchmarks.instances import ring

    from trainscape.simulators.statevector.engine import Statevector

    problem, theta = ring(4, 4, "zz", 3)
    expected = Statevector(problem).gradient(theta)
    np.testing.assert_array_equal(ring_engine(4).gradient(theta), expected)


@pytest.mark.slow
def test_runs_by_one_worker_and_by_two_at_a_tiny_size(tmp_path):
    make_workspace(tmp_path / "w", 4, 64, 0.01, 0.08)
    for workers in (1, 2):
        rates = run_stage(tmp_path / "w", workers)
        assert min(rates.command, rates.at_work, rates.engine) > 0
        log = (tmp_path / "w/log.txt").read_text()
        assert ("this process" in log) == (workers == 1)
        assert "8 of 8 chunks to compute" in log
    assert loops(4, 0.05, [0]) > 0
