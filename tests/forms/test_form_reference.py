"""The reference page of the dialect: its examples compile, and it names everything there is."""

import re
from pathlib import Path

import pytest

from engine import json_text
from forms import dialect
from forms.designing import design
from tests.forms import samples

PAGE = (Path(__file__).parents[2] / "docs/reference/form-dialect.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```json (\w+)\n(.*?)```", PAGE, re.DOTALL)
VOCABULARY = dialect.metaschemas()["urn:yibiao:meta:form:1"]["properties"]
BLOCK = dialect.metaschemas()[dialect.DOCUMENT]["properties"]["form"]["properties"]
STANDARD = {"properties", "enum", "pattern"}


@pytest.mark.parametrize(("kind", "text"), BLOCKS)
def test_an_example_of_the_page_compiles(kind: str, text: str) -> None:
    """Whole forms as they are; parts inside an empty form."""
    document = json_text.loads(text)
    if kind == "properties":
        document = {**design.empty("docs.example", "例"), "properties": document}
    form = samples.compiled(document)
    assert form.items


def test_the_page_has_examples_and_none_escapes_the_test() -> None:
    """A block without its kind would not be run."""
    assert len(BLOCKS) >= 4
    assert PAGE.count("```json") == len(BLOCKS)


@pytest.mark.parametrize("keyword", sorted((set(VOCABULARY) - STANDARD) | set(BLOCK)))
def test_every_keyword_stands_on_the_page(keyword: str) -> None:
    """Ours of the vocabulary, and the keys of the form block."""
    assert f"`{keyword}`" in PAGE


@pytest.mark.parametrize("family", ["checks", "blocks"])
def test_every_key_of_the_lists_stands_on_the_page(family: str) -> None:
    """Of checks and of blocks."""
    for key in BLOCK[family]["items"]["properties"]:
        assert f"`{key}`" in PAGE or f'"{key}"' in PAGE


@pytest.mark.parametrize("key", sorted(VOCABULARY["table"]["properties"]))
def test_every_key_of_a_table_stands_on_the_page(key: str) -> None:
    """Of floating and of fixed ones."""
    assert f"`{key}`" in PAGE


def test_the_page_uses_every_keyword_in_an_example() -> None:
    """A keyword that no example shows is not explained."""
    shown = "".join(text for _, text in BLOCKS)
    written_by_the_system = {"field", "dialect"}
    assert [
        one
        for one in sorted(set(VOCABULARY) - STANDARD - written_by_the_system)
        if f'"{one}"' not in shown
    ] == []
