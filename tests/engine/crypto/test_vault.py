"""Sealed values open for their place and nowhere else; keys are made once and never lost."""

import base64
import json
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.crypto import keyfile, keys
from engine.crypto.ciphers import AES, SM4
from engine.crypto.kek import CommandKek, KekUnavailable, LocalKek
from engine.crypto.keyfile import KeyFileInvalid, KeyRing, Root
from engine.crypto.vault import FILE_MARK, KeyUnavailable, Vault, digest, witnessed
from engine.settings import Settings


def vault(*roots: bytes, index: bytes = b"i" * 32, algorithm: str = AES) -> Vault:
    """A vault of these root keys, the last of which seals."""
    ring = {number: Root(key, algorithm, "") for number, key in enumerate(roots, 1)}
    return Vault(KeyRing(ring, index, "sm3" if algorithm == SM4 else "sha256", sealed=True))


def opened(folder: Path, **settings: str) -> Vault:
    """The vault of a data folder."""
    return Vault(keys.ring(Settings(data_dir=str(folder), **settings)))


VAULT = vault(b"a" * 32)
NATIONAL = vault(b"a" * 16, algorithm=SM4)
PLACE = "person.phone:p1"


@given(st.text(), st.text())
def test_a_sealed_value_opens_for_its_place(plain: str, place: str) -> None:
    """Whatever the text."""
    for one in (VAULT, NATIONAL):
        sealed = one.seal(plain, place)
        assert one.open(sealed, place) == plain
        assert len(plain) < 8 or plain not in sealed


@given(st.binary(max_size=2000), st.text(max_size=20))
def test_a_sealed_file_opens_for_its_place(content: bytes, place: str) -> None:
    """Whatever the bytes; one that was kept before files were sealed is as it stands."""
    sealed = VAULT.seal_file(content, place)
    assert VAULT.open_file(sealed, place) == content
    assume(not content.startswith(FILE_MARK))
    assert VAULT.open_file(content, place) == content
    with pytest.raises(KeyUnavailable):
        VAULT.open_file(sealed, place + "x")


def test_a_moved_value_does_not_open() -> None:
    """Neither for another person nor for another field."""
    sealed = VAULT.seal("13800138000", PLACE)
    for place in ("person.phone:p2", "person.name:p1", "person.phone:p", ""):
        with pytest.raises(KeyUnavailable):
            VAULT.open(sealed, place)


def test_an_altered_value_does_not_open() -> None:
    """Not one bit of it may change: nonce, content, mark."""
    for one in (VAULT, NATIONAL):
        name, _, body = one.seal("13800138000", PLACE).partition(".")
        raw = base64.b64decode(body)
        for position in range(len(raw)):
            altered = bytearray(raw)
            altered[position] ^= 1
            with pytest.raises(KeyUnavailable):
                one.open(f"{name}.{base64.b64encode(altered).decode()}", PLACE)
        for other in ("1:document:2026", "1:register:1999", "1"):
            with pytest.raises(KeyUnavailable):
                one.open(f"{other}.{body}", PLACE)


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
    both = vault(b"a" * 32, b"b" * 32)
    old = VAULT.seal("x", PLACE)
    assert both.open(old, PLACE) == "x"
    assert both.seal("x", PLACE).startswith("2:register:")
    with pytest.raises(KeyUnavailable):
        VAULT.open(both.seal("x", PLACE), PLACE)


def test_the_blind_index_is_equal_for_equal_values_of_one_field_only() -> None:
    """And it needs its key."""
    number = "370602194103020028"
    assert VAULT.blind(number, "person.id_number") == VAULT.blind(number, "person.id_number")
    others = {
        VAULT.blind(number, "household.head_id_number"),
        VAULT.blind(number[:-1] + "9", "person.id_number"),
        vault(b"a" * 32, index=b"j" * 32).blind(number, "person.id_number"),
        VAULT.blind("x" + number, "person.id_numbe"),
    }
    assert VAULT.blind(number, "person.id_number") not in others
    assert len(others) == 4


def test_a_value_of_the_first_format_still_opens() -> None:
    """Sealed by the root key itself, tied to its place, before data keys had classes and years."""
    nonce = b"n" * 12
    body = nonce + AESGCM(b"a" * 32).encrypt(nonce, "旧".encode(), PLACE.encode())
    assert VAULT.open(f"1.{base64.b64encode(body).decode()}", PLACE) == "旧"


def test_each_class_has_a_key_of_its_own() -> None:
    """A leaked key of documents opens no register."""
    register, document = VAULT.seal("x", PLACE), VAULT.seal("x", PLACE, "document")
    assert document.startswith("1:document:")
    swapped = register.partition(".")[0] + "." + document.partition(".")[2]
    with pytest.raises(KeyUnavailable):
        VAULT.open(swapped, PLACE)


def test_the_national_suite_is_sm4_and_sm3(tmp_path: Path) -> None:
    """Chosen by a setting, for keys that are made from then on."""
    made = opened(tmp_path, cryptography="sm")
    assert made.ring.roots[1].algorithm == SM4
    assert made.ring.digest == "sm3"
    assert made.open(made.seal("x", PLACE), PLACE) == "x"
    assert made.blind("1", "f") != VAULT.blind("1", "f")
    assert opened(tmp_path, cryptography="intl").blind("1", "f") == made.blind("1", "f")


def test_keys_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    """A later start opens what an earlier one sealed; nobody else may read the files."""
    folder = tmp_path / "deep"
    sealed = opened(folder).seal("x", PLACE)
    assert opened(folder).open(sealed, PLACE) == "x"
    assert sorted(file.name for file in folder.iterdir()) == ["kek.key", "keys.json"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_of_many_first_starts_all_have_the_same_keys(tmp_path: Path) -> None:
    """Several workers begin at once on a new installation."""
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(lambda _: opened(tmp_path), range(24)))
    sealed = [one.seal("x", PLACE) for one in vaults]
    assert {vaults[0].open(one, PLACE) for one in sealed} == {"x"}
    assert len({one.blind("x", "f") for one in vaults}) == 1


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"keys": {}, "index": ""}', '{"keys": {"1": "zz"}, "index": "00"}',
     '{"keys": {"one": "00"}, "index": "00"}', '{"keys": {"1": "00"}, "index": "00"}',
     '{"format": 2, "keys": {}, "index": {}}', '{"format": 2, "keys": {"1": {"sealed": "x"}}}'],
)  # fmt: skip
def test_a_damaged_key_file_stops_the_start_and_is_left_alone(tmp_path: Path, content: str) -> None:
    """New keys in its place would make every sealed value unreadable for ever."""
    path = tmp_path / "keys.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KeyFileInvalid) as told:
        keyfile.load(path, LocalKek("ab" * 32, "test"))
    assert "备份" in told.value.text()
    assert path.read_text(encoding="utf-8") == content


def test_the_key_file_holds_no_key_in_the_clear(tmp_path: Path) -> None:
    """What it holds opens with the key-encryption key only."""
    made = opened(tmp_path)
    text = (tmp_path / "keys.json").read_text(encoding="utf-8")
    for key in (made.ring.roots[1].key, made.ring.index):
        assert key.hex() not in text
        assert base64.b64encode(key).decode() not in text
    (tmp_path / "kek.key").unlink()
    with pytest.raises(KekUnavailable):
        opened(tmp_path)
    assert not (tmp_path / "kek.key").exists()
    with pytest.raises(KekUnavailable):
        opened(tmp_path, kek="00" * 32)


def test_a_file_of_the_first_format_is_read_and_sealed_at_the_next_rotation(tmp_path: Path) -> None:
    """Keys in the clear, as the first version wrote them."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": {"1": "61" * 32}, "index": "69" * 32}), encoding="utf-8")
    assert not opened(tmp_path).ring.sealed
    service = keys.service(Settings(data_dir=str(tmp_path)))
    keyfile.rotate(path, service, suite="intl")
    now = opened(tmp_path)
    assert (now.generation, now.ring.sealed) == (2, True)
    assert now.open(VAULT.seal("x", PLACE), PLACE) == "x"
    assert "61" * 32 not in path.read_text(encoding="utf-8")


def test_another_key_encryption_key_seals_the_same_keys(tmp_path: Path) -> None:
    """No value is sealed anew; the old key opens nothing any more."""
    path = tmp_path / "keys.json"
    before = opened(tmp_path)
    old, new = keys.service(Settings(data_dir=str(tmp_path))), LocalKek("cd" * 32, "test")
    keyfile.rewrap(path, old, new)
    assert opened(tmp_path, kek="cd" * 32).ring == before.ring
    with pytest.raises(KekUnavailable):
        keyfile.load(path, old)


def test_a_key_service_is_a_program_that_wraps_and_unwraps(tmp_path: Path) -> None:
    """One JSON line in, one out; whatever it does wrong is told with its name."""
    program = tmp_path / "kms.py"
    program.write_text(
        "import sys, json, base64\n"
        "asked = json.load(sys.stdin)\n"
        "data = bytes(b ^ 0x5A for b in base64.b64decode(asked['data']))\n"
        "print(json.dumps({'data': base64.b64encode(data).decode()}))\n",
        encoding="utf-8",
    )
    command = f"{sys.executable} {program}"
    made = opened(tmp_path / "data", kek_command=command)
    assert opened(tmp_path / "data", kek_command=command).ring == made.ring
    assert not (tmp_path / "data" / "kek.key").exists()
    for wrong in (f"{tmp_path}/nowhere", f"{sys.executable} -c 'print(1)'"):
        with pytest.raises(KekUnavailable) as told:
            CommandKek(wrong).wrap(b"k" * 32)
        assert wrong in told.value.text()


def test_others_can_check_what_this_installation_signed() -> None:
    """With the public key alone; not a letter may change."""
    signature, key = VAULT.witness("轨迹 12"), VAULT.public_key()
    assert witnessed("轨迹 12", signature, key)
    assert not witnessed("轨迹 13", signature, key)
    assert not witnessed("轨迹 12", signature, vault(b"a" * 32, index=b"j" * 32).public_key())
    assert not witnessed("轨迹 12", "no signature", key)


def test_a_digest_knows_where_its_parts_end() -> None:
    """`ab` and `c` are not `a` and `bc`."""
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
    assert digest(b"ab", b"c") == digest(b"ab", b"c")
    assert len(digest()) == 64
