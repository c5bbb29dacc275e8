"""The files of a new study: a small one that works, to be edited into one's own.

The templates lie in ``templates/``. `docs/adding-a-study.md` shows the files as they are written,
for the study ``my_study``; a test holds the two together.
"""

from __future__ import annotations

import keyword
import re
from importlib.util import find_spec
from pathlib import Path

from trainscape.pipeline.config import load_workflow_config, study_file
from trainscape.pipeline.errors import ConfigError

__all__ = ["check_name", "listed", "study_files"]

GROUP = "decay"
MODULES = ("atlas", "claims", "figures", "random_gradients", "scaling_laws", "second_moments")

# A list on one line, whatever comment follows it.
_STUDIES = re.compile(r"^(studies:[ \t]*\[)([^\[\]\n#]*)(\][ \t]*(?:#.*)?)$", re.MULTILINE)


def study_files(name: str, entropy: int, config_file: Path) -> dict[Path, str]:
    """Return path and content of every file of a new study.

    Parameters
    ----------
    name
        Name of the study and of its package.
    entropy
        Root of all its random streams, below 2^128.
    config_file
        The workflow's configuration, ``config/config.yaml`` of the project folder.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    project = config_file.parent.parent
    package, tests = project / "src" / name, project / "tests" / "studies" / name
    templates = {
        package / "__init__.py": "package/__init__.py",
        package / GROUP / "__init__.py": f"package/{GROUP}/__init__.py",
        **{package / GROUP / f"{one}.py": f"package/{GROUP}/{one}.py" for one in MODULES},
        study_file(name, config_file): "study.yaml",
        tests / f"test_{GROUP}.py": f"test/test_{GROUP}.py",
    }
    environment = Environment(
        loader=PackageLoader("trainscape.scaffold"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        autoescape=False,  # Python and YAML, no HTML
    )
    return {
        path: environment.get_template(f"{template}.jinja").render(name=name, entropy=entropy)
        for path, template in templates.items()
    }


def check_name(name: str, config_file: Path) -> None:
    """Refuse a name that is none, or is taken.

    Raises
    ------
    ConfigError
        Naming what is wrong, or what is there already.
    """
    advice = "Choose another name: `trainscape new-study NAME`."
    if not re.fullmatch("[a-z][a-z0-9_]{0,49}", name) or keyword.iskeyword(name):
        raise ConfigError(
            f"{name!r} cannot be the name of a study: it names a Python package and files, so it "
            "has to be a small letter, then small letters, digits and underscores, 50 in all at "
            f"most, such as my_study, and no word of Python's own. {advice}"
        )
    project = config_file.parent.parent
    places = (
        study_file(name, config_file),
        project / "src" / name,
        project / "tests" / "studies" / name,
        # Python would find these before the package.
        project / name,
        project / f"{name}.py",
        project / "tests" / name,
        project / "tests" / f"{name}.py",
    )
    for place in places:
        if place.exists():
            raise ConfigError(f"the name {name} is taken: {place} is there already. {advice}")
    if name in load_workflow_config(config_file).studies:
        raise ConfigError(f"the name {name} is taken: {config_file} lists a study of it. {advice}")
    for module in (name, f"trainscape.studies.{name}"):
        if find_spec(module) is not None:
            raise ConfigError(
                f"the name {name} is taken: there is a Python package {module}. {advice}"
            )


def listed(name: str, config_file: Path) -> str:
    """Return the text of the workflow's configuration with one more study in its list.

    Raises
    ------
    ConfigError
        If the list does not stand on one line.
    """
    text = config_file.read_text(encoding="utf-8")
    found = _STUDIES.search(text)
    if found is None:
        studies = ", ".join(load_workflow_config(config_file).studies)
        raise ConfigError(
            f"{config_file}: studies: has to be a list on one line, for a study to be added. Write "
            f"`studies: [{studies}]`, then run the same command again."
        )
    names = [part.strip() for part in found[2].split(",") if part.strip()]
    line = found[1] + ", ".join([*names, name]) + found[3]
    return text[: found.start()] + line + text[found.end() :]
