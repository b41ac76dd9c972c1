"""Photos and files of ledgers: put in, opened, taken out, masked, withheld, exported, erased; forms alike."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from PIL import Image
from sqlalchemy import select

from engine.attachments import store as attachments
from engine.attachments.store import ATTACHMENT, Home
from engine.audit.trail import AUDIT
from engine.dictionary import store as fields
from engine.dictionary.field import Field
from engine.dictionary.store import dictionary
from engine.erasure.redact import Sought
from engine.erasure.sweep import Swept
from engine.registers import schema
from engine.registers import store as registers
from engine.registers.store import Change, Origin
from engine.work import System, Work
from forms import erasing, publish, store
from forms.kinds import ledger
from tests import factories, installed
from tests.admin import with_files
from tests.admin.conftest import Caller
from tests.engine.attachments import samples

LogIn = Callable[[str], Caller]
CODE = "test.houses"
BASE = f"/ledgers/{CODE}"
FORM: dict[str, Any] = {
    "$schema": "urn:yibiao:dialect:form:1",
    "$id": f"urn:yibiao:form:{CODE}",
    "title": "走访台账",
    "titles": {"en": "Visits"},
    "type": "object",
    "form": {
        "code": CODE, "kind": "ledger", "period": "once", "owner": "370602-mzj",
        "subject": "person", "members": "person where age >= 80",
        "sets": ["person.portrait"],
    },
    "properties": {
        "name": {"$ref": "field:person.name"},
        "residence": {"$ref": "field:person.residence"},
        "portrait": {"$ref": "field:person.portrait"},
        "shots": {
            "type": "array", "title": "入户照片", "titles": {"en": "Photos"},
            "attachment": {"kind": "photo"}, "maxItems": 2,
        },
        "papers": {
            "type": "array", "title": "材料", "titles": {"en": "Papers"},
            "attachment": {"kind": "file"}, "maxItems": 2,
        },
    },
}  # fmt: skip
PORTRAIT = Field(
    "person.portrait", {"zh": "本人照片", "en": "Portrait"},
    {"type": "array", "attachment": {"kind": "photo"}, "maxItems": 1},
    sensitivity="L3", sources=("steward", "verified", "entered"),
)  # fmt: skip
SITE = Field(
    "org.site", {"zh": "现场照片", "en": "Site"},
    {"type": "array", "attachment": {"kind": "photo"}, "maxItems": 2},
)  # fmt: skip


@pytest.fixture
def ledger_of_visits(app: Litestar, system: System) -> str:
    """The ledger, published, with one person of 85 in the first community; gives the row's id."""

    def command(work: Work) -> None:
        fields.save_field(work, PORTRAIT)
        fields.save_field(work, SITE)
        schema.migrate(work.connection, dictionary(work.connection))
        store.insert_draft(work, FORM)
        publish.publish(work, CODE, note="测试")
        known = dictionary(work.connection)
        origin = registers.add_origin(work, Origin("steward", "人口基础库", work.at))
        facts = {
            "name": "王秀英", "id_number": factories.id_number("1941-03-02"),
            "birth_date": "1941-03-02", "residence": installed.COMMUNITIES[0],
        }  # fmt: skip
        changes = [Change(f"person.{key}", "e0", value) for key, value in facts.items()]
        registers.set_values(work, known, changes, origin)

    assert app
    system.write(installed.person(system, "designer"), command)
    return "e0"


def put(who: Caller, column: str, *sent: tuple[str, bytes]) -> Any:
    """As the page does."""
    return who.send(
        "POST", f"{BASE}/rows/e0/cells/{column}/files", data={"csrf": who.token},
        files=[("file", (name, content, "application/octet-stream")) for name, content in sent],
    )  # fmt: skip


def value(system: System, column: str) -> list[str]:
    """What a cell of the row holds."""
    with system.read(installed.person(system, "huian")) as work:
        from engine.ledgers import page
        from engine.ledgers.ground import ground

        here = ground(work, ledger.lens(work.connection, ledger.form(work.connection, CODE)))
        found: Any = page.one(work, here, "e0").cell(column).value
    return list(found or [])


def mark(system: System, column: str) -> str:
    """The id of the first file in a cell."""
    return value(system, column)[0].partition("/")[0]


def test_a_photo_is_put_in_seen_taken_out_and_stays_in_the_history(
    system: System, log_in: LogIn, ledger_of_visits: str
) -> None:
    """Cleaned, shown in little in the table and on the row, opened by its readers only, full at two."""
    staff, elsewhere = log_in("huian"), log_in("luyang")
    sent = put(
        staff, "shots", ("王秀英家.jpg", samples.photo()), ("b.png", samples.photo(color="red"))
    )
    assert sent.status_code == 303, sent.text
    assert len(value(system, "shots")) == 2
    address = f"{BASE}/rows/e0/files/{mark(system, 'shots')}"
    for page in (f"{BASE}", f"{BASE}/rows/e0", f"{BASE}/rows/e0/cells/shots"):
        assert f'src="{address}?little=1"' in staff.get(page).text
    opened = staff.get(address)
    assert opened.headers["content-disposition"].startswith("attachment;")
    assert not Image.open(io.BytesIO(opened.content)).getexif()
    assert elsewhere.get(address).status_code == 404
    assert "王秀英家" in staff.get(f"{BASE}/rows/e0").text
    assert "王秀英家" not in str(
        value(system, "shots")
    )  # names of files stand sealed, not in the table
    full = put(staff, "shots", ("c.jpg", samples.photo(color="blue")))
    assert full.status_code == 303
    assert len(value(system, "shots")) == 2
    gone = staff.press(f"{BASE}/rows/e0/cells/shots/files/{mark(system, 'shots')}/remove")
    assert "已删除" in staff.get(gone.headers["location"]).text
    assert gone.status_code == 303
    assert len(value(system, "shots")) == 1
    assert staff.get(address).status_code == 200  # the history names it
    assert "王秀英家" in staff.get(f"{BASE}/rows/e0").text
    noted = [one for one in trail(system, "export") if one.get("what") == address[-24:]]
    assert len(noted) == 2
    assert staff.get(f"{BASE}/rows/e0/files/{'a' * 24}").status_code == 404


def trail(system: System, action: str) -> list[Any]:
    """Details of an act on the trail."""
    with system.read(installed.ANYBODY) as work:
        found = select(AUDIT.c.detail).where(AUDIT.c.action == action)
        return list(work.connection.execute(found).scalars())


def test_what_no_cell_takes_is_refused_and_nothing_is_kept(
    system: System, log_in: LogIn, ledger_of_visits: str
) -> None:
    """A script, nothing at all, a column of another kind, another ledger's reader, a name by itself."""
    staff = log_in("huian")
    assert put(staff, "shots", ("x.jpg", b"<script>alert(1)</script>")).status_code == 303
    assert put(staff, "shots").status_code == 303
    assert put(staff, "name", ("x.jpg", samples.photo())).status_code == 404
    assert put(staff, "nothing", ("x.jpg", samples.photo())).status_code == 404
    assert put(log_in("luyang"), "shots", ("x.jpg", samples.photo())).status_code == 404
    assert put(log_in("lingdao"), "shots", ("x.jpg", samples.photo())).status_code == 403
    edit = {"row": "e0", "column": "shots", "value": [f"{'a' * 24}/photo.jpg"], "seen": 0}
    refused = staff.patch(f"/api{BASE}/cells", {"edits": [edit]})
    assert refused.json()["code"] == "attachment.unknown"
    typed = staff.press(f"{BASE}/rows/e0", column="shots", seen="0", **{"v:/shots": "x"})
    assert typed.status_code == 422
    assert staff.get(f"{BASE}/bulk?column=shots").status_code == 404
    assert value(system, "shots") == []
    with system.read(installed.ANYBODY) as work:
        assert work.connection.execute(select(ATTACHMENT.c.id)).all() == []


def test_the_api_puts_opens_and_removes(
    system: System, log_in: LogIn, ledger_of_visits: str
) -> None:
    """The request's content is the file; the same one twice is one."""
    staff = log_in("huian")
    where = f"/api{BASE}/rows/e0/cells/papers/files"
    for kind in ("saved", "same"):
        made = staff.send("POST", where, params={"name": "证明.pdf"}, content=samples.PDF)
        assert (made.status_code, made.json()["kind"]) == (201, kind), made.text
    (ref,) = made.json()["files"]
    assert ref.endswith("/file.pdf")
    got = staff.get(f"/api{BASE}/rows/e0/files/{ref[:24]}")
    assert got.content == samples.PDF
    gone = staff.send("DELETE", f"{where}/{ref[:24]}")
    assert gone.json()["files"] == []
    assert staff.send("DELETE", f"{where}/{ref[:24]}").status_code == 404


def test_an_export_names_files_and_packs_them_when_asked(
    system: System, log_in: LogIn, ledger_of_visits: str
) -> None:
    """Names in the table; with the tick a ZIP by row and column; masked ones stay out without a purpose."""
    staff = log_in("huian")
    put(staff, "papers", ("低保证明.pdf", samples.PDF))
    put(staff, "portrait", ("人.jpg", samples.photo()))
    table = staff.press(f"{BASE}/export", kind="json").json()
    assert table["rows"][0]["papers"] == ["低保证明.pdf"]
    assert table["rows"][0]["portrait"] == "***"
    packed = zipfile.ZipFile(
        io.BytesIO(staff.press(f"{BASE}/export", kind="csv", files="1").content)
    )
    assert [one for one in packed.namelist() if "/" in one] == ["00001/材料-1-低保证明.pdf"]
    assert packed.read("00001/材料-1-低保证明.pdf") == samples.PDF
    whole = staff.press(
        f"{BASE}/export",
        kind="json",
        files="1",
        present="plain",
        purpose="核对身份",
        **{"for": "verify"},
    )
    names = zipfile.ZipFile(io.BytesIO(whole.content)).namelist()
    assert any(one.startswith("00001/本人照片-1") for one in names)
    assert [one["files"] for one in trail(system, "ledger.exported")] == [0, 1, 2]


def test_a_masked_photo_opens_for_a_purpose_only(
    system: System, log_in: LogIn, ledger_of_visits: str
) -> None:
    """Neither in the table nor by its address; with a purpose it does, and the look is on the trail."""
    staff = log_in("huian")
    put(staff, "portrait", ("人.jpg", samples.photo()))
    own = mark(system, "portrait")
    address = f"{BASE}/rows/e0/files/{own}"
    assert own not in staff.get(BASE).text
    assert staff.get(address).status_code == 404
    assert staff.get(f"/api{address}").status_code == 404
    assert staff.press(f"{address}/whole", column="portrait").status_code == 422
    asked = {"column": "portrait", "purpose": "核对身份", "for": "verify"}
    shown = staff.press(f"{BASE}/rows/e0/reveal", **asked)
    assert f"{address}/whole" in shown.text
    got = staff.press(f"{address}/whole", **asked)
    assert got.headers["content-type"] == "image/jpeg"
    assert staff.press(f"{address}/whole", **{**asked, "column": "papers"}).status_code == 404
    assert len(trail(system, "ledger.revealed")) == 2


def test_what_a_rule_withholds_opens_at_no_address(
    system: System, log_in: LogIn, ledger_of_visits: str
) -> None:
    """Of a ledger and of a report, in hand and on record: known by its address, a file stays shut."""
    staff, security = log_in("huian"), log_in("anquan")
    put(staff, "portrait", ("人.jpg", samples.photo()))
    own = mark(system, "portrait")
    task = _report(system)
    done = staff.send(
        "POST", f"/tasks/{task}/files/sent", params={"path": "/site", "name": "a.jpg"},
        content=samples.photo(),
    )  # fmt: skip
    (mine,) = set(re.findall(rf'href="(/tasks/{task}/files/[a-z2-7]+)"', done.text))
    record = _record(system)
    kept = mine.replace(f"/tasks/{task}", f"/records/{record}")
    assert [staff.get(one).status_code for one in (mine, kept)] == [200, 200]
    for field in ("person.portrait", "org.site"):
        wish = {
            "effect": "withhold-field",
            "field": field,
            "role": "staff",
            "reason": "专项保护要求",
        }
        assert security.press("/access-rules", **wish).status_code == 303
    for address in (
        mine,
        kept,
        f"{mine}?little=1",
        f"{kept}?little=1",
        f"{BASE}/rows/e0/files/{own}",
    ):
        assert staff.get(address).status_code == 404, address
    asked = {"column": "portrait", "purpose": "核对", "for": "verify"}
    assert staff.press(f"{BASE}/rows/e0/files/{own}/whole", **asked).status_code == 404
    assert log_in("shenhe").get(kept).status_code == 200  # the rule is about staff


def _report(system: System) -> str:
    """A report with a bound photo, sent to the community; the fill task."""
    bound = {"site": {"$ref": "field:org.site"}}
    return with_files.sent(system, {**with_files.FORM, "properties": bound, "required": []})


def _record(system: System) -> str:
    with system.read(installed.person(system, "huian")) as work:
        from forms import documents

        (found,) = documents.listed(
            work, documents.DOCUMENT.c.form_code == with_files.CODE, limit=5
        )
    return found.id


def test_a_deleted_person_leaves_no_photo(
    system: System, log_in: LogIn, ledger_of_visits: str
) -> None:
    """What was put in for them goes with them, from the cells too."""
    staff = log_in("huian")
    put(staff, "shots", ("a.jpg", samples.photo()))
    swept = Swept("person", ["e0"], Sought(frozenset(), frozenset()), {})
    assert system.write(installed.ANYBODY, lambda work: erasing.in_ledgers(work, swept)) > 0
    with system.read(installed.ANYBODY) as work:
        assert attachments.several(work.connection, Home("ledger", "e0")) == []
    assert value(system, "shots") == []
