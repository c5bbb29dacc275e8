"""What differs between a run and another one: verdicts, measured numbers, figures, versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainscape.pipeline.claims_files import number
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.site.contents import Claim, Study, claims_of, manifest_of
from trainscape.storage.paths import StagePaths
from trainscape.storage.records import read_facts

__all__ = ["ClaimChange", "Comparison", "compare", "other_preset"]


@dataclass(frozen=True)
class ClaimChange:
    """A claim that is not as it was; a side is None where the claim is not there.

    Parameters
    ----------
    change
        ``verdict``, ``numbers``, ``new`` or ``gone``.
    """

    study: str
    name: str
    change: str
    before: Mapping[str, Any] | None
    now: Mapping[str, Any] | None
    page: str | None


@dataclass(frozen=True)
class Comparison:
    """All differences from the run in `folder`.

    Parameters
    ----------
    claims
        Claims that differ, changed verdicts first.
    equal
        Number of claims with equal verdicts and numbers.
    figures
        Study, figure, and ``new``, ``gone`` or ``other numbers``.
    equal_figures
        Number of figures whose tables are equal, byte by byte.
    versions
        Package, its versions there, and here.
    """

    folder: Path
    claims: list[ClaimChange]
    equal: int
    figures: list[tuple[str, str, str]]
    equal_figures: int
    versions: list[tuple[str, str, str]]


def other_preset(folder: Path, preset: str) -> Path:
    """Return the folder of a preset in a folder of results, or `folder` if it is one itself.

    Raises
    ------
    ConfigError
        If it is neither.
    """
    for candidate in (folder / preset, folder):
        if any(candidate.glob("*/figures/*.manifest.json")):
            return candidate
    raise ConfigError(
        f"--compare {folder}: no finished figures are in {folder / preset}, nor in {folder} "
        "itself; name a folder of results, such as ../other/results, or of a preset in it"
    )


def _groups(folder: Path, study: str) -> list[StagePaths]:
    """Return the paths of the finished groups of a study."""
    suffix = ".manifest.json"
    return [
        StagePaths(folder.parent, folder.name, study, "figures", path.name.removesuffix(suffix))
        for path in sorted((folder / study / "figures").glob(f"*{suffix}"))
    ]


def _records(groups: Iterable[StagePaths]) -> dict[str, Mapping[str, Any]]:
    """Return the claims of the finished groups, by their name."""
    return {record["id"]: record for paths in groups for record in claims_of(paths)}


def _tables(digests: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of the table of each figure: pictures differ by versions of libraries."""
    return {
        name.removesuffix(".csv"): digest
        for name, digest in digests.items()
        if name.endswith(".csv")
    }


def _claim_change(claim: Claim, before: Mapping[str, Any] | None) -> ClaimChange | None:
    """Return how a claim differs. Numbers count as they are printed, with four digits."""
    if before is None:
        change = "new"
    elif before["verdict"] != claim.record["verdict"]:
        change = "verdict"
    elif number(before) != number(claim.record):
        change = "numbers"
    else:
        return None
    return ClaimChange(claim.study, claim.name, change, before, claim.record, claim.page)


def _versions(facts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for one in facts:
        for package, version in one.get("versions", {}).items():
            found.setdefault(package, set()).add(version)
    return {package: ", ".join(sorted(versions)) for package, versions in found.items()}


def compare(studies: Iterable[Study], folder: Path) -> Comparison:
    """Return how the finished groups of these studies differ from those in another folder.

    Parameters
    ----------
    studies
        What there is here.
    folder
        Folder of the other preset, as `other_preset` finds it.
    """
    changes: list[ClaimChange] = []
    figures: list[tuple[str, str, str]] = []
    equal = equal_figures = 0
    here: list[dict[str, Any]] = []
    there: list[dict[str, Any]] = []
    for study in studies:
        groups = _groups(folder, study.name)
        before = _records(groups)
        for claim in study.claims:
            change = _claim_change(claim, before.pop(claim.name, None))
            changes += [change] if change else []
            equal += change is None
        changes += [
            ClaimChange(study.name, name, "gone", record, None, None)
            for name, record in before.items()
        ]
        old = {
            name: digest
            for paths in groups
            for name, digest in _tables((manifest_of(paths) or {}).get("files", {})).items()
        }
        for figure in study.figures:
            (digest,) = _tables(figure.digests).values() or ("",)
            was = old.pop(figure.name, None)
            equal_figures += was == digest
            if was != digest:
                word = "new" if was is None else "other numbers"
                figures.append((study.name, figure.name, word))
        figures += [(study.name, name, "gone") for name in old]
        here += study.facts
        there += [
            read_facts(path) for path in sorted((folder / study.name).glob("*/*.provenance.*"))
        ]
    order = ("verdict", "new", "gone", "numbers")
    changes.sort(key=lambda one: order.index(one.change))
    ours, theirs = _versions(here), _versions(there)
    versions = [
        (package, theirs.get(package, ""), ours.get(package, ""))
        for package in dict.fromkeys((*ours, *theirs))
        if ours.get(package) != theirs.get(package)
    ]
    return Comparison(folder, changes, equal, figures, equal_figures, versions)
