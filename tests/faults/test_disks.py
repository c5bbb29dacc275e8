"""Real file systems that are full or read-only, in a mount namespace of the test."""

import re
import shlex
from collections.abc import Callable

import pytest

from namespaces import needs_namespaces, on_a_disk
from workspace import Workspace

pytestmark = [pytest.mark.fault, pytest.mark.slow, needs_namespaces]

Observe = Callable[[str], None]

ROOM = (0, 4, 40, 80, 120)
"""KiB that are free at each attempt, before room is made."""

FULL = """
cp -a "$1" saved
mount -t tmpfs -o size=4m tmpfs "$1"
cp -a saved/. "$1"
dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null || true
for room in {room}; do
    truncate --size -"${{room}}K" "$1/filler"
    {run} || echo "stopped $?"
    echo "lines $(cat "$1"/smoke/synthetic/simulate/full.ledger.jsonl | wc -l)"
done
rm "$1/filler"
{run}
cp -a "$1" after
"""

READ_ONLY = """
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
{run} || echo "stopped $?"
umount "$1"
{run}
"""


@pytest.fixture
def ready(workspace: Workspace) -> Workspace:
    """A workspace whose next stage is `simulate`."""
    workspace.complete("dataset")
    workspace.forget_calls()
    return workspace


@pytest.mark.fault(
    part="disk",
    fault="the disk is full: a real one, on which room is made bit by bit",
    promise="each attempt stops with path and free space, without a traceback, and keeps what it "
    "could; the last one ends with equal manifests, and no finished chunk is computed again",
)
def test_full_disk(ready: Workspace, reference: dict[str, bytes], observe: Observe):
    run = shlex.join(ready.run_command("simulate"))
    added = [room - before for before, room in zip((0, *ROOM), ROOM, strict=False)]
    script = FULL.format(run=run, room=" ".join(map(str, added)))
    done = ready.command(*on_a_disk(script, ready.root / "results"))
    assert done.code == 0, done.output
    assert "Traceback" not in done.output
    stops = re.findall(r"stopped (\d+)", done.output)
    told = re.findall(r"error: cannot write \S+: No space left .* MiB are free", done.output)
    assert len(stops) == len(told) >= 3, done.output
    assert set(stops) == {"1"}
    lines = list(map(int, re.findall(r"lines (\d+)", done.output)))
    assert lines == sorted(lines)
    after = ready.root / "after/smoke/synthetic/simulate"
    assert (after / "full.manifest.json").read_bytes() == reference[
        "smoke/synthetic/simulate/full.manifest.json"
    ]
    calls = ready.calls()
    assert len(calls) == 256
    # One chunk was lost at each stop, at most.
    assert calls.total() - 256 <= 32 * len(stops)
    observe(f"{len(stops)} stops")


@pytest.mark.fault(
    part="disk",
    fault="the results lie on a file system that is mounted for reading only",
    promise="one line says so, and nothing is computed; mounted for writing, the same command ends",
)
def test_read_only_disk(ready: Workspace, reference: dict[str, bytes]):
    script = READ_ONLY.format(run=shlex.join(ready.run_command("simulate")))
    done = ready.command(*on_a_disk(script, ready.root / "results"))
    assert done.code == 0, done.output
    first, _, _ = done.output.partition("stopped ")
    (line,) = first.splitlines()
    assert re.match(r"error: cannot write .*: Read-only file system. Mount .* for writing", line)
    assert "stopped 1" in done.output
    assert ready.calls() == dict.fromkeys(ready.calls(), 1)
    assert ready.manifests() == reference
