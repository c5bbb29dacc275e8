"""The pure parts of the benchmarks: statistics, records, targets, tables, and the list of cases.

No peer package is needed, and nothing is timed.
"""

import ast
import csv
import importlib
import importlib.util
import io
import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
from benchmarks import instances
from benchmarks.__main__ import select
from benchmarks.cases import GROUPS
from benchmarks.protocol import rounds_within
from benchmarks.records import (
    Case,
    Engine,
    Measurement,
    difference,
    failures,
    make_records,
    merge,
    ordered,
    quartiles,
    ratio,
    spread,
)
from benchmarks.report import (
    COLUMNS,
    END,
    START,
    draw,
    load,
    markdown,
    number,
    replace_between,
    table,
    write_all,
)
from benchmarks.targets import TARGETS, Target, verdicts
from scipy import stats

ROOT = Path(__file__).parents[2]
MACHINE = {"cpu": "some CPU", "cpus": 2, "python": "3.11.0", "date": "2026-01-01"}
OURS = Engine("trainscape statevector", "trainscape", "a:b")
PEER = Engine("lightning.qubit", "pennylane-lightning", "a:b")
FREE = Engine("lightning.qubit, all CPUs", "pennylane-lightning", "a:b", pinned=False)
ABSENT = Engine("JAX", "jax", "a:b", left_out="takes too long")


def case(name="G-zz", n=8, quantity="gradient", engines=(OURS, PEER, FREE, ABSENT), **more):
    return Case(name, n, quantity, "a case", engines, **more)


def measured(engine, cpu, answer=((0.5, 1.0),), **more):
    return Measurement(
        engine,
        "1.0",
        list(cpu),
        [2 * time for time in cpu],
        None if answer is None else np.array(answer),
        0.1,
        **more,
    )


def records_of(ours, peer, **more):
    measurements = [
        measured(OURS, ours),
        measured(PEER, peer, **more),
        measured(FREE, [9 * time for time in ours]),
    ]
    return make_records(
        case(), [*measurements, Measurement(ABSENT, reason=ABSENT.left_out)], MACHINE
    )


def test_quartiles_are_those_of_scipy():
    values = np.random.default_rng(1).exponential(size=9).tolist()
    low, middle, high = quartiles(values)
    assert middle == pytest.approx(np.median(values))
    assert high - low == pytest.approx(stats.iqr(values))
    assert spread(values) == pytest.approx(stats.iqr(values) / np.median(values))


def test_one_round_has_a_median_but_no_spread():
    assert quartiles([3.0]) == (3.0, 3.0, 3.0)
    assert spread([3.0]) is None
    with pytest.raises(ValueError, match="no rounds"):
        quartiles([])


def test_ratio_is_taken_within_rounds():
    # The machine becomes ten times slower in the last two rounds: the ratio of medians would be 20
    # or more, that of each round is 2.
    ours, peer = [1.0, 1.0, 1.0, 10.0, 10.0], [2.0, 2.0, 20.0, 20.0, 20.0]
    assert ratio(peer, ours) == (2.0, 2.0, 2.0)
    # An engine with fewer rounds is held against the first ones of ours.
    assert ratio([4.0, 6.0], [1.0, 2.0, 100.0]) == quartiles([4.0, 3.0])


def test_difference():
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert difference(a, a) == 0.0
    assert difference(a[:1] + 0.25, a) == 0.25  # common samples only
    assert difference(a * 1j, a) == pytest.approx(4 * np.sqrt(2))
    assert difference(a[:, :1], a) == np.inf
    assert difference(a * np.nan, a) == np.inf
    assert difference(a[:0], a) == np.inf


def test_records_hold_what_was_measured():
    ours, peer, free, absent = records_of([1e-3, 2e-3, 3e-3], [1e-2, 2e-2, 3e-2])
    assert ours["median_ms"] == pytest.approx(2.0)
    assert ours["median_wall_ms"] == pytest.approx(4.0)
    assert ours["ratio_to_trainscape"] == 1.0
    assert (peer["ratio_low"], peer["ratio_to_trainscape"], peer["ratio_high"]) == pytest.approx(
        (10, 10, 10)
    )
    assert peer["spread"] == pytest.approx(stats.iqr([1, 2, 3]) / 2)
    assert (peer["max_error"], peer["passed"], peer["rounds"], peer["pinned"]) == (
        0.0,
        True,
        3,
        True,
    )
    assert free["pinned"] is False
    assert (
        absent["median_ms"],
        absent["ratio_to_trainscape"],
        absent["max_error"],
        absent["reason"],
    ) == (
        None,
        None,
        None,
        "takes too long",
    )
    assert all(record["cpu"] == "some CPU" for record in (ours, peer, free, absent))
    assert failures([ours, peer, free, absent]) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(((0.5, 1.0 + 1e-9),), "differs by 1.00e-09", id="above the tolerance"),
        pytest.param(((0.5, np.nan),), "not a number", id="NaN"),
        pytest.param(((0.5, 1.0, 2.0),), "another shape", id="shape"),
    ],
)
def test_a_wrong_result_fails_and_is_named(answer, words):
    records = records_of([1.0], [2.0], answer=answer)
    (line,) = failures(records)
    assert "G-zz, n = 8, lightning.qubit" in line
    assert words in line
    json.dumps(records, allow_nan=False)


def test_a_broken_engine_fails_but_one_that_was_left_out_does_not():
    broken = Measurement(PEER, reason="ImportError: no such package", broken=True)
    records = make_records(
        case(), [measured(OURS, [1.0]), broken, Measurement(ABSENT, reason="slow")], MACHINE
    )
    (line,) = failures(records)
    assert line.endswith("ImportError: no such package")


def test_peers_are_reported_even_if_ours_breaks():
    ours, peer = make_records(
        case(),
        [Measurement(OURS, reason="broken", broken=True), measured(PEER, [1.0, 2.0])],
        MACHINE,
    )
    assert ours["median_ms"] is None
    assert peer["median_ms"] == pytest.approx(1500)
    assert (peer["ratio_to_trainscape"], peer["passed"]) == (None, None)


def test_merge_replaces_whole_cases():
    old = records_of([1.0], [2.0])
    other = [{**record, "n": 10} for record in old]
    new = make_records(case(), [measured(OURS, [5.0])], MACHINE)
    merged = merge([*old, *other], new)
    assert [(record["n"], record["engine"]) for record in merged] == [
        (10, record["engine"]) for record in old
    ] + [(8, OURS.name)]
    assert merge([], old) == old


def test_records_come_in_the_order_of_the_cases():
    old = [{**record, "n": n} for n in (10, 8, 9) for record in records_of([1.0], [2.0])]
    again = ordered(old, [case(n=8), case(n=10)])
    assert list(dict.fromkeys(record["n"] for record in again)) == [8, 10, 9]
    assert [record["engine"] for record in again[:4]] == [
        OURS.name,
        PEER.name,
        FREE.name,
        ABSENT.name,
    ]


@pytest.mark.parametrize(("duration", "expected"), [(0.01, 7), (10.0, 2), (100.0, 1), (0.0, 7)])
def test_slow_engines_get_fewer_rounds(duration, expected):
    assert rounds_within(20.0, duration, 7) == expected


def test_the_fastest_peer_decides_a_target():
    records = records_of([1.0, 1.0], [6.0, 6.0])
    target = Target("at least 7x", r"G-.*", "gradient", r"(?!trainscape)", ratio=7)
    (verdict,) = verdicts(records, [target])
    assert (verdict.record["engine"], verdict.measured, verdict.met) == (PEER.name, 6.0, False)
    (verdict,) = verdicts(
        records, [Target("at least 6x", r"G-.*", "gradient", r"(?!trainscape)", ratio=6)]
    )
    assert verdict.met
    assert (
        verdicts(records, [Target("", "G-.*", "gradient", PEER.name, ratio=6, sizes=(10,))]) == []
    )
    assert verdicts(records, [Target("", "G", "gradient", PEER.name, ratio=6)]) == []
    assert verdicts(records, [Target("", "G-zz", "value", PEER.name, ratio=6)]) == []


def test_a_target_in_milliseconds():
    records = records_of([0.1, 0.3], [6.0, 6.0])
    for limit, met in ((200.0, True), (199.0, False)):
        (verdict,) = verdicts(
            records, [Target("fast", "G-zz", "gradient", "trainscape", milliseconds=limit)]
        )
        assert (verdict.measured, verdict.met) == (pytest.approx(200.0), met)


def test_every_target_matches_a_case():
    cases = list(itertools.chain.from_iterable(list_cases() for list_cases in GROUPS.values()))
    for target in TARGETS:
        engines = [engine for one in cases for engine in one.engines if engine.left_out is None]
        records = [
            {
                "case": one.name,
                "n": one.n,
                "quantity": one.quantity,
                "engine": engine.name,
                "median_ms": 1.0,
                "ratio_to_trainscape": 1.0,
                "roof": 1.0,
            }
            for one in cases
            for engine in one.engines
            if engine in engines
        ]
        assert verdicts(records, [target]), target.text


def test_cases_are_well_formed():
    cases = [(group, one) for group, list_cases in GROUPS.items() for one in list_cases()]
    keys = [(one.name, one.n, one.quantity) for _, one in cases]
    assert len(set(keys)) == len(keys)
    for group, one in cases:
        assert one.name.startswith(f"{group}-")
        first = one.engines[0]
        assert first.name.startswith("trainscape")
        assert first.left_out is None
        assert first.pinned
        assert len({engine.name for engine in one.engines}) == len(one.engines)
        for engine in one.engines:
            module, function = engine.builder.split(":")
            source = ROOT / f"{module.replace('.', '/')}.py"
            assert f"\ndef {function}(" in source.read_text()
    assert {group for group, one in cases if one.quick} == set(GROUPS)


@pytest.mark.parametrize(
    "module",
    sorted((ROOT / "benchmarks").glob("*.py"))
    + sorted((ROOT / "benchmarks" / "cases").glob("*.py")),
)
def test_peers_are_imported_in_their_own_processes_only(module):
    source = module.read_text()
    assert not re.search(
        r"^ *(import|from) +"
        r"(benchmarks\.peers|jax|qulacs|pennylane|tensorcircuit|propaq|pauli_prop|qiskit|fastdla)\b",
        source,
        re.MULTILINE,
    )


def test_selection():
    assert {one.n for one in select(["G"], [8, 10], quick=False)} == {8, 10}
    assert all(one.quick for one in select(list(GROUPS), [], quick=True))
    with pytest.raises(ValueError, match=r"no group of cases X; known are G, C, E"):
        select(["G", "X"], [], quick=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0.0, "0"),
        (0.012345, "0.0123"),
        (1.5, "1.5"),
        (123.4, "123"),
        (5200.0, "5200"),
        (1e-7, "1.00e-07"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_markdown_holds_every_record_and_the_verdicts():
    records = records_of([1e-3] * 3, [4e-3, 4.1e-3, 4.2e-3])
    text = markdown(records)
    lines = text.splitlines()
    assert len([line for line in lines if line.startswith("| G-zz |")]) == len(records)
    assert any("takes too long" in line for line in lines)
    assert any("not pinned" in line for line in lines)
    assert any(
        line.startswith("| fastest peer at least 5x |") and line.endswith("| **missed** |")
        for line in lines
    )
    assert (
        sum(line.endswith("| not measured |") for line in lines) == len(TARGETS) - 1
    )  # all but the one on n = 8
    for _, block in itertools.groupby(lines, key=lambda line: line.startswith("|")):
        rows = list(block)
        if rows[0].startswith("|"):
            assert len({row.count("|") for row in rows}) == 1


def test_files(tmp_path):
    records = records_of([1e-3] * 3, [4e-3, 4.1e-3, 4.2e-3])
    write_all(records, tmp_path)
    draw(records, tmp_path)
    assert load(tmp_path / "benchmark.json") == records
    assert load(tmp_path / "none.json") == []
    rows = list(csv.DictReader(io.StringIO(table(records))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["engine"] for row in rows] == [record["engine"] for record in records]
    assert float(rows[1]["median_ms"]) == records[1]["median_ms"]
    assert (tmp_path / "benchmark.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "benchmark.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"benchmark.{ending}" for ending in ("csv", "json", "md", "pdf", "png")
    ]


def test_page_marks():
    page = f"before\n{START}\nold\n{END}\nafter\n"
    assert replace_between(page, "new") == f"before\n{START}\n\nnew\n{END}\nafter\n"
    assert replace_between(replace_between(page, "other"), "new") == replace_between(page, "new")
    with pytest.raises(ValueError, match="lacks the marks"):
        replace_between("no marks", "new")
    assert START in (ROOT / "docs" / "benchmarks.md").read_text()


def test_fragmentation_blocks():
    """Blocks of the folded XXZ chain: against a search of the graph by hand, and the sizes against
    their sum."""
    instance = instances.fragmentation(6, 3, 4)
    dense = abs(instance.hamiltonian.toarray()) + abs(instance.gate.toarray())
    reached = {int(instance.block[0])}
    frontier = set(reached)
    while frontier:
        frontier = {int(b) for a in frontier for b in np.flatnonzero(dense[a])} - reached
        reached |= frontier
    assert reached == set(instance.block.tolist())
    assert set(instance.starts.tolist()) <= reached
    assert (
        instance.gate.nnz == 2**6 // 4
    )  # half of the states differ on the bond, and half of those have equal outer neighbours
    for matrix in (instance.hamiltonian.toarray(), instance.gate.toarray()):
        np.testing.assert_array_equal(matrix, matrix.T)
    assert instance.accepted[instance.starts, np.arange(4)].all()


@pytest.mark.parametrize(
    "module", sorted((ROOT / "benchmarks").rglob("*.py")), ids=lambda path: path.name
)
def test_what_the_benchmarks_take_from_trainscape_is_there(module):
    """No peer is installed here, so that most modules cannot be imported; the names that they
    import from us can."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "trainscape":
            found = importlib.import_module(node.module)
            for alias in node.names:
                assert hasattr(found, alias.name) or importlib.util.find_spec(
                    f"{node.module}.{alias.name}"
                ), f"{node.module}.{alias.name}"
