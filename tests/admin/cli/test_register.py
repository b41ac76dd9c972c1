"""The registers from the command line: likely duplicates for people and programs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.dictionary import store as fields
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.registers import bulk, former, schema
from engine.registers import fields as registers_fields
from engine.registers.store import Change, Origin, add_origin, fetch, set_values
from engine.work import System, Work
from tests import factories, installed


def test_duplicates_are_searched_and_listed(run, tmp_path: Path) -> None:
    """As JSON and as lines; listed again without searching; an unknown register is told."""
    data = tmp_path / "data"
    system = installed.pack_only().copy(data)
    facts = {"birth_date": "1941-03-02", "residence": installed.COMMUNITIES[0], "sex": "2"}
    rows = [
        {"id": "a", "name": "王秀英", "id_number": factories.id_number("1941-03-02"), **facts},
        {"id": "b", "name": "王秀瑛", "id_number": None, **facts},
        {"id": "c", "name": "李桂兰", "id_number": factories.id_number("1941-03-02"), **facts},
    ]

    def command(work: Work) -> None:
        came = add_origin(work, Origin("steward", "户籍库", work.at))
        bulk.load(work, dictionary(work.connection), "person", rows, came)

    system.write(installed.ANYBODY, command)
    system.close()
    searched = run("register", "duplicates", "person", "--json", data=data)
    assert searched.exit_code == 0, searched.output
    found = json.loads(searched.stdout)
    assert (found["register"], found["rows"], found["total"]) == ("person", 3, 1)
    assert {found["pairs"][0]["first"], found["pairs"][0]["second"]} == {"a", "b"}
    assert found["pairs"][0]["why"] == {"name": 90, "birth_date": 100, "residence": 100}
    listed = run("register", "duplicates", "person", "--listed", data=data)
    assert listed.stdout.splitlines()[0].split("\t")[1:3] == ["a", "b"]
    assert "王秀英" not in searched.output + listed.output
    assert run("register", "duplicates", "nothing", data=data).exit_code == 2


def test_a_sheet_is_looked_through_and_loaded_with_its_absences(run, tmp_path: Path) -> None:
    """New people go in, those there are left, wrong rows are told; words are absences where taken."""
    data = tmp_path / "data"
    system = installed.pack_only().copy(data)
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        able = next(
            one
            for one in known.of("person")
            if "unknown" in one.absences and not (one.periodic or one.secret or one.codelist)
        )
    system.close()
    one, two = (factories.id_number("1941-03-02") for _ in range(2))
    sheet = tmp_path / "people.csv"
    lines = [
        f"姓名,id_number,{able.label()}",
        f"王秀英,{one},不详",
        f"李桂兰,{two},",
        "坏号码,123,不详",
    ]
    sheet.write_text("\n".join(lines), encoding="utf-8")
    ask = ("register", "load", "person", str(sheet), "--source", "户籍库", "--json")
    told = json.loads(run(*ask, "--preview", data=data).stdout)
    assert (told["new"], told["there"], told["rejected"]) == (2, 0, 1)
    assert told["absences"] == [[able.name, "unknown", 1]]
    done = json.loads(run(*ask, data=data).stdout)
    assert done["written"]
    assert json.loads(run(*ask, "--preview", data=data).stdout)["there"] == 2
    sheet.write_text("姓名,没有这一列\n甲,1\n", encoding="utf-8")
    refused = run(*ask, data=data)
    assert refused.exit_code == 2
    assert "没有这一列" in refused.output


def test_a_sheet_changes_who_is_there_and_is_undone(run, tmp_path: Path) -> None:
    """New, changed, unchanged, refused by number: told first, then done, then taken back as a whole,
    but for what somebody said since.
    """
    data, numbers = tmp_path / "data", [factories.id_number("1941-03-02") for _ in range(4)]
    system = three(data, numbers)
    sheet = tmp_path / "people.csv"
    lines = [
        "姓名,公民身份号码,联系电话,sex",
        f"甲0,{numbers[0]},13900139000,",
        f"甲一,{numbers[1]},13900139001,2",
        f"甲2,{numbers[2]},13800138000,2",
        f"新人,{numbers[3]},13700137000,2",
    ]
    sheet.write_text("\n".join(lines), encoding="utf-8")
    ask = ("register", "load", "person", str(sheet), "--source", "户籍库", "--update", "--json")
    seen = run(*ask, "--preview", data=data)
    assert seen.exit_code == 0, seen.output
    told = json.loads(seen.stdout)
    counts = {name: told[name] for name in ("new", "changed", "same", "there", "rejected")}
    assert counts == {"new": 1, "changed": 2, "same": 1, "there": 0, "rejected": 0}
    assert told["fields"] == {"phone": 2, "name": 1}
    assert told["number"] is None
    assert "13900139000" not in json.dumps(told)  # protected: masked
    assert state(system) == {
        "p0": ("甲0", "13800138000"),
        "p1": ("甲1", "13800138000"),
        "p2": ("甲2", "13800138000"),
    }
    done = json.loads(run(*ask, data=data).stdout)
    assert {name: done[name] for name in counts} == counts
    now = state(system)
    assert (now["p0"], now["p1"]) == (("甲0", "13900139000"), ("甲一", "13900139001"))
    assert len(now) == 4
    again = json.loads(run(*ask, "--preview", data=data).stdout)
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 4)

    def later(work: Work) -> None:
        came = add_origin(work, Origin("entered", "台账", work.at))
        change = [Change("person.phone", "p0", "13600136000")]
        set_values(work, dictionary(work.connection), change, came)

    system.write(installed.ANYBODY, later)
    back = ("register", "unload", "person", str(done["number"]), "--json")
    foreseen = json.loads(run(*back, "--preview", data=data).stdout)
    undone = json.loads(run(*back, data=data).stdout)
    assert {**foreseen, "written": True} == undone
    assert undone == {"removed": 1, "restored": 2, "kept": 1, "written": True}
    assert state(system) == {
        "p0": ("甲0", "13600136000"),
        "p1": ("甲1", "13800138000"),
        "p2": ("甲2", "13800138000"),
    }
    assert run("register", "unload", "person", "999999", data=data).exit_code == 2
    system.close()


def three(data: Path, numbers: Sequence[str]) -> System:
    """Three people in the register, with these numbers."""
    system = installed.pack_only().copy(data)
    facts = {"birth_date": "1941-03-02", "residence": installed.COMMUNITIES[0], "sex": "2"}
    rows = [
        {"id": f"p{at}", "name": f"甲{at}", "id_number": number, "phone": "13800138000", **facts}
        for at, number in enumerate(numbers[:3])
    ]

    def command(work: Work) -> None:
        came = add_origin(work, Origin("steward", "户籍库", work.at))
        bulk.load(work, dictionary(work.connection), "person", rows, came)

    system.write(installed.ANYBODY, command)
    return system


def test_a_row_that_may_be_somebody_else_changes_nobody(run, tmp_path: Path) -> None:
    """A number that went over to another in a merge, two numbers of two subjects, one person twice."""
    data = tmp_path / "data"
    system = installed.pack_only().copy(data)
    mine, old, new = (factories.id_number("1941-03-02") for _ in range(3))
    text = {"type": "string"}

    def command(work: Work) -> None:
        came = add_origin(work, Origin("steward", "户籍库", work.at))
        fields.save_subject(work, {"code": "shop", "labels": {"zh": "店"}, "keys": ["a", "b"]})
        for name in ("a", "b", "note"):
            registers_fields.add(work, Field(f"shop.{name}", {"zh": name}, text))
        known = dictionary(work.connection)
        bulk.load(work, known, "person", [{"id": "p0", "name": "甲", "id_number": mine}], came)
        sought = former.sought(work, known.field("person.id_number"), old)
        former.add(work, "j1", "person", "p0", [("id_number", sought)])
        shops = [{"id": "s1", "a": "1", "b": "x"}, {"id": "s2", "a": "2", "b": "y"}]
        bulk.load(work, known, "shop", shops, came)

    system.write(installed.ANYBODY, command)
    sheet = tmp_path / "rows.csv"

    def loaded(register: str, *lines: str) -> dict[str, Any]:
        sheet.write_text("\n".join(lines), encoding="utf-8")
        ask = ("register", "load", register, str(sheet), "--source", "表", "--update", "--json")
        told: dict[str, Any] = json.loads(run(*ask, data=data).stdout)
        return told

    told = loaded("person", "姓名,id_number", f"乙,{old}", f"丙,{new}", f"丁,{new}")
    assert (told["refused"], told["new"], told["there"]) == ({"key": 1}, 1, 1)
    told = loaded("shop", "a,b,note", "1,y,混", "2,,好", "1,z,换号")
    assert told["refused"] == {"several": 1}
    assert (told["changed"], told["fields"]) == (1, {"note": 1})
    assert told["there"] == 1  # shop 1 was named above already
    system.close()


def test_words_become_codes_by_a_command_and_come_back(run, tmp_path: Path) -> None:
    """Shown first, refused whole while one has no counterpart, then written, then undone."""
    data = tmp_path / "data"
    system = installed.pack_only().copy(data)
    note = Field("person.sex_note", {"zh": "性别（手写）"}, {"type": "string"})
    system.write(installed.ANYBODY, lambda work: registers_fields.add(work, note))
    words = {"a": "男", "b": "女", "c": "male", "d": "不知道"}

    def command(work: Work) -> None:
        came = add_origin(work, Origin("steward", "户籍库", work.at))
        rows = [{"id": own, "name": "甲", "sex_note": word} for own, word in words.items()]
        bulk.load(work, dictionary(work.connection), "person", rows, came)

    def held() -> dict[str, Any]:
        with system.read(installed.ANYBODY) as work:
            known = dictionary(work.connection)
            found = fetch(work, known, "person", list(words), [known.field(note.code)])
            return {own: one[note.code].value for own, one in found.items()}

    system.write(installed.ANYBODY, command)
    ask = ("register", "convert-field", note.code, "--codelist", "GB/T 2261.1")
    told = json.loads(run(*ask, "--preview", "--json", data=data).stdout)
    assert (told["fits"], told["turned"], told["misfits"], told["written"]) == (False, 3, 1, False)
    assert told["values"] == [["不知道", 1]]
    assert run(*ask, data=data).exit_code == 2
    assert held() == words

    def mend(work: Work) -> None:
        came = add_origin(work, Origin("entered", "台账", work.at))
        set_values(work, dictionary(work.connection), [Change(note.code, "d", "女")], came)

    system.write(installed.ANYBODY, mend)
    done = run(*ask, data=data)
    assert done.exit_code == 0, done.output
    assert "换算 · turned\t4" in done.output
    assert held() == {"a": "1", "b": "2", "c": "1", "d": "2"}
    assert run("register", "undo-field", note.code, data=data).exit_code == 0
    assert held() == words | {"d": "女"}
    assert run("register", "convert-field", note.code, data=data).exit_code == 2
    nowhere = run("register", "convert-field", note.code, "--codelist", "nowhere", data=data)
    assert nowhere.exit_code == 2
    assert "没有这个代码表" in nowhere.output
    system.close()


def state(system: System) -> dict[str, tuple[str, str]]:
    """Everybody in the register: name and phone."""
    with system.read(installed.ANYBODY) as work:
        known = dictionary(work.connection)
        register = schema.table(known, "person")
        ids = list(work.connection.execute(select(register.c.id)).scalars())
        fields = [known.field("person.name"), known.field("person.phone")]
        held = fetch(work, known, "person", ids, fields)
        return {
            own if own.startswith("p") and len(own) == 2 else "new": (
                str(values["person.name"].value), str(values["person.phone"].value)
            )
            for own, values in held.items()
        }  # fmt: skip
