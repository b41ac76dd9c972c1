"""A county begins with its own list of divisions: `yibiao pack begin`."""

import json
from pathlib import Path

import pytest

from admin import beginning, packs
from admin.pack_contents import TargetNotEmpty
from engine.dictionary.store import dictionary
from engine.identity import store as identity
from engine.settings import Settings
from engine.work import System
from tests.admin.cli.conftest import Run

LIST = """统计用区划代码,名称
370600000000,烟台市
370686001000,翠屏街道
370686001001,霞光路社区居委会
370686000000,栖霞市
370686100000,观里镇
370686100201,观里村村委会
"""


def test_a_list_becomes_a_pack_that_loads_and_lets_four_people_in(run: Run, tmp_path: Path) -> None:
    """In the encoding of a spreadsheet program, in any order; nothing of another county stays in it."""
    given, folder = tmp_path / "list.csv", tmp_path / "ours"
    given.write_bytes(LIST.encode("gb18030"))
    made = run("pack", "begin", given, folder, "--json")
    assert json.loads(made.stdout)["counts"]["divisions"] == 6
    for file in folder.rglob("*.json"):
        text = file.read_text(encoding="utf-8")
        assert "370602" not in text, file.name
        assert "芝罘" not in text, file.name
    loaded = run("pack", "load", folder, "--json")
    assert set(json.loads(loaded.stdout)["passwords"]) == {"designer", "anquan", "shenji", "xitong"}
    system = System(Settings(data_dir=str(tmp_path / "var")))
    try:
        with system.read(packs.LOADER) as work:
            actor = identity.actor_by_login(work.connection, "designer", now=work.now)
            stewards = {one.steward for one in dictionary(work.connection).fields.values()}
            names = identity.organisation_names(work.connection, [*stewards, "370686001001"])
    finally:
        system.close()
    assert actor.posts[0].organisation_name == "栖霞市大数据中心"
    assert set(names) == {*stewards, "370686001001"}
    assert names["370686-gaj"] == "栖霞市公安局"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("370686,栖霞市\n37068x,翠屏街道", 2, "code"),
        ("370686,栖霞市\n3706860,翠屏街道", 2, "code"),
        ("370686,栖霞市\n370686001,", 2, "name"),
        ("370686,栖霞市\n370686000000,栖霞市", 2, "twice"),
        ("370686001,翠屏街道", 1, "county"),
        ("370686,栖霞市\n370602,芝罘区", 1, "county"),
        ("370686,栖霞市\n370602011,世回尧街道", 2, "outside"),
        ("370686,栖霞市\n41,河南省", 2, "outside"),
        ("370686,栖霞市\n370686001001,霞光路社区", 2, "parent"),
        ("", 1, "county"),
    ],
)
def test_a_wrong_list_is_told_by_its_line(
    text: str, line: int, reason: str, tmp_path: Path
) -> None:
    """Nothing is written."""
    with pytest.raises(beginning.DivisionsWrong) as told:
        beginning.write(text.encode(), tmp_path / "ours")
    assert (told.value.line, told.value.reason) == (line, reason)
    assert told.value.text("zh").startswith(f"区划名单第 {line} 行")
    assert not (tmp_path / "ours").exists()


def test_what_is_no_text_and_a_folder_in_use_are_refused(run: Run, tmp_path: Path) -> None:
    """One line and exit code 2; what stands in the folder stays as it is."""
    with pytest.raises(beginning.DivisionsWrong):
        beginning.divisions(b"\xff\xff\x00\x81")
    (tmp_path / "kept.txt").write_text("x")
    with pytest.raises(TargetNotEmpty):
        beginning.write(LIST.encode(), tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["kept.txt"]
    missing = run("pack", "begin", tmp_path / "nowhere.csv", tmp_path / "ours")
    assert missing.exit_code == 2


def test_an_empty_installation_says_how_to_begin(run: Run) -> None:
    """Whoever made a database is not left alone with it."""
    assert "pack begin" in run("init").stdout
