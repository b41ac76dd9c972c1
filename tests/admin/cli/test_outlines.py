"""Outlines of divisions from the command line: brought, counted, written out, taken away."""

import json
from pathlib import Path

from tests import installed
from tests.admin.cli.conftest import Run
from tests.engine.identity.test_boundaries import feature, file

COMMAND = ("organisation", "boundaries")


def test_outlines_go_out_as_they_came_in(run: Run, tmp_path: Path) -> None:
    """A wrong file is told with its place; what is written out can be brought elsewhere."""
    data, given, out = tmp_path / "data", tmp_path / "given.json", tmp_path / "out.json"
    installed.pack_only().copy(data).close()
    given.write_bytes(file(feature("370602"), feature("x")))
    wrong = run(*COMMAND, given, data=data)
    assert (wrong.exit_code, "2" in wrong.output) == (2, True)
    given.write_bytes(file(feature("370602"), feature("370602001")))
    assert "轮廓 · outlines\t2" in run(*COMMAND, given, data=data).output
    assert run(*COMMAND, "--export", out, data=data).exit_code == 0
    codes = [one["properties"]["code"] for one in json.loads(out.read_text("utf-8"))["features"]]
    assert codes == ["370602", "370602001"]
    assert json.loads(run(*COMMAND, "--forget", "--json", data=data).stdout)["outlines"] == 0
    assert "outlines\t2" in run(*COMMAND, out, data=data).output
    assert run(*COMMAND, out, "--forget", data=data).exit_code == 2
