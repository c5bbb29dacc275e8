"""Figure of a small run."""

from studies.fragmentation.chains import SHARED
from studies.fragmentation.generalisation.settings import SETTINGS
from trainscape.studies.fragmentation.generalisation import GROUP, figures
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import run_group


def test_the_figure_is_fit_to_print():
    results = run_group(GROUP, SETTINGS, SHARED)
    with style():
        check_plot(figures.generalisation(results))
