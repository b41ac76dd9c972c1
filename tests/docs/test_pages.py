"""The pages hang together: both languages, links, pictures, roles, names of buttons."""

import json
import re
from pathlib import Path

import pytest

from engine import messages
from engine.identity.actor import ROLES
from engine.settings import ROOT
from tests.docs import pages

SMALL = 120 * 1024
WRITTEN = [page for page in pages.pages() if page.name != "errors.md"]
GUIDES = [
    (language, page)
    for language in pages.LANGUAGES
    for page in (
        pages.DOCS / language / "getting-started.md",
        *sorted((pages.DOCS / language / "guides").glob("*.md")),
    )
]
LEADS_IN = re.compile(r"^(?:\s*(?:[-*]|\d+\.)\s+)?$")
"""What may stand before a bold word that is a little heading and no button."""


def _here(language: str) -> dict[str, Path]:
    folder = pages.DOCS / language
    return {str(page.relative_to(folder)): page for page in sorted(folder.rglob("*.md"))}


def _shape(words: list[str]) -> list[str]:
    """A command without the names that each language chooses for itself."""
    return [word.partition("=")[0] for word in words[:3]]


def test_both_languages_have_the_same_pages() -> None:
    """Who reads English misses nothing."""
    chinese, english = (_here(language) for language in pages.LANGUAGES)
    assert list(chinese) == list(english)
    assert len(chinese) > 10


@pytest.mark.parametrize("page", list(_here("zh")))
def test_a_page_is_built_alike_in_both_languages(page: str) -> None:
    """Same headings by level, same pictures, same commands: nothing was added to one of them only."""
    chinese, english = (_here(language)[page] for language in pages.LANGUAGES)
    assert [level for level, _ in pages.headings(chinese)] == [
        level for level, _ in pages.headings(english)
    ]
    assert [to for picture, to in pages.links(chinese) if picture] == [
        to for picture, to in pages.links(english) if picture
    ]
    assert [_shape(words) for words in pages.commands(chinese)] == [
        _shape(words) for words in pages.commands(english)
    ]
    assert len(pages.rows(chinese)) == len(pages.rows(english))


@pytest.mark.parametrize("page", pages.pages(), ids=pages.name)
def test_a_link_leads_to_a_page_that_is_there(page: Path) -> None:
    """And to a heading of it, where one is named; none leaves the repository."""
    wrong = []
    for _, target in pages.links(page):
        place, _, anchor = target.partition("#")
        found = (page.parent / place).resolve() if place else page
        there = found.is_relative_to(ROOT) and found.is_file()
        if not there or (anchor and anchor not in pages.anchors(found)):
            wrong.append(target)
    assert wrong == []


def test_every_page_is_found_from_the_index() -> None:
    """A page that nothing leads to is not read."""
    for language in pages.LANGUAGES:
        index = pages.DOCS / language / "index.md"
        led = {(index.parent / target).resolve() for _, target in pages.links(index)}
        shared = {page for page in WRITTEN if page.parent.name == "reference"}
        wanted = {*_here(language).values(), *shared, pages.DOCS / "errors.md"} - {index}
        assert sorted(map(pages.name, wanted - led)) == []


def test_every_role_has_its_guide() -> None:
    """One page a role, and the README leads to each in both languages."""
    led = {target for _, target in pages.links(ROOT / "README.md")}
    assert {f"docs/{one}/guides/{role}.md" for one in pages.LANGUAGES for role in ROLES} <= led


def test_pictures_are_small_and_each_is_shown() -> None:
    """A clone stays light, and no picture is left over from an older page."""
    pictures = set((pages.DOCS / "images").iterdir())
    shown = {
        (page.parent / target).resolve()
        for page in WRITTEN
        for picture, target in pages.links(page)
        if picture
    }
    assert {one.name for one in pictures} == {one.name for one in shown}
    assert [one.name for one in pictures if one.stat().st_size > SMALL] == []


def _on_the_pages(language: str) -> set[str]:
    texts = messages.read(ROOT / "admin" / "i18n", language).values()
    titles = [
        json.loads(path.read_text(encoding="utf-8"))["title"]
        for path in (ROOT / "packs" / "yantai" / "forms").glob("*.json")
    ]
    other = {"zh": "English", "en": "English"}[language]
    return {*map(_bare, texts), *titles, other}


def _bare(text: str) -> str:
    """A text of the interface as a guide names it: without the numbers that are put into it."""
    without = re.sub(r"[（(]?(?:\{\w+\}|\d+)\s*条?[）)]?", " ", text)
    return re.sub(r"\s+", " ", without).strip()


@pytest.mark.parametrize(("language", "page"), GUIDES, ids=lambda one: getattr(one, "stem", one))
def test_a_button_that_a_guide_names_is_called_so(language: str, page: Path) -> None:
    """A bold word inside a sentence is a word of the interface or the title of a form."""
    known = _on_the_pages(language)
    wrong = []
    for line in pages.prose(page).splitlines():
        for found in re.finditer(r"\*\*(.+?)\*\*", line):
            parts = found[1].split(" → ")
            heading = LEADS_IN.match(line[: found.start()]) and len(parts) == 1
            if not heading and not all(_bare(part) in known for part in parts):
                wrong.append(found[1])
    assert wrong == []


def test_readme_says_how_to_run_and_to_test_with_one_picture() -> None:
    """What a person needs who has just cloned it, on one screen."""
    readme = ROOT / "README.md"
    assert [words[:2] for words in pages.commands(readme)] == [["make", "run"], ["make", "test"]]
    assert len([target for picture, target in pages.links(readme) if picture]) == 1
    assert len(readme.read_text(encoding="utf-8").splitlines()) < 50
