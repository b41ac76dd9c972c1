"""Every problem can tell a person what is wrong, in both languages."""

import importlib
import json
import pkgutil
import string
from dataclasses import fields

from admin.web.html import text
from engine import messages
from engine.errors import Problem
from tests.architecture import tree

FOLDER = tree.ROOT / "engine" / "messages"
INTERFACE = tree.ROOT / "admin" / "i18n"


def _modules() -> list[str]:
    found = []
    for package in tree.PACKAGES:
        loaded = importlib.import_module(package)
        found += [
            module.name
            for module in pkgutil.walk_packages(loaded.__path__, f"{package}.")
            # a migration runs inside Alembic, and __main__ starts the program
            if ".migrations." not in module.name and not module.name.endswith("__main__")
        ]
    return found


def _problems() -> list[type[Problem]]:
    for name in _modules():
        importlib.import_module(name)
    found, open_ = [], [Problem]
    while open_:
        kinds = open_.pop().__subclasses__()
        found += kinds
        open_ += kinds
    return [kind for kind in found if kind.__module__.partition(".")[0] in tree.PACKAGES]


def _placeholders(text: str) -> set[str]:
    return {name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


def test_no_code_is_owned_by_two_files() -> None:
    """One subject, one file: two owners of a code would overwrite one another."""
    for folder in (FOLDER, INTERFACE):
        for language in messages.LANGUAGES:
            codes = [
                code
                for path in sorted((folder / language).glob("*.json"))
                for code in json.loads(path.read_text(encoding="utf-8"))
            ]
            assert sorted(codes) == sorted(set(codes))


def test_every_text_stands_in_both_languages() -> None:
    """Same files, same codes, same details named."""
    files = [
        {path.name for path in (FOLDER / language).glob("*.json")}
        for language in messages.LANGUAGES
    ]
    assert files[0] == files[1]
    chinese, english = (messages.table(language) for language in messages.LANGUAGES)
    assert chinese.keys() ^ english.keys() == set()
    differing = {
        code for code in chinese if _placeholders(chinese[code]) != _placeholders(english[code])
    }
    assert differing == set()


def test_every_problem_has_a_code_of_its_own_and_its_texts() -> None:
    """A problem without a text would show its code to a clerk."""
    problems = _problems()
    assert len(problems) > 5
    codes = [kind.code for kind in problems if "code" in vars(kind)]
    assert sorted(codes) == sorted(set(codes))
    assert [kind.__qualname__ for kind in problems if not 400 <= kind.status < 600] == []
    table = messages.table("zh")
    assert sorted(kind.code for kind in problems if kind.code not in table) == []


def test_a_text_names_only_details_its_problem_has() -> None:
    """A detail that does not exist would be an empty place in the sentence."""
    table = messages.table("zh")
    wrong = {
        kind.code: missing
        for kind in _problems()
        if (
            missing := _placeholders(table.get(kind.code, ""))
            - {field.name for field in fields(kind)}
        )  # type: ignore[arg-type]  # Problem makes its kinds dataclasses
    }
    assert wrong == {}


def test_the_interface_is_complete_in_both_languages() -> None:
    """Same keys, no empty text, same details named."""
    chinese, english = (messages.read(INTERFACE, language) for language in messages.LANGUAGES)
    assert chinese.keys() ^ english.keys() == set()
    assert [key for key in chinese if not chinese[key].strip() or not english[key].strip()] == []
    assert [
        key for key in chinese if _placeholders(chinese[key]) != _placeholders(english[key])
    ] == []


def test_a_word_goes_with_its_number() -> None:
    """One day, two days; a number that was written out already counts too, and nothing given shows nothing."""
    told = [text("en", "due.left", n=n) for n in (1, 2, "1", "1,000")]
    assert told == ["1 day left", "2 days left", "1 day left", "1,000 days left"]
    assert text("en", "units.was", nothing=1) == "from "
    assert text("zh", "due.left", n=1) == "还剩 1 天"
