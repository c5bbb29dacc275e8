"""Settings of the group, small enough for tests."""

from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.attacks import GROUP, AttackSettings
from trainscape.studies.fragmentation.chains import SharedSettings
from trainscape.testing.steps import cell_context, family_of

SHARED = SharedSettings()
SETTINGS = AttackSettings(
    product={"temperley_lieb_d3": (3, 4), "t_jz_fields": (2, 3)},
    blocks={"temperley_lieb_d3": (3, 4), "t_jz_fields": (2, 3)},
    lie=(2, 3, 4),
    lie_solved=3,
    words=(3, 4, 5),
    diagrams=(3, 4, 5, 6),
    energy=(4, 5, 6, 7),
    one_dimer={
        "product": (4, 5, 6),
        "blocks": (4, 5, 6),
        "lie": (3, 4, 5),
        "words": (4, 5, 6),
        "diagrams": (4, 5, 6, 8),
        "energy": (4, 5, 6, 7),
    },
)


def attack_cell(
    attack: str = "blocks",
    model: str = "temperley_lieb_d3",
    sites: int = 4,
    sector: str = "largest",
    **options: float,
) -> CellContext:
    """Return the context of a cell."""
    family = family_of(GROUP, "attacks", SETTINGS, SHARED)
    parameters = {"attack": attack, "model": model, "sites": sites, "sector": sector}
    return cell_context(family, Stage.SIMULATE, parameters, **options)
