"""Who may do what to whose things: the table of duties, for one thing and for a list alike."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, select

from engine.access import policy
from engine.access.policy import DUTIES
from engine.errors import Forbidden, NotFound
from engine.identity.actor import ROLES, system_actor
from engine.storage.columns import CODE
from tests import factories

HERE = ("37", "3706", "370602")
PLACES = {
    "here": factories.path_of(*HERE),
    "below": factories.path_of(*HERE, "370602011"),
    "above": factories.path_of("37", "3706"),
    "beside": factories.path_of("37", "3706", "370611"),
    "same beginning": factories.path_of("37", "3706", "3706020"),
    "nowhere": "",
}
REACHES = {  # reach: the places it covers for somebody posted here
    "own": {"here"},
    "within": {"here", "below"},
    "issued": set(),
    "all": set(PLACES),
}
THING = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("path", CODE),
    Column("owner", CODE),
)


@pytest.mark.parametrize("verb", DUTIES)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_what_the_table_says(verb: str, role: str) -> None:
    """Every verb, every role, every place; a role that is not named does not know the verb."""
    actor = factories.actor(factories.post(role, *HERE))
    reach = DUTIES[verb].get(role)
    covered = {name for name, path in PLACES.items() if policy.covers(actor, verb, path=path)}
    assert covered == (REACHES[reach] if reach else set())
    assert policy.covers(actor, verb, owner="370602") == (reach in ("issued", "all"))
    assert policy.covers(actor, verb, owner="370611") == (reach == "all")
    assert policy.covers(actor, verb) == (reach == "all")


@pytest.mark.parametrize("verb", DUTIES)
@pytest.mark.parametrize("role", ROLES)
def test_out_of_reach_is_not_found_and_an_unknown_verb_is_forbidden(verb: str, role: str) -> None:
    """What somebody may not see is never told apart from what is not there."""
    actor = factories.actor(factories.post(role, *HERE))
    reach = DUTIES[verb].get(role)
    elsewhere = {"path": PLACES["beside"], "owner": "370611"}
    if reach == "all":
        policy.require(actor, verb, **elsewhere)
        return
    with pytest.raises(NotFound if reach else Forbidden):
        policy.require(actor, verb, **elsewhere)


def test_the_table_names_known_roles_and_reaches_only() -> None:
    """A misspelt role would be closed, a misspelt reach too; both are told here."""
    assert {role for duties in DUTIES.values() for role in duties} <= set(ROLES)
    assert {reach for duties in DUTIES.values() for reach in duties.values()} <= set(REACHES)


def test_three_administrators_are_three_people() -> None:
    """Designing, managing accounts and reading the trail lie in different roles (三员分立)."""
    assert set(DUTIES["account.manage"]) == {"security"}
    assert set(DUTIES["audit.read"]) == {"auditor"}
    assert set(DUTIES["operations.read"]) == {"system"}
    changing = [verb for verb in DUTIES if not verb.endswith(".read")]
    assert [verb for verb in changing if "auditor" in DUTIES[verb]] == []
    of_security = {verb for verb in DUTIES if "security" in DUTIES[verb]}
    assert of_security == {
        "account.manage", "account.confirm", "compliance.read", "access.read",
        "erasure.ask", "erasure.decide", "erasure.read", "hold.change",
        "retention.set", "retention.ask", "retention.decide", "retention.read",
    }  # fmt: skip


def test_nobody_may_anything_without_a_post() -> None:
    """Closed unless it stands in the table."""
    nobody = factories.actor()
    assert [verb for verb in DUTIES if policy.reaches(nobody, verb)] == []


def test_a_verb_that_does_not_exist_stops_the_program() -> None:
    """A misspelt guard is a defect, for whomsoever."""
    for actor in (factories.actor(factories.post("staff", *HERE)), system_actor("timers")):
        with pytest.raises(KeyError):
            policy.covers(actor, "document.raed")


def test_the_program_itself_may_everything() -> None:
    """A timer acts as a named part of the system."""
    assert all(policy.covers(system_actor("timers"), verb) for verb in DUTIES)


def test_posts_add_up() -> None:
    """Who is staff in one place and verifies in another has both reaches, and no more."""
    actor = factories.actor(
        factories.post("staff", "37", "3702"), factories.post("verifier", *HERE)
    )
    reached = [policy.covers(actor, "document.read", path=path) for path in ("/37/3702/", "/37/3702/1/", PLACES["below"])]  # fmt: skip
    assert reached == [True, False, True]
    assert not policy.covers(actor, "document.fill", path=PLACES["below"])


# -- the same answer in SQL ------------------------------------------------------------------------

CODES = st.sampled_from(["3", "37", "370", "3706", "3706-a", "0", "z", "中", "~"])
TREE_PATHS = st.lists(CODES, min_size=1, max_size=3).map(tuple)
THINGS = st.lists(st.tuples(TREE_PATHS | st.just(()), CODES | st.just("")), min_size=1, max_size=12)
POSTS = st.lists(st.tuples(st.sampled_from(ROLES), TREE_PATHS), max_size=3)


@pytest.fixture(scope="module")
def sqlite() -> Connection:
    with create_engine("sqlite://").connect() as connection:
        THING.create(connection)
        yield connection


@pytest.fixture
def postgresql(postgres_url: str) -> Connection:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        THING.create(connection)
        yield connection
    engine.dispose()


def _agrees(connection: Connection, things, posts, verb: str) -> None:
    actor = factories.actor(*(factories.post(role, *codes) for role, codes in posts))
    rows = [
        {"id": number, "path": factories.path_of(*codes) if codes else "", "owner": owner}
        for number, (codes, owner) in enumerate(things)
    ]
    allowed = {
        row["id"]
        for row in rows
        if policy.covers(actor, verb, path=row["path"], owner=row["owner"])
    }
    seen = policy.sees(actor, verb, path=THING.c.path, owner=THING.c.owner)
    with connection.begin_nested() as undo:
        connection.execute(THING.insert(), rows)
        assert set(connection.execute(select(THING.c.id).where(seen)).scalars()) == allowed
        undo.rollback()


@given(THINGS, POSTS, st.sampled_from(sorted(DUTIES)))
@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_a_list_shows_exactly_what_may_be_opened(sqlite, things, posts, verb: str) -> None:
    """`sees` in SQL and `covers` on one thing agree on any tree."""
    _agrees(sqlite, things, posts, verb)


@pytest.mark.postgres
@given(THINGS, POSTS, st.sampled_from(sorted(DUTIES)))
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_a_list_on_postgresql_shows_the_same(postgresql, things, posts, verb: str) -> None:
    """Byte order, whatever the database's language."""
    _agrees(postgresql, things, posts, verb)


def test_a_list_that_knows_no_owner_shows_nothing_issued() -> None:
    """A department sees nothing through a list without owners rather than everything."""
    department = factories.actor(factories.post("department", *HERE))
    seen = policy.sees(department, "document.read", path=THING.c.path)
    assert str(seen) == "false"
