"""Code blocks of the documentation: found, told apart, and split into commands.

Fenced blocks say what they are. Indented ones are shell commands if the first word is one, Python
if they parse as such and import something, and else text.
"""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from workspace import REPO

PAGES = sorted(
    path.relative_to(REPO).as_posix()
    for pattern in ("*.md", "config/*.md", "results/*.md", "changes/README.md", "docs/**/*.md")
    for path in REPO.glob(pattern)
    if path.name != "CHANGELOG.md"
)
"""All pages."""

SHELL = {"sh", "bash", "shell", "console"}
PROGRAMS = {
    "trainscape",
    "make",
    "snakemake",
    "python",
    "srun",
    "sbatch",
    "uvx",
    "source",
    "export",
}
"""What an indented block of commands begins with."""

_FILE = re.compile(r"^`([^`\s]+)`$")


@dataclass(frozen=True)
class Block:
    """A block of code: its page and line, what it is, its text, and the file that it shows."""

    page: str
    line: int
    language: str
    code: str
    file: str = ""

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def commands(self) -> list[list[str]]:
        """The words of each command; none where the block has no commands."""
        if self.language != "shell":
            return []
        text = re.sub(r"^\$ ", "", self.code, flags=re.MULTILINE).replace("\\\n", " ")
        found = []
        for line in text.splitlines():
            words: list[str] = []
            for word in [*shlex.split(line, comments=True), "&&"]:
                if word == "&&":
                    found.append(words)
                    words = []
                else:
                    words.append(word)
        return [words for words in found if words]


def parses(code: str) -> bool:
    """Return whether a text is Python."""
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def _language(info: str, code: str) -> str:
    if info:
        word = info.split(maxsplit=1)[0]
        return "shell" if word in SHELL else word
    first = code.split(maxsplit=1)[0] if code.strip() else ""
    if first in PROGRAMS:
        return "shell"
    imports = re.search(r"^(from|import) ", code, re.MULTILINE)
    return "python" if imports and parses(code) else "text-like"


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page, in order."""
    tokens = MarkdownIt().parse((REPO / page).read_text(encoding="utf-8"))
    for position, token in enumerate(tokens):
        if token.type not in ("fence", "code_block"):
            continue
        above = tokens[position - 2] if position > 1 else token
        named = _FILE.match(above.content) if above.type == "inline" else None
        assert token.map is not None
        yield Block(
            page,
            token.map[0] + 1,
            _language(token.info.strip(), token.content),
            token.content,
            named[1] if named and token.info else "",
        )


def write_files(folder: Path) -> None:
    """Write the files that the pages' commands read: those that pages show, and a few more."""
    for page in ("docs/first-answer.md", "docs/own-generators.md", "docs/own-hamiltonian.md"):
        for block in blocks(page):
            if block.file:
                (folder / block.file).write_text(block.code)
    (folder / "angles.json").write_text(json.dumps([0.1 * k for k in range(11)]))
    (folder / "bonds.txt").write_text((folder / "generators.txt").read_text())
