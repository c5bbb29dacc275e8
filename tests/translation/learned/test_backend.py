"""What needs JAX, and what must not import it."""

import subprocess
import sys

import pytest

from trainscape.translation.learned import backend


def test_a_missing_package_is_named_with_what_to_type(monkeypatch):
    monkeypatch.setattr(backend, "find_spec", lambda name: None if name == "optax" else object())
    with pytest.raises(backend.NetworksMissingError, match=r"optax.*trainscape\[networks\]"):
        backend.check_networks()


def test_the_backend_is_one_thread_of_the_processor(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=nowhere")
    monkeypatch.setenv("JAX_PLATFORMS", "gpu")
    backend.prepare_backend()
    backend.prepare_backend()
    flags = backend.os.environ["XLA_FLAGS"].split()
    assert flags[0] == "--xla_dump_to=nowhere"
    assert flags.count("--xla_cpu_multi_thread_eigen=false") == 1
    assert backend.os.environ["JAX_PLATFORMS"] == "cpu"


CODE = """
import sys
from trainscape.pipeline.preload import preload
from trainscape.studies.hypergraph import STUDY
steps = []
for group in STUDY.groups:
    if group.name in ("memory", "learning"):
        steps += [f"{group.package}.{name}" for name in NAMES[group.name]]
preload(steps)
assert all(name in sys.modules for name in steps), steps
print("jax" in sys.modules)
"""
NAMES = {
    "memory": ("trained_networks", "violation_rates"),
    "learning": ("trained_cells", "learned_translations"),
}


def test_processes_that_plan_or_fork_do_not_import_jax():
    code = f"NAMES = {NAMES!r}\n{CODE}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
