"""The registers from the command line: likely duplicates for people and programs."""

import json
from pathlib import Path

from engine.dictionary.store import dictionary
from engine.registers import bulk
from engine.registers.store import Origin, add_origin
from engine.work import Work
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
