"""The figure of a small run."""

from studies.fragmentation.attacks.settings import SETTINGS, SHARED
from trainscape.studies.fragmentation.attacks import GROUP
from trainscape.studies.fragmentation.attacks.figures import dequantisation
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import run_group


def test_dequantisation_is_fit_to_print():
    results = run_group(GROUP, SETTINGS, SHARED)
    with style():
        plot = dequantisation(results)
        check_plot(plot)
    against = plot.figure.axes[2]
    drawn = {tuple(line.get_xdata()) for line in against.lines}
    # The sector with one dimer has dimension L - 1, whatever N of the chain is.
    assert (3.0, 4.0, 5.0, 7.0) in drawn
