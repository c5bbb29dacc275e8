"""Settings of the group, small enough for tests."""

from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.attacks import GROUP, AttackSettings
from trainscape.studies.fragmentation.chains import SharedSettings
from trainscape.testing.steps import cell_context, family_of

SHARED = SharedSettings()
SETTINGS = AttackSettings(
    product={"temperley_lieb_d3": (3, 4), "t_jz_fields": (2, 3)},
    product_one_dimer=(4, 5, 6),
    blocks={"temperley_lieb_d3": (3, 4), "t_jz_fields": (2, 3)},
    lie=(2, 3, 4),
    lie_solved=3,
    words={"largest": (3, 4, 5), "one_dimer": (4, 5, 6)},
    diagrams={"largest": (3, 4, 5, 6), "one_dimer": (4, 5, 6, 8)},
    energy=(4, 5, 6, 7),
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
