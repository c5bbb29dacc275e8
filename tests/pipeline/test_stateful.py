"""Store, ledger and manifest against a simple model, through any history of edits, growth, kills and damage.

The model: for each cell and sample that is wanted, the number that a pure function of the settings
gives. After every run that completes, the data are those of the model, the manifest equals byte for
byte that of a run without history, and no chunk was computed that stood, undamaged, for the same
settings. A kill may fall between any two writes, and may tear a ledger line.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from trainscape.storage.ledger import read_entries
from trainscape.storage.store import ChunkUnreadableError, Store
from workspace import DAMAGE, Workspace

STAGE = "gradients"

FRESH: dict[str, bytes] = {}
"""Manifests of runs without history, by what was wanted."""


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it, and nothing is tidied up on purpose."""


class Kill:
    """Raise `Killed` at the n-th write of a run: at a data chunk or a piece of metadata, at a ledger line (before, after, or in the middle of it),
    or at a file that is replaced."""

    def __init__(self, patch: pytest.MonkeyPatch, countdown: int, torn: bool) -> None:
        self.left = countdown
        self.torn = torn
        from zarr.storage import LocalStore

        from trainscape.pipeline import stage
        from trainscape.storage.ledger import Ledger

        real_put, real_append = LocalStore.set, Ledger.append

        async def put(store: Any, *arguments: Any, **options: Any) -> None:
            self.count()
            await real_put(store, *arguments, **options)

        def append(ledger: Any, entry: Any) -> None:
            if self.left == 1 and self.torn:
                real_append(ledger, entry)
                content = ledger.path.read_bytes()
                ledger.path.write_bytes(content[: len(content) - 1 - len(entry.cell)])
            self.count()
            real_append(ledger, entry)
            self.count()

        def counted(real: Callable[..., None]) -> Callable[..., None]:
            def write(*arguments: Any) -> None:
                self.count()
                real(*arguments)
                self.count()

            return write

        patch.setattr(LocalStore, "set", put)
        patch.setattr(Ledger, "append", append)
        # Provenance, inventory, manifest.
        for name in ("write_json", "write_inventory", "write_atomic"):
            patch.setattr(stage, name, counted(getattr(stage, name)))

    def count(self) -> None:
        """Count a write; kill at the last."""
        self.left -= 1
        if self.left == 0:
            raise Killed


class Histories(RuleBasedStateMachine):
    """One stage with its summary, whose wanted cells, samples, options and entropy change."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.folder = Path(tempfile.mkdtemp())
        self.workspace = Workspace(self.folder / "workspace", self.patch)
        self.workspace.configure()
        self.wanted: dict[str, Any] = {
            "sizes": [2],
            "samples": 40,
            "tolerance": 0.001,
            "entropy": "12345",
        }

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        self.request()

    def request(self) -> None:
        self.workspace.set_study(**self.wanted)
        self.workspace.complete("dataset")  # writes the requests of all stages

    # Changes of what is wanted

    @rule(samples=st.sampled_from([1, 20, 32, 40, 64, 100, 130]))
    def grow_or_shrink(self, samples: int) -> None:
        self.wanted["samples"] = samples
        self.request()

    @rule(sizes=st.sampled_from([[2], [2, 3], [3], [3, 2]]))
    def choose_cells(self, sizes: list[int]) -> None:
        self.wanted["sizes"] = sizes
        self.request()

    @rule(tolerance=st.sampled_from([0.001, 0.5]))
    def change_option(self, tolerance: float) -> None:
        self.wanted["tolerance"] = tolerance
        self.request()

    @rule(entropy=st.sampled_from(["12345", "777"]))
    def change_entropy(self, entropy: str) -> None:
        self.wanted["entropy"] = entropy
        self.request()

    @rule(seconds=st.sampled_from([0.001, 0.0065, 100.0]))
    def change_chunk_length(self, seconds: float) -> None:
        self.workspace.configure(chunk_seconds=seconds)

    # Damage

    def files(self, pattern: str) -> list[Path]:
        store = self.workspace.absolute(STAGE).store
        return sorted(
            path
            for path in store.rglob(pattern)
            if path.is_file() and (path.name == "zarr.json") == (pattern == "zarr.json")
        )

    @precondition(lambda self: self.files("*"))
    @rule(data=st.data(), damage=st.sampled_from(sorted(DAMAGE)))
    def damage_data(self, data: st.DataObject, damage: str) -> None:
        DAMAGE[damage](data.draw(st.sampled_from(self.files("*")), "file"))

    @precondition(lambda self: self.files("zarr.json"))
    @rule(data=st.data(), damage=st.sampled_from(sorted(DAMAGE)))
    def damage_metadata(self, data: st.DataObject, damage: str) -> None:
        DAMAGE[damage](data.draw(st.sampled_from(self.files("zarr.json")), "file"))

    @precondition(lambda self: self.workspace.lines(STAGE))
    @rule(share=st.floats(0, 1))
    def tear_ledger(self, share: float) -> None:
        path = self.workspace.absolute(STAGE).ledger
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])

    # Runs

    @rule(countdown=st.integers(1, 30), torn=st.booleans())
    def run_until_killed(self, countdown: int, torn: bool) -> None:
        with pytest.MonkeyPatch.context() as patch:
            Kill(patch, countdown, torn)
            try:
                self.workspace.run(STAGE)
            except Killed:
                # The manifest is the last thing that a run writes: if it is there, it holds.
                manifest = self.workspace.absolute(STAGE).manifest
                assert (
                    not manifest.exists()
                    or manifest.read_bytes() == self.manifest_without_history()
                )

    @rule()
    def run_to_the_end(self) -> None:
        necessary = self.necessary()
        self.workspace.forget_calls()
        self.workspace.run(STAGE)
        assert {call for call in self.workspace.calls() if call[0] == STAGE} == necessary
        assert set(self.workspace.calls().values()) <= {1}
        self.check_data()
        assert (
            self.workspace.absolute(STAGE).manifest.read_bytes() == self.manifest_without_history()
        )

    def necessary(self) -> set[tuple[str, int, int]]:
        """Samples of the chunks that do not stand.

        By the ledger's own words, read by other code than the runner's.
        """
        from trainscape.pipeline.survey import survey

        with self.workspace.inside():
            chunks = survey(
                self.workspace.request(STAGE), self.workspace.config_values["chunk_seconds"]
            ).chunks
        lines = read_entries(self.workspace.absolute(STAGE).ledger)
        entries = {(line.cell, line.chunk): line for line in lines}
        store = Store(self.workspace.absolute(STAGE).store)
        found = set()
        for chunk in chunks:
            task, entry = chunk.task, entries.get((chunk.task.cell, chunk.task.chunk))
            try:
                stands = (
                    entry is not None
                    and entry.status == "done"
                    and any(
                        line.key == task.key and line.hash == entry.hash
                        for line in lines
                        if (line.cell, line.chunk, line.status) == (task.cell, task.chunk, "done")
                    )
                    and store.hash(task.cell, task.chunk) == entry.hash
                )
            except ChunkUnreadableError:
                stands = False
            if not stands:
                found |= {
                    (STAGE, task.parameters["size"], sample)
                    for sample in range(task.start, task.stop)
                }
        return found

    def check_data(self) -> None:
        """The numbers themselves, from the formula."""
        from trainscape.pipeline.results import read_cells
        from trainscape.runtime.seeds import cell_words, generator

        with self.workspace.inside():
            cells = read_cells(self.workspace.paths(STAGE))
            matrices = {
                cell["size"]: cell.data["matrix"].values
                for cell in read_cells(self.workspace.paths("dataset"))
            }
        assert [cell["size"] for cell in cells] == self.wanted["sizes"]
        for cell in cells:
            words = cell_words(cell.parameters, ("size",))
            vectors = np.stack(
                [
                    generator(int(self.wanted["entropy"]), 2, words, sample).normal(
                        size=cell["size"]
                    )
                    for sample in range(self.wanted["samples"])
                ]
            )
            matrix = matrices[cell["size"]]
            np.testing.assert_allclose(
                cell.data["gradient"].values, vectors @ (matrix + matrix.T), rtol=1e-12, atol=1e-12
            )

    def manifest_without_history(self) -> bytes:
        key = repr(self.wanted)
        if key not in FRESH:
            workspace = Workspace(self.folder / "fresh", self.patch)
            workspace.configure()
            workspace.set_study(**self.wanted)
            workspace.complete("dataset")
            workspace.run(STAGE)
            FRESH[key] = workspace.absolute(STAGE).manifest.read_bytes()
            shutil.rmtree(workspace.root)
        return FRESH[key]

    @invariant()
    def manifest_vouches_for_nothing_false(self) -> None:
        """Whoever reads through the manifest gets the right numbers, or an error; never others."""
        from trainscape.pipeline.errors import TrainscapeError
        from trainscape.storage.manifest import ManifestMissingError

        manifest = self.workspace.absolute(STAGE).manifest
        if (
            not manifest.exists()
            or self.workspace.manifest(STAGE)["request"] != self.workspace.request(STAGE).digest
        ):
            return
        try:
            self.check_data()
        except (ChunkUnreadableError, TrainscapeError, ManifestMissingError):
            return


Histories.TestCase.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
TestHistories = Histories.TestCase
