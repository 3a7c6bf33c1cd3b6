from datathon import phases
from datathon.phases import RIGHTS, SETTABLE, STATES


def test_each_phase_says_what_it_opens() -> None:
    assert set(RIGHTS) == set(STATES)
    opened = {name: [slug for slug in STATES if getattr(RIGHTS[slug], name)] for name in phases.Rights.__slots__}
    assert opened == {
        "register": ["rehearsal", "registration"],
        "change_teams": ["rehearsal", "registration", "challenge"],
        "deliver": ["rehearsal", "challenge"],
        "board": ["rehearsal", "registration", "challenge"],
        "ask_mentors": ["rehearsal", "registration", "challenge"],
        "mentors_read": ["challenge", "scoring"],
        "jury_reads": ["scoring", "deliberation", "decided", "published"],
        "jury_marks": ["scoring"],
    }
    assert set(SETTABLE) <= set(phases.Rights.__slots__)


def test_the_jury_marks_in_one_phase_and_nothing_is_handed_in_then() -> None:
    assert not RIGHTS[phases.SCORING].deliver
    assert not RIGHTS[phases.SCORING].change_teams
