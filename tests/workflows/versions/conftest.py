"""The street of `moving_street`, for every test of moves."""

import pytest

from engine.identity import pack as people
from engine.work import System
from forms import store
from tests.factories import TESTER, load_organisations, organisation
from tests.workflows import small_town as town
from tests.workflows.small_town import COUNTY, STREET
from tests.workflows.versions.moving_street import (
    BASE,
    THREE,
    published,
)
from workflows import store as flows


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """A database that is used again has other versions of the same form and flow than the test before."""
    flows._flows.clear()
    store._compiled.clear()


@pytest.fixture
def house(system: System) -> System:
    """A street with three communities that report by a form of four items."""
    town.build(system)
    load_organisations(system, [organisation(COUNTY, STREET, THREE)])
    more = {
        "tim": ("staff", THREE),
        "des": ("designer", COUNTY),
        "offa": ("department", STREET),
    }
    accounts = [
        {"login": login, "name": login, "positions": [{"role": role, "organisation": place}]}
        for login, (role, place) in more.items()
    ]
    system.write(TESTER, lambda work: people.load_accounts(work, accounts))
    published(system, lambda form: form.update(properties=dict(BASE)))
    return system
