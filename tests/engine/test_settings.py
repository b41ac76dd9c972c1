"""Settings: defaults, then the file, then the environment; anything unknown or wrong is told."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from engine import settings
from engine.settings import ROOT, SettingInvalid, Settings

STRICT = {
    "oidc_issuer": "https://login.example",
    "second_factor": "everyone",
    "time_zone": "Asia/Urumqi",
    "working_hours": "09:00-12:00,14:00-18:00",
    "cryptography": "sm",
    "absence_words": "unknown=不清楚,查不到;refused=不愿说",
}
"""Texts that must mean something."""


@pytest.fixture
def load(tmp_path: Path):
    """Load from a file's text (or bytes) and the environment."""

    def loaded(text: str | bytes = "", **environment: str) -> Settings:
        path = tmp_path / "yibiao.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        named = {f"YIBIAO_{name}": value for name, value in environment.items()}
        return settings.load({"YIBIAO_CONFIG": str(path), **named})

    return loaded


def test_without_anything_the_defaults_hold(load) -> None:
    """SQLite beside the program, on this machine only."""
    assert load() == Settings()
    assert (Settings().host, Settings().port, Settings().language) == ("127.0.0.1", 8000, "zh")
    assert Settings().url == f"sqlite:///{ROOT / 'var' / 'yibiao.db'}"
    assert Settings().public_url == "http://127.0.0.1:8000"


def test_the_environment_goes_before_the_file(load) -> None:
    """And the file before the defaults."""
    found = load('port = 9000\nhost = "0.0.0.0"\n', PORT="9100")
    assert (found.port, found.host, found.language) == (9100, "0.0.0.0", "zh")


def test_every_setting_can_come_from_either(load) -> None:
    """As its own kind from the file, as text from the environment."""
    for field in fields(Settings):
        value, in_file, in_environment = {
            str: ("a b", '"a b"', "a b"),
            int: (42, "42", "42"),
            bool: (True, "true", "on"),
        }[field.type]
        if field.name in STRICT:
            value, in_file, in_environment = (
                STRICT[field.name],
                f'"{STRICT[field.name]}"',
                STRICT[field.name],
            )
        assert getattr(load(f"{field.name} = {in_file}"), field.name) == value
        assert getattr(load(**{field.name.upper(): in_environment}), field.name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIME_ZONE", "Asia/Yantai"),
        ("TIME_ZONE", "../etc"),
        ("WORKING_HOURS", "18:00-09:00"),
        ("CRYPTOGRAPHY", "rot13"),
    ],
)
def test_a_zone_or_hours_that_mean_nothing_stop_the_start(load, name: str, value: str) -> None:
    """Told with the variable that holds them, before anything is due at a wrong time."""
    with pytest.raises(SettingInvalid) as refused:
        load(**{name: value})
    assert refused.value.where == f"YIBIAO_{name}"


@pytest.mark.parametrize("text", ["1", "true", "YES", "On", " true "])
def test_a_switch_is_on(load, text: str) -> None:
    """In the words people use."""
    assert load("demo = false", DEMO=text).demo is True


@pytest.mark.parametrize("text", ["0", "false", "NO", "Off"])
def test_a_switch_is_off(load, text: str) -> None:
    """In the words people use."""
    assert load("demo = true", DEMO=text).demo is False


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('prot = 9000', "prot"), ('port = "abc"', "port"), ("port = 80.5", "port"), ("port = true", "port"),
        ("port = [80]", "port"), ("port = -1", None), ("host = 5", "host"), ('host = ["a"]', "host"), ('demo = 1', "demo"),
        ('demo = "perhaps"', "demo"), ("[server]\nport = 1", "server"),
    ],
)  # fmt: skip
def test_what_is_unknown_or_of_the_wrong_kind_in_the_file_is_told(load, text, name) -> None:
    """By its name and its file; nothing is rounded, turned into text or passed over."""
    if name is None:
        assert (
            load(text).port == -1
        )  # a number all the same; whether a port is free is seen at start
        return
    with pytest.raises(SettingInvalid) as told:
        load(text)
    assert told.value.name == name
    assert told.value.where.endswith("yibiao.toml")


@pytest.mark.parametrize(
    ("name", "text"),
    [("PROT", "9000"), ("PORT", "abc"), ("PORT", ""), ("PORT", "8_000"), ("PORT", "８０"), ("PORT", "9" * 5000), ("DEMO", "perhaps")],
)  # fmt: skip
def test_what_is_unknown_or_of_the_wrong_kind_in_the_environment_is_told(load, name, text) -> None:
    """By the variable it stands in."""
    with pytest.raises(SettingInvalid) as told:
        load(**{name: text})
    assert told.value.where == f"YIBIAO_{name}"


@pytest.mark.parametrize("content", ["port = ", b"\xff\xfe", '名 = "烟台"'.encode("gbk")])
def test_a_file_that_cannot_be_read_is_told(load, content) -> None:
    """Whether it is malformed or saved in another encoding."""
    with pytest.raises(SettingInvalid) as told:
        load(content)
    assert told.value.where.endswith("yibiao.toml")


def test_a_file_that_an_editor_on_windows_saved_is_read(load) -> None:
    """With the mark that it puts before the first character."""
    assert load(b"\xef\xbb\xbfport = 9000\r\n").port == 9000


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    """A misspelt path would start with the defaults, on an empty database."""
    with pytest.raises(SettingInvalid):
        settings.load({"YIBIAO_CONFIG": str(tmp_path / "none.toml")})


def test_other_programs_variables_are_left_alone(load) -> None:
    """Only ours begin with our name."""
    assert settings.load({"PATH": "/bin", "YIBIA_PORT": "x"}).port == 8000


def test_settings_are_frozen() -> None:
    """Once read they hold for the life of the process."""
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1


def test_where_data_is_follows_from_the_settings() -> None:
    """A folder of the program, any other folder, or another database."""
    assert Settings(data_dir="elsewhere").data_path == ROOT / "elsewhere"
    assert Settings(data_dir="/srv/y").url == "sqlite:////srv/y/yibiao.db"
    assert make_url(Settings(data_dir="/srv/a b/王").url).database == "/srv/a b/王/yibiao.db"
    assert Settings(database_url="postgresql+psycopg://h/d").url == "postgresql+psycopg://h/d"
    assert Settings(base_url="https://yibiao.cn/").public_url == "https://yibiao.cn"
