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
