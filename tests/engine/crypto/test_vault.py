"""Sealed values open for their place and nowhere else; keys are made once and never lost."""

import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.crypto.vault import KeyFileInvalid, KeyUnavailable, Vault, digest, open_vault

VAULT = Vault({1: b"a" * 32}, b"i" * 32)
PLACE = "person.phone:p1"


@given(st.text(), st.text())
def test_a_sealed_value_opens_for_its_place(plain: str, place: str) -> None:
    """Whatever the text."""
    sealed = VAULT.seal(plain, place)
    assert VAULT.open(sealed, place) == plain
    assert len(plain) < 3 or plain not in sealed


def test_a_moved_value_does_not_open() -> None:
    """Neither for another person nor for another field."""
    sealed = VAULT.seal("13800138000", PLACE)
    for place in ("person.phone:p2", "person.name:p1", "person.phone:p", ""):
        with pytest.raises(KeyUnavailable):
            VAULT.open(sealed, place)


def test_an_altered_value_does_not_open() -> None:
    """Not one bit of it may change: nonce, content, mark."""
    version, _, body = VAULT.seal("13800138000", PLACE).partition(".")
    raw = base64.b64decode(body)
    for position in range(len(raw)):
        altered = bytearray(raw)
        altered[position] ^= 1
        with pytest.raises(KeyUnavailable):
            VAULT.open(f"{version}.{base64.b64encode(altered).decode()}", PLACE)


@pytest.mark.parametrize(
    "wrong", ["", "1.", "1.AAAA", "2." + "A" * 80, "x.AAAA", "13800138000", "1.é", "1." + "A" * 15]
)
def test_what_was_never_sealed_is_told_as_such(wrong: str) -> None:
    """A problem with words, whatever stands in the column."""
    with pytest.raises(KeyUnavailable) as told:
        VAULT.open(wrong, PLACE)
    assert "安全管理员" in told.value.text()


def test_equal_values_are_sealed_differently() -> None:
    """Who sees the database cannot tell that two people share a number."""
    assert len({VAULT.seal("1", PLACE) for _ in range(100)}) == 100


def test_values_of_an_older_key_still_open_and_new_ones_take_the_newest() -> None:
    """Rotation: the version stands before the value."""
    both = Vault({1: b"a" * 32, 2: b"b" * 32}, b"i" * 32)
    old = VAULT.seal("x", PLACE)
    assert both.open(old, PLACE) == "x"
    assert both.seal("x", PLACE).startswith("2.")
    with pytest.raises(KeyUnavailable):
        VAULT.open(both.seal("x", PLACE), PLACE)


def test_the_blind_index_is_equal_for_equal_values_of_one_field_only() -> None:
    """And it needs its key."""
    number = "370602194103020028"
    assert VAULT.blind(number, "person.id_number") == VAULT.blind(number, "person.id_number")
    others = {
        VAULT.blind(number, "household.head_id_number"),
        VAULT.blind(number[:-1] + "9", "person.id_number"),
        Vault({1: b"a" * 32}, b"j" * 32).blind(number, "person.id_number"),
        VAULT.blind("x" + number, "person.id_numbe"),
    }
    assert VAULT.blind(number, "person.id_number") not in others
    assert len(others) == 4


def test_keys_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    """A later start opens what an earlier one sealed; nobody else may read the file."""
    path = tmp_path / "deep" / "keys.json"
    sealed = open_vault(path).seal("x", PLACE)
    assert open_vault(path).open(sealed, PLACE) == "x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


def test_of_many_first_starts_all_have_the_same_keys(tmp_path: Path) -> None:
    """Several workers begin at once on a new installation."""
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(lambda _: open_vault(tmp_path / "keys.json"), range(24)))
    sealed = [vault.seal("x", PLACE) for vault in vaults]
    assert {vaults[0].open(one, PLACE) for one in sealed} == {"x"}
    assert len({vault.blind("x", "f") for vault in vaults}) == 1


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"keys": {}, "index": ""}', '{"keys": {"1": "zz"}, "index": "00"}',
     '{"keys": {"one": "00"}, "index": "00"}', '{"keys": {"1": "00"}, "index": "00"}'],
)  # fmt: skip
def test_a_damaged_key_file_stops_the_start_and_is_left_alone(tmp_path: Path, content: str) -> None:
    """New keys in its place would make every sealed value unreadable for ever."""
    path = tmp_path / "keys.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KeyFileInvalid) as told:
        open_vault(path)
    assert "备份" in told.value.text()
    assert path.read_text(encoding="utf-8") == content


def test_the_key_file_holds_what_the_vault_needs(tmp_path: Path) -> None:
    """Two keys of 256 bits, of chance."""
    files = [tmp_path / name for name in ("a.json", "b.json")]
    for path in files:
        open_vault(path)
    first, second = (json.loads(path.read_text(encoding="utf-8")) for path in files)
    assert [len(bytes.fromhex(key)) for key in (first["keys"]["1"], first["index"])] == [32, 32]
    assert first["keys"]["1"] not in (second["keys"]["1"], first["index"])


def test_a_digest_knows_where_its_parts_end() -> None:
    """`ab` and `c` are not `a` and `bc`."""
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
    assert digest(b"ab", b"c") == digest(b"ab", b"c")
    assert len(digest()) == 64
