"""The page of all figures."""

from html.parser import HTMLParser

from trainscape.pipeline.gallery import write_gallery
from trainscape.studies.contract import Stage
from workspace import Workspace


class Page(HTMLParser):
    """Links, pictures and captions of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.alternatives: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.targets += [values[name] for name in ("src", "href") if values.get(name)]
        if tag == "img":
            self.alternatives.append(values["alt"] or "")


def test_the_page_shows_every_finished_figure(workspace: Workspace):
    groups = [request for request in workspace.requests() if request.stage is Stage.FIGURES]
    with workspace.inside():
        before = write_gallery(groups).read_text()
    assert "<figure" not in before
    workspace.complete()
    with workspace.inside():
        written = write_gallery(groups)
    path = workspace.root / written
    text = path.read_text()
    page = Page()
    page.feed(text)
    assert path == workspace.root / "results" / "smoke" / "figures.html"
    for target in page.targets:
        assert target.startswith("#") or (path.parent / target).is_file()
    for request in groups:
        captions = workspace.manifest("figures", request.family)["captions"]
        for info in request.figures:
            assert captions[info.name]["caption"] in text
            if info.kind == "plot":
                assert captions[info.name]["title"] in page.alternatives
            else:
                assert "<table" in text
