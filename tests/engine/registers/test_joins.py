"""Merging, parting and putting back as values: nothing is lost, nothing is made up."""

from hypothesis import given
from hypothesis import strategies as st

from engine import absence
from engine.absence import absent
from engine.registers import joins
from engine.registers.joins import STANDING, Kept

VALUES = st.one_of(
    st.none(),
    st.integers(0, 3),
    st.sampled_from(["甲", "乙", "", absent("unknown"), absent("inapplicable")]),
)
KEPT = st.builds(Kept, VALUES, st.integers(1, 4))
NAMES = st.sampled_from(["name", "phone", "id_number", "residence"])
FACTS = st.dictionaries(NAMES, KEPT)
STATES = st.builds(
    lambda standing, month: {STANDING: standing, **({"2026-10": month} if month else {})},
    FACTS,
    FACTS,
)
CHOSEN = st.sets(NAMES)


@given(STATES, STATES, CHOSEN)
def test_undoing_a_merge_at_once_gives_the_survivor_back(mine, theirs, taken) -> None:
    """Value for value and origin for origin, and nothing is told to have stayed."""
    became = joins.merged(mine, theirs, taken)
    back = joins.unmerged(became, became, mine)
    assert not list(joins.changes(back.state, mine))
    assert back.kept == ()


@given(STATES, STATES, CHOSEN)
def test_a_merge_keeps_every_field_that_either_knew(mine, theirs, taken) -> None:
    """A value of one of the two, with that one's origin; the chosen one's where both know it."""
    became = joins.merged(mine, theirs, taken)
    for period in {*mine, *theirs}:
        for name in {*mine.get(period, {}), *theirs.get(period, {})}:
            a, b = mine.get(period, {}).get(name), theirs.get(period, {}).get(name)
            found = became[period][name]
            assert found in (a, b)
            known = [one for one in (a, b) if one is not None and one.value is not None]
            assert (found.value is not None) == bool(known)
            loud = [one for one in known if not absence.silent(one.value)]
            assert not loud or found in loud
            if len(loud) == 2:
                assert found == (b if period == STANDING and name in taken else a)


@given(STATES, STATES, CHOSEN, FACTS)
def test_what_was_changed_since_a_merge_stays(mine, theirs, taken, edits) -> None:
    """Undoing tells each of them; everything else is as it was."""
    became = joins.merged(mine, theirs, taken)
    now = {**became, STANDING: {**became[STANDING], **edits}}
    back = joins.unmerged(now, became, mine)
    for name in {*now[STANDING], *mine[STANDING]}:
        edited = now[STANDING].get(name) != became[STANDING].get(name)
        assert ((STANDING, name) in back.kept) == edited
        assert back.state[STANDING].get(name) == (now if edited else mine)[STANDING].get(name)


@given(STATES, CHOSEN, CHOSEN)
def test_undoing_a_split_at_once_gives_the_whole_back(whole, moved, copied) -> None:
    """Whatever went, stayed or was both's."""
    stays, new = joins.parted(whole, moved, copied)
    back = joins.reunited(stays, new, stays, new, whole)
    assert not list(joins.changes(back.state, whole))
    assert back.kept == back.lost == ()
    assert set(new[STANDING]) == set(whole[STANDING]) & {*moved, *copied}


@given(STATES)
def test_a_state_is_kept_as_it_is(state) -> None:
    """Through JSON and back."""
    assert joins.from_json(joins.to_json(state)) == state
