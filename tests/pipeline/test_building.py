"""Whatever a study raises while it lists its cells ends in file, key and exit code 2, in time."""

import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import yaml

from synthetic import STUDY
from trainscape.pipeline import building
from trainscape.pipeline.cells import LARGEST_COST, MAX_SAMPLES
from trainscape.pipeline.config import LoadedStudy, load_study
from trainscape.pipeline.culprit import culprit, largest_number, repetition
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import requests
from trainscape.pipeline.yaml_files import read_yaml
from trainscape.studies.contract import Cell, Family, Settings, Stage, StagePlan
from workspace import REPO, Workspace


class Deep(Settings):
    """One level below."""

    sites: tuple[int, ...] = (4, 6)
    lengths: dict[int, tuple[int, ...]] = {2: (3, 5)}  # noqa: RUF012
    ratio: float = 1.5


class Own(Settings):
    """Settings of a group."""

    deep: Deep = Deep()
    systems: tuple[Deep, ...] = (Deep(),)
    count: int = 3


def study(workspace: Workspace, families: Callable[[Any, Any], Any], own: Own) -> LoadedStudy:
    """Return the synthetic study with other families and settings of its group."""
    with workspace.inside():
        loaded = load_study("synthetic", "smoke")
    group = replace(STUDY.groups[0], families=families, settings=Own)
    settings = loaded.settings.model_copy(update={"core": own})
    return replace(loaded, study=replace(STUDY, groups=(group,)), settings=settings)


def refuse_small(own: Own, shared: Settings) -> tuple[Family, ...]:
    """Families that need every length to be at least 2, and complain in words of their own."""
    numbers = [*own.deep.sites, *own.deep.lengths, own.count]
    numbers += [
        n for system in (own.deep, *own.systems) for ns in system.lengths.values() for n in ns
    ]
    if min(numbers) < 2:
        raise ValueError("a chain needs two sites")
    return ()


@pytest.mark.parametrize(
    ("own", "key"),
    [
        (Own(deep=Deep(sites=(4, 1))), "deep.sites: 1: "),
        (Own(deep=Deep(sites=(1,))), "deep.sites.0: 1: "),
        (Own(deep=Deep(lengths={2: (3, 1)})), "deep.lengths.2: 1: "),
        (Own(deep=Deep(lengths={1: (3,)})), "deep.lengths.1: (3,): "),
        (Own(deep=Deep(lengths={1: (3,), 2: (4,)})), "deep.lengths.1: (3,): "),
        (Own(systems=(Deep(), Deep(lengths={2: (1, 3)}))), "systems: {'sites'"),
        (Own(count=0), "count: 0: "),
        (Own(count=0, deep=Deep(sites=(4, 1))), ": a chain"),
    ],
)
def test_the_key_is_that_without_which_it_works(workspace: Workspace, own: Own, key: str):
    with pytest.raises(ConfigError) as caught:
        requests(study(workspace, refuse_small, own))
    message = str(caught.value)
    assert message.startswith("config/studies/synthetic.yaml: presets.smoke.core")
    assert key in message
    assert message.endswith("a chain needs two sites")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "error",
    [KeyError("qubit"), ZeroDivisionError(), OverflowError("too large"), AttributeError("x\ny")],
)
def test_any_error_names_its_kind_and_the_line_of_the_plugin(
    workspace: Workspace, error: Exception, monkeypatch: pytest.MonkeyPatch
):
    def fail(own: Own, shared: Settings) -> tuple[Family, ...]:
        raise error

    monkeypatch.setitem(fail.__globals__, "__name__", "synthetic.plans")
    with pytest.raises(ConfigError) as caught:
        requests(study(workspace, fail, Own()))
    message = str(caught.value)
    assert "\n" not in message
    assert f"presets.smoke.core: {type(error).__name__}: " in message
    assert "test_building.py, line " in message


def test_time_is_bounded(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    """The alarm is set, and what it raises passes through a plug-in that catches every error."""

    def endless(own: Own, shared: Settings) -> tuple[Family, ...]:
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
        with suppress(Exception):
            signal.raise_signal(signal.SIGALRM)
        return ()

    handler, left = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)[0]
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        with pytest.raises(ConfigError) as caught:
            requests(study(workspace, endless, Own(count=77)))
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    finally:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, left)
    assert "presets.smoke.core: the study takes more than 20 s" in str(caught.value)
    assert "the largest is presets.smoke.core.count = 77" in str(caught.value)


def test_memory_is_bounded(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    def greedy(own: Own, shared: Settings) -> tuple[Family, ...]:
        return bytes(2**31)  # type: ignore[return-value]

    monkeypatch.setattr(building, "MEMORY", 2**28)
    with pytest.raises(ConfigError, match="takes more than 20 s or 0 GiB"):
        requests(study(workspace, greedy, Own()))


@pytest.mark.slow
def test_what_cannot_be_interrupted_is_tried_elsewhere(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(building, "SECONDS", 3)
    file = workspace.root / "config/studies/fragmentation.yaml"
    content = read_yaml(REPO / "config/studies/fragmentation.yaml")
    smoke = content["presets"]["smoke"]
    smoke["attacks"]["lie"] = [3, 10**18]
    file.write_text(yaml.safe_dump({**content, "presets": {"smoke": smoke}}))
    with workspace.inside(), pytest.raises(ConfigError, match=r"lie\.1 = 1e\+18") as caught:
        requests(load_study("fragmentation", "smoke"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (Cell(parameters={"n": 1}, samples=MAX_SAMPLES + 1), "at most 10000000"),
        (Cell(parameters={"n": 1}, samples=10**20), "wants 100000000000000000000 samples; at most"),
        (
            Cell(parameters={"n": 1}, seconds=float("inf")),
            "estimated at more than 1e300 of seconds",
        ),
        (Cell(parameters={"n": 1}, memory=10**400), "estimated at more than 1e300 of memory"),
        (Cell(parameters={"n": 1}, disk=int(LARGEST_COST)), "estimated at 1e+30 of disk"),
        (Cell(parameters={"n": 1}, seconds=float("nan")), "estimated at nan of seconds"),
    ],
)
def test_costs_beyond_reason(workspace: Workspace, cell: Cell, message: str):
    def families(own: Own, shared: Settings) -> tuple[Family, ...]:
        plan = StagePlan(sample="values", cells=(cell,))
        return (Family(name="one", title="", stages={Stage.SIMULATE: plan}),)

    with pytest.raises(ConfigError, match=r"presets\.smoke\.core: family one") as caught:
        requests(study(workspace, families, Own()))
    assert message in str(caught.value)


def test_a_value_that_is_listed_twice_is_named(workspace: Workspace):
    def families(own: Own, shared: Settings) -> tuple[Family, ...]:
        cells = tuple(Cell(parameters={"sites": sites}) for sites in own.deep.sites)
        plan = StagePlan(sample="values", cells=cells)
        return (Family(name="one", title="", stages={Stage.SIMULATE: plan}),)

    own = Own(deep=Deep(sites=(4, 6, 4)))
    with pytest.raises(ConfigError, match=r"presets\.smoke\.core\.deep\.sites lists 4 twice"):
        requests(study(workspace, families, own))


# Number, key: what a smoke preset becomes, and the key that the message has to name.
BAD = [
    (("scaling", "full", "sites", 2), [3, 1], "presets.smoke.scaling.full.sites.2: 1: "),
    (("scaling", "top", "sites", 2), [4, 0], "presets.smoke.scaling.top.sites.2: 0: "),
    (("scaling", "top", "sites"), {9: [4]}, "presets.smoke.scaling.top.sites.9: "),
    (("scaling", "control", "sites"), [3, 1], "presets.smoke.scaling.control.sites: 1: "),
    (("attacks", "lie"), [2, 1], "presets.smoke.attacks.lie: 1: "),
    (("loss_law", "sites"), [3, 4, 4], "presets.smoke.loss_law.sites lists 4 twice"),
    (("scaling", "local", "layers"), [2, 10**5], "presets.smoke.scaling.local.layers: 100000: "),
    (("shots", "sites"), [3, 1], "presets.smoke.shots.sites: 1: "),
]


@pytest.mark.parametrize(("place", "value", "message"), BAD)
def test_settings_of_a_published_study(workspace: Workspace, place, value, message):
    content = read_yaml(REPO / "config/studies/fragmentation.yaml")
    smoke = content["presets"]["smoke"]
    section = smoke
    for name in place[:-1]:
        section = section[name]
    section[place[-1]] = value
    file = workspace.root / "config/studies/fragmentation.yaml"
    file.write_text(yaml.safe_dump({**content, "presets": {"smoke": smoke}}))
    with workspace.inside(), pytest.raises(ConfigError) as caught:
        requests(load_study("fragmentation", "smoke"))
    problem = caught.value.problems[0]
    assert problem.startswith("config/studies/fragmentation.yaml: presets.smoke")
    assert message in problem
    assert all("\n" not in line for line in caught.value.problems)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (
            ("shots", "samples"),
            10**20,
            "presets.smoke.shots.samples: an integer must be below 2^63",
        ),
        (("shots", "sites"), [3, 10**20], "presets.smoke.shots.sites.1: an integer must be below"),
        (("spectra", "spectra", "draws"), {10**20: 4}, "draws.100000000000000000000: an integer"),
        (
            ("shots", "samples"),
            10**400,
            "presets.smoke.shots.samples: an integer must be below 2^63",
        ),
        (("shots", "samples"), 1e20, "presets.smoke.shots.samples: "),
        (("shots", "samples"), float("inf"), "presets.smoke.shots.samples: must be a finite"),
    ],
)
def test_numbers_that_nothing_can_hold(workspace: Workspace, place, value, message):
    content = read_yaml(REPO / "config/studies/fragmentation.yaml")
    smoke = content["presets"]["smoke"]
    section = smoke
    for name in place[:-1]:
        section = section[name]
    section[place[-1]] = value
    file = workspace.root / "config/studies/fragmentation.yaml"
    file.write_text(yaml.safe_dump({**content, "presets": {"smoke": smoke}}))
    with workspace.inside(), pytest.raises(ConfigError) as caught:
        load_study("fragmentation", "smoke")
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["1/0", "raise KeyError('x')", "def (", "undefined"])
def test_a_plugin_that_cannot_be_imported(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, text: str
):
    (workspace.root / "broken_plugin.py").write_text(f"\n{text}\n")
    monkeypatch.syspath_prepend(str(workspace.root))
    (workspace.root / "config/studies/broken.yaml").write_text(
        "plugin: broken_plugin\nentropy: '1'\npresets: {}\n"
    )
    with workspace.inside(), pytest.raises(ConfigError, match="broken_plugin") as caught:
        load_study("broken", "smoke")
    assert "line" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_key_is_better_than_a_wrong_one():
    assert culprit(Own(), "x", lambda _: False) is None
    assert culprit(Own(count=9), "x", lambda own: own.count != 9) == ("x.count", "9")


def test_numbers_and_repetitions():
    own = Own(deep=Deep(lengths={10**6: (3,)}), systems=(Deep(sites=(7, 7)),))
    assert largest_number(own, "x") == (10**6, "x.deep.lengths.1000000")
    assert largest_number(Own(count=10**400), "x")[1] == "x.count"
    assert repetition(own, "x") == "x.systems.0.sites lists 7 twice"
    assert repetition(Own(), "x") == ""
