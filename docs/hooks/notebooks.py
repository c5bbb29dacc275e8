"""Notebooks of the site: run when it is built, each in a project folder of its own.

They are kept without outputs. A cell that fails stops the build.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

__all__ = ["on_files", "on_page_markdown", "rendered"]

PROJECT = Path(__file__).parents[2]
NOTEBOOKS = PROJECT / "docs" / "notebooks"
_LINK = re.compile(r"(\]\((?!https?:)[^)\s]*)\.ipynb\)")
SECONDS = 3600
"""A cell that takes longer hangs: a minute is usual, many on a machine that others use."""


def _project(folder: Path) -> None:
    """Make a folder in which `make figures` and `trainscape` work, with none of the results."""
    for name in ("Snakefile", "environment.yml", "config", "workflow", "profiles"):
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)
    (folder / "src").mkdir()


def _plain(notebook: nbformat.NotebookNode) -> None:
    """Make one text of what a cell printed in parts, without the colours of a terminal."""
    from nbconvert.filters import strip_ansi

    for cell in notebook.cells:
        joined: list[nbformat.NotebookNode] = []
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
                joined[-1].text += output.text
            else:
                joined.append(output)
        for output in joined:
            if output.output_type == "stream":
                output.text = strip_ansi(output.text)
        if cell.cell_type == "code":
            cell.outputs = joined


def rendered(path: Path) -> tuple[str, dict[str, bytes]]:
    """Run a notebook; return it as Markdown, and the pictures that it shows, by name.

    Raises
    ------
    PluginError
        If a cell fails or hangs.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError
    from nbconvert import MarkdownExporter
    from traitlets.config import Config

    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory(prefix="trainscape-notebook-") as name:
        folder = Path(name)
        _project(folder)
        paths = [str(folder / "src"), str(PROJECT / "src"), str(PROJECT / "tests")]
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")]),
            "COLUMNS": "100",
        }
        # By sockets of the file system: no port of the machine is opened.
        own = Config({"KernelManager": {"transport": "ipc", "ip": f"{name}/kernel"}})
        client = NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", config=own)
        try:
            client.execute(cwd=name, env=environment)
        except (CellExecutionError, CellTimeoutError) as error:
            raise PluginError(f"{path.name}: {error}") from error
    _plain(notebook)
    body, resources = MarkdownExporter().from_notebook_node(
        notebook, resources={"unique_key": path.stem, "output_files_dir": path.stem}
    )
    # Paths of this machine say nothing to a reader.
    body = body.replace(f"{name}/", "").replace("```bash\n%%bash\n", "```bash\n")
    return body, resources["outputs"]


def on_files(files: Files, config: Any) -> Files:
    """Put pages in the place of notebooks; MkDocs calls this."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    with ThreadPoolExecutor(max_workers=2) as pool:
        pages = list(pool.map(rendered, paths))
    for path, (body, pictures) in zip(paths, pages, strict=True):
        source = files.get_file_from_path(f"notebooks/{path.name}")
        if source is not None:
            files.remove(source)
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=body))
        for name, content in pictures.items():
            files.append(File.generated(config, f"notebooks/{name}", content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Let links to notebooks lead to their pages; MkDocs calls this."""
    return _LINK.sub(r"\1.md)", markdown)
