"""Write finished studies into one file, whose bytes depend on theirs alone."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from trainscape.pipeline.archive.crate import METADATA, crate_text
from trainscape.pipeline.config import load_workflow_config, study_file
from trainscape.pipeline.errors import ConfigError, DecisionNeededError, VerificationError
from trainscape.pipeline.request import Request
from trainscape.pipeline.site.writing import write_report
from trainscape.pipeline.verify import verify_claims, verify_stage
from trainscape.storage.digests import digest_file
from trainscape.storage.lock import seems_held
from trainscape.storage.paths import study_claims
from trainscape.storage.records import read_facts
from trainscape.storage.write_errors import writing
from trainscape.studies.contract import Stage

__all__ = ["LIST", "check_finished", "write_archive"]

LIST = "files.sha256"
"""Name, within an archive, of the list of all other files: ``sha256sum -c`` reads it."""

ENVIRONMENT = ("requirements.lock", "environment.yml", "pyproject.toml")
"""Files of the project that say with which packages the results were made."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold: times of files are no result."""

_LEFT_OUT = (".lock", ".checkpoints", ".partial", ".tmp")


def check_finished(requests: Sequence[Request]) -> None:
    """Make sure that everything that was asked for is complete and undamaged.

    Raises
    ------
    DecisionNeededError
        If a run is at work there.
    VerificationError
        If something is missing, out of date or damaged.
    """
    for request in requests:
        if seems_held(request.paths.lock):
            raise DecisionNeededError(
                f"{request.paths}: a run is at work there. Wait for its end (`trainscape status "
                "--watch`), then the same command."
            )
    problems: list[str] = []
    for request in requests:
        report = verify_stage(request)
        if not report.started:
            problems.append(f"{request.paths} is not computed yet")
        problems += report.problems
    for study in dict.fromkeys(request.study for request in requests):
        groups = [r for r in requests if r.study == study and r.stage is Stage.FIGURES]
        problems += verify_claims(groups) if groups and not problems else []
    if problems:
        text = "\n".join(problems)
        raise VerificationError(
            f"{text}\nOnly what is complete and undamaged is archived. `make figures "
            f"PRESET={requests[0].preset}` completes and mends it."
        )


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and not path.name.endswith(_LEFT_OUT):
            yield path


def _stage_files(request: Request) -> Iterator[Path]:
    """Yield what a stage has left, its logs aside: they say nothing about its values."""
    paths = request.paths
    for path in sorted(paths.folder.glob(f"{paths.family}.*")):
        if path.name.endswith(_LEFT_OUT):
            continue
        yield from _files_below(path) if path.is_dir() else (path,)
    for info in request.figures:
        yield from (paths.folder / file for file in info.files)


def _collect(
    requests: Sequence[Request], config_file: Path, project: Path, report: Path
) -> dict[str, Path]:
    """Return the files of an archive by their names in it, manifests last.

    A restore that is killed has then no manifest whose stage is not whole.
    """
    files = {"config/config.yaml": config_file}
    for name in load_workflow_config(config_file).studies:
        files[f"config/studies/{name}.yaml"] = study_file(name, config_file)
    for name in ENVIRONMENT:
        if (project / name).is_file():
            files[f"environment/{name}"] = project / name
    for path in _files_below(report):
        files[f"report/{path.relative_to(report).as_posix()}"] = path
    root = requests[0].root
    for request in requests:
        for path in _stage_files(request):
            files[f"results/{path.relative_to(root).as_posix()}"] = path
    for study in dict.fromkeys(request.study for request in requests):
        path = study_claims(root, requests[0].preset, study)
        if path.exists():
            files[f"results/{path.relative_to(root).as_posix()}"] = path
    order = sorted(files, key=lambda name: (name.endswith(".manifest.json"), name))
    return {name: files[name] for name in order}


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, on every system
    entry.external_attr = 0o100644 << 16
    return entry


def _write_zip(target: Path, texts: Mapping[str, bytes], files: Mapping[str, Path]) -> None:
    digests = {name: digest_file(path) for name, path in files.items()}
    lines = {**{name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}, **digests}
    listed = "".join(f"{digest}  {name}\n" for name, digest in lines.items())
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in {**texts, LIST: listed.encode()}.items():
            archive.writestr(_entry(name), text)
        for name, path in files.items():
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != digests[name]:
                raise DecisionNeededError(
                    f"{path} changed while it was archived: another run is at work there. Wait "
                    "for its end, then the same command."
                )
            archive.writestr(_entry(name), content)


def write_archive(
    requests: Sequence[Request],
    output: Path,
    *,
    config_file: Path,
    project: Path,
    licence: str | None = None,
) -> int:
    """Write finished studies into one zip file; return the number of files in it.

    Equal results give equal bytes: entries are sorted and have no times. The file holds an RO-Crate
    (``ro-crate-metadata.json``), a list of all files with their SHA-256, configuration,
    environment, report, and what the stages have left below ``results``.

    Parameters
    ----------
    requests
        All requests of the studies, of one preset, in the order in which they can run.
    output
        The file, which must not exist.
    config_file
        The workflow's configuration.
    project
        Folder with the lock of the environment; where it has none, none is archived.
    licence
        Address or name of the licence of the data.

    Raises
    ------
    ConfigError
        If `output` exists.
    VerificationError, DecisionNeededError
        See `check_finished`.
    CannotWriteError
        Saying why, and what to do.
    """
    if output.exists():
        raise ConfigError(f"{output} exists; remove it, or name another file with --output")
    check_finished(requests)
    names = " ".join(dict.fromkeys(request.study for request in requests))
    ends = (read_facts(request.paths.provenance).get("ended") for request in requests)
    temporary = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        write_report(requests, report, command=f"trainscape archive {names}")
        files = _collect(requests, config_file, project, report)
        sizes = {name: path.stat().st_size for name, path in files.items()}
        published = max((str(end) for end in ends if end), default="unknown")
        text = crate_text(requests, sizes, published=published, licence=licence)
        with writing(output):
            output.parent.mkdir(parents=True, exist_ok=True)
            try:
                _write_zip(temporary, {METADATA: text}, files)
                temporary.replace(output)
            finally:
                temporary.unlink(missing_ok=True)
    return len(files) + 2
