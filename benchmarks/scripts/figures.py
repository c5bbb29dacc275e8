"""The figures that are made in two ways, and the folder in which the workflow makes one.

Both ways have the same samples: the script in its constants, the workflow in the settings of the
figure's group, which lie beside the script in a YAML file of the same name. Sizes are those of the
preset ``laptop``, as far as the script has them. The other groups of the study have those of the
preset ``smoke``, and are not run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.barren_plateau.__main__ import code_lines as python_lines

__all__ = ["FIGURES", "PRESET", "ROOT", "Figure", "code_lines", "find", "make_workspace"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PRESET = "laptop"


@dataclass(frozen=True)
class Figure:
    """One figure of one study.

    Parameters
    ----------
    study, group, name
        The study, its group, and the name of the figure.
    gist
        What is computed, in a few words.
    share
        Share of the samples that the script runs if not all: each count of it is a whole number
        there, and runs are enough for a test.
    """

    study: str
    group: str
    name: str
    gist: str
    share: float

    @property
    def stem(self) -> str:
        """Name of the script and of the settings."""
        return f"{self.study}_{self.name}"

    @property
    def script(self) -> Path:
        """The plain script."""
        return HERE / f"{self.stem}.py"

    @property
    def settings(self) -> Path:
        """The settings of the group."""
        return HERE / f"{self.stem}.yaml"

    @property
    def table(self) -> Path:
        """The table behind the figure, in a workspace."""
        return Path("results", PRESET, self.study, "figures", f"{self.name}.csv")


FIGURES = (
    Figure(
        "fragmentation",
        "failures",
        "failures",
        "L-BFGS on six networks of 6 qubits, five with one thing wrong",
        1 / 6,
    ),
    Figure(
        "clifford",
        "baseline",
        "random_strings",
        "gradients in patches, six circuits of 2 to 12 qubits, seven widths",
        1 / 4,
    ),
    Figure(
        "pruning",
        "losses",
        "loss_curves",
        "descent and Adam on four losses, 4 and 6 qubits",
        1 / 8,
    ),
    Figure(
        "hypergraph",
        "variances",
        "gradient_variances",
        "variance of gradients of qumodes, qubits and a deep circuit",
        1 / 16,
    ),
)


def find(names: list[str]) -> list[Figure]:
    """Return the figures of these names (of the study or of the script); all for no name.

    Raises
    ------
    ValueError
        If there is no such figure.
    """
    unknown = [name for name in names if not any(name in (one.study, one.stem) for one in FIGURES)]
    if unknown:
        known = ", ".join(one.study for one in FIGURES)
        raise ValueError(f"there is no script for {', '.join(unknown)}; known are {known}")
    return [one for one in FIGURES if not names or {one.study, one.stem} & set(names)]


def make_workspace(figure: Figure, folder: Path, settings: dict[str, Any] | None = None) -> None:
    """Write the configuration with which the workflow makes the figure from nothing.

    Parameters
    ----------
    figure
        The figure.
    folder
        Where; it is created.
    settings
        In place of those beside the script.
    """
    study = yaml.safe_load((ROOT / "config/studies" / f"{figure.study}.yaml").read_text())
    own = settings or yaml.safe_load(figure.settings.read_text())
    study["presets"] = {PRESET: {**study["presets"]["smoke"], **own}}
    (folder / "config/studies").mkdir(parents=True)
    path = folder / "config/studies" / f"{figure.study}.yaml"
    path.write_text(yaml.safe_dump(study, sort_keys=False))
    config = {"preset": PRESET, "studies": [figure.study], "group": figure.group}
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))


def code_lines(path: Path) -> int:
    """Return the number of lines that hold code or settings: no comments, no docstrings."""
    text = path.read_text()
    if path.suffix == ".py":
        return python_lines(text)
    return sum(1 for line in text.splitlines() if line.strip() and not line.startswith("#"))
