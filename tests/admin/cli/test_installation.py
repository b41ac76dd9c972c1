"""Packs in and out, the trail, the story, the measurements, and the page that tells of all this."""

import filecmp
import json
import re
import sqlite3
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from admin.cli import _reference
from admin.cli.__main__ import collect
from engine.settings import ROOT

PACK = ROOT / "packs" / "yantai"
BOTH = re.compile("[一-鿿].*[a-z]", re.DOTALL)
CODE_WORDS = re.compile("[a-z_ |]+")
"""An option that only lists what may be given has nothing to translate."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an installation with the pack in it."""
    folder = tmp_path_factory.mktemp("installed")
    environment = {"YIBIAO_DATA_DIR": str(folder), "YIBIAO_DATABASE_URL": ""}
    result = CliRunner().invoke(collect(), ["pack", "load", str(PACK), "--json"], env=environment)
    assert json.loads(result.stdout)["counts"]["forms"] == 12
    return folder


def _commands(group: click.Group) -> list[click.Command]:
    found: list[click.Command] = []
    for one in group.commands.values():
        found += [one, *(_commands(one) if isinstance(one, click.Group) else [])]
    return found


def test_the_page_tells_every_command_and_option() -> None:
    """The generated part is what the program says now; `python -m admin.cli._reference` renews it."""
    page = _reference.PAGE.read_text(encoding="utf-8")
    assert _reference.written(page) == page
    for command in _commands(collect()):
        for option in command.params:
            assert all(f"`{name}`" in page for name in option.opts if name.startswith("-"))


def test_every_command_and_option_is_told_in_both_languages() -> None:
    """Chinese first, then English."""
    for command in _commands(collect()):
        helps = [
            getattr(one, "help", "") for one in command.params if isinstance(one, click.Option)
        ]
        prose = [text for text in (command.help, *helps) if not CODE_WORDS.fullmatch(text or "")]
        assert [text for text in prose if not BOTH.search(text or "")] == [], command.name


def test_a_pack_that_is_exported_loads_to_the_same(run, installed: Path, tmp_path: Path) -> None:
    """Out, in, and out again: the same files, byte for byte; and no difference to what it came from."""
    first, second = tmp_path / "first", tmp_path / "second"
    assert run("pack", "export", first, "--code", "again", data=installed).exit_code == 0
    assert run("pack", "load", first).exit_code == 0
    assert run("pack", "export", second, "--code", "again").exit_code == 0
    names = [str(path.relative_to(first)) for path in first.rglob("*") if path.is_file()]
    _, different, missing = filecmp.cmpfiles(first, second, names, shallow=False)
    assert (len(names) > 60, different, missing) == (True, [], [])
    assert run("pack", "diff", PACK, first, "--json").stdout.strip() == "[]"
    assert run("pack", "export", first, data=installed).exit_code == 2  # not into a full folder


def test_a_difference_is_told_by_its_place(run, installed: Path, tmp_path: Path) -> None:
    """What loading a changed pack would change: one field's label."""
    folder = tmp_path / "changed"
    run("pack", "export", folder, data=installed)
    path = folder / "fields" / "person.json"
    text = path.read_text(encoding="utf-8").replace('"公民身份号码"', '"身份证号"', 1)
    path.write_text(text, encoding="utf-8")
    found = json.loads(run("pack", "diff", folder, "--json", data=installed).stdout)
    assert found == [
        {
            "sign": "~",
            "section": "fields",
            "code": "person.id_number",
            "places": ["/labels/zh"],
        }
    ]


def test_a_file_outside_a_pack_is_not_read(run, tmp_path: Path) -> None:
    """A pack that names one is refused."""
    folder = tmp_path / "evil"
    folder.mkdir()
    pack = {"code": "evil", "contents": {"forms": "../*.json"}}
    (folder / "pack.json").write_text(json.dumps(pack), encoding="utf-8")
    result = run("pack", "load", folder)
    assert (result.exit_code, "../*.json" in result.stderr) == (2, True)


@pytest.mark.parametrize("contents", [
    {"divisions": "../secret.json"},
    {"organisations": "../secret.json"},
    {"organisations": "way.json"},
    {"accounts": "../secret.json"},
    {"flows": "flows/*.json"},
])  # fmt: skip
def test_no_door_of_a_pack_leads_outside(run, tmp_path: Path, contents: dict) -> None:
    """By its name, by a file that names another, by a link."""
    folder = tmp_path / "evil"
    (folder / "flows").mkdir(parents=True)
    secret = {"accounts": [], "listed": [], "code": "stolen"}
    (tmp_path / "secret.json").write_text(json.dumps(secret), encoding="utf-8")
    way = {"from_divisions": {"file": "../secret.json", "names": {}}}
    (folder / "way.json").write_text(json.dumps(way), encoding="utf-8")
    (folder / "flows" / "x.json").symlink_to(tmp_path / "secret.json")
    pack = {"code": "evil", "contents": contents}
    (folder / "pack.json").write_text(json.dumps(pack), encoding="utf-8")
    result = run("pack", "load", folder)
    assert result.exit_code == 2
    assert "pack.invalid" in result.stderr or "包" in result.stderr
    assert "stolen" not in result.stderr


def test_a_trail_that_was_touched_is_told(run, installed: Path, tmp_path: Path) -> None:
    """Whole, then one entry altered behind the program's back."""
    data = tmp_path / "touched"
    data.mkdir()
    for path in installed.iterdir():
        (data / path.name).write_bytes(path.read_bytes())
    result = run("audit", "verify", "--json", data=data)
    assert (result.exit_code, json.loads(result.stdout)["whole"]) == (0, True)
    with sqlite3.connect(data / "yibiao.db") as connection:
        connection.execute("DROP TRIGGER audit_update")
        connection.execute("UPDATE audit SET actor_name = 'nobody' WHERE seq = 7")
    connection.close()
    result = run("audit", "verify", "--json", data=data)
    assert (result.exit_code, json.loads(result.stdout)["broken_at"]) == (1, 7)


@pytest.mark.slow
def test_the_demonstration_is_loaded_once(run) -> None:
    """The second `init --demo` reads neither the pack nor the population again."""
    first = json.loads(run("init", "--demo", "--json").stdout)
    assert (first["pack"]["forms"], first["registers"]["person"]) == (12, 20_000)
    second = json.loads(run("init", "--demo", "--json").stdout)
    assert (second["pack"], second["registers"]) == ({}, {})


@pytest.mark.slow
def test_the_story_ends_with_its_figures(run, tmp_path: Path) -> None:
    """Every step, both files, and the second form filled by the first as far as promised."""
    folder = tmp_path / "story"
    result = run("demo", "--folder", folder, "--json")
    found = json.loads(result.stdout)
    steps = [one["step"] for one in found["steps"]]
    assert steps[:6] == ["imported", "bound", "field", "check", "published", "admission"]
    assert steps.count("filled") == 20
    for step in ("mistake", "verified", "corrected", "approved_many", "drilled", "source"):
        assert step in steps
    assert found["second"]["autofill_rate"] >= 0.9
    whole = found["whole"]
    assert whole["documents"] == 20
    assert whole["asked"] == whole["accepted_unchanged"] + whole["typed"] + whole["left_blank"]
    assert (folder / "civil.community_monthly.xlsx").is_file()
    assert run("demo", "--folder", folder).exit_code == 2  # only on an empty database


def test_submissions_are_measured_beside_their_floor(run) -> None:
    """The rows of a submission, both rates, and a trail that is whole afterwards."""
    result = run("bench", "submit", "--clients", "1,4", "--seconds", 1, "--documents", 64, "--json")
    found = json.loads(result.stdout)
    assert [one["clients"] for one in found["results"]] == [1, 4]
    assert all(one["ratio"] > 0 and one["submissions"] > 0 for one in found["results"])
    assert found["writes_per_submission"]["rows"] >= 6
    assert found["trail_whole"] is True
    assert run("bench", "submit", "--clients", "0").exit_code == 2
    assert run("bench", "submit", "--database", "mysql://x").exit_code == 2


def test_validation_is_measured_beside_the_bare_validator(run) -> None:
    """The verdicts agree, or the measurement fails."""
    found = json.loads(run("bench", "validate", "--documents", 500, "--json").stdout)
    assert found["documents"] == 500
    assert found["ratio"] > 0


def test_a_published_form_is_filled_into_its_own_sheet(run, installed: Path) -> None:
    """By its code, from the installation: its sheet is sealed there, and opened with the keys beside it."""
    document, asked = installed / "document.json", ("households", "population", "births", "deaths")
    known = dict.fromkeys((*asked, "elderly_80", "elderly_new", "elderly_visits"), 0)
    document.write_text(json.dumps(known), encoding="utf-8")
    out = installed / "filled.xlsx"
    result = run("sheet", "fill", "civil.community_monthly", document, "-o", out, data=installed)
    assert (result.exit_code, out.is_file()) == (0, True), result.output
