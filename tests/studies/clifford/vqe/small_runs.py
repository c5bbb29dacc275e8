"""Small training runs without stores, that the tests of the group share."""

from trainscape.studies.clifford.vqe import GROUP, Published, Shots, Sines, Training, VQESettings
from trainscape.studies.contract import CellContext, Settings, Stage
from trainscape.testing.steps import cell_context, family_of

SETTINGS = VQESettings(
    training=Training(
        systems={"global_z": ((3, 1),), "tfim": ((3, 1), (3, 2), (3, 4))},
        restarts=6,
        iterations=12,
        rate=0.1,
        baselines=("global_z",),
        rates=(0.4,),
    ),
    shots=Shots(systems={"global_z": ((3, 1),)}, restarts=6, iterations=3, rate=0.1, shots=(0, 4)),
    sines=Sines(systems={"random_pauli": ((3, 1),)}, restarts=6, iterations=10, rate=0.2, most=4),
    published=Published(
        runs=2, experiments=(("biased_heisenberg", 3, 1, 2, 0.01),), walks=((3, 1, 2, 0.1),)
    ),
)

FAMILIES = GROUP.families(SETTINGS, Settings())
FAMILY = family_of(GROUP, "vqe", SETTINGS)

OBSERVABLES = ("global_z", "heisenberg", "biased_heisenberg", "tfim", "random_pauli")

DEFAULTS = {
    "observable": "global_z",
    "qubits": 4,
    "layers": 2,
    "start": "plain",
    "optimiser": "gd",
    "iterations": 4,
    "rate": 0.05,
    "shots": 0,
    "published": False,
}


def training_cell(*, rounding: bool = False, **changes) -> CellContext:
    """Return the context of a training cell; what is not named has the values of `DEFAULTS`."""
    return cell_context(FAMILY, Stage.THRESHOLDS, {**DEFAULTS, **changes}, rounding=rounding)
