"""Handing in: versions and hashes, the deadline and its grace, what is wanting, extensions, the receipt."""

import hashlib
from datetime import datetime, timedelta

import pytest
import time_machine

from datathon import judging, openings, phases, receipts
from datathon.models import Deliverable, HelpRequest, Mentor
from datathon.services import deliverables
from datathon.services.deliverables import Same
from normandata.accounts.models import User
from normandata.documents import pdf
from normandata.notifications.models import Mail
from normandata.procedure.errors import NotAllowed, NotDone, NotNow, ReasonMissing
from normandata.procedure.models import Event
from normandata.scoring import kinds
from tests.factories.accounts import UserFactory
from tests.factories.datathon import PARIS, make_edition, make_organiser, make_team
from tests.factories.documents import UploadFactory
from tests.factories.people import person_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "october")]
DUE = datetime(2027, 10, 22, 12, tzinfo=PARIS)
DATA = [{"title": "Arrêts", "url": "https://data.exemple.invalid/arrets", "licence": "Licence Ouverte 2.0"}]


@pytest.fixture
def october() -> object:
    with time_machine.travel("2027-10-20 09:00 +0200", tick=False) as clock:
        yield clock


def challenged(members: int = 1, **fields: object) -> tuple[object, User]:
    team = make_team(make_edition(phases.CHALLENGE, **fields), members)
    return team, person_of(team.seats.get(number=1).registration)


def test_versions_are_kept_with_their_hashes() -> None:
    team, by = challenged()
    content = b"%PDF-1.7 essai"
    upload = UploadFactory(uploaded_by=by, content=content)
    first = deliverables.hand_in_file(team, "presentation", upload, by=by)
    second = deliverables.hand_in_address(team, "presentation", url=" https://exemple.invalid/diapo ", by=by)
    assert (first.version, first.sha256) == (1, hashlib.sha256(content).hexdigest())
    assert (second.version, second.url) == (2, "https://exemple.invalid/diapo")
    expected = hashlib.sha256(b'{"text": "", "url": "https://exemple.invalid/diapo"}').hexdigest()
    assert second.sha256 == expected
    assert list(Deliverable.objects.current().values_list("version", flat=True)) == [2]
    with pytest.raises(Same, match="version 2"):
        deliverables.hand_in_address(team, "presentation", url="https://exemple.invalid/diapo", by=by)
    rows = Event.objects.about(team).named("hand_in").order_by("pk").values_list("data", flat=True)
    assert [(row["kind"], row["version"], row["sha256"]) for row in rows] == [
        ("presentation", 1, first.sha256), ("presentation", 2, second.sha256),
    ]  # fmt: skip


def test_what_is_wanting_is_said_in_words_and_the_documentation_is_not() -> None:
    team, by = challenged()
    said = [receipts.missing_sentence(receipts.current(team))]
    deliverables.hand_in_data(team, DATA, by=by)
    said.append(receipts.missing_sentence(receipts.current(team)))
    deliverables.hand_in_address(team, "code", url="https://forge.exemple.invalid/depot", text="branche main", by=by)
    deliverables.hand_in_address(team, "presentation", url="https://exemple.invalid/diapo", by=by)
    said.append(receipts.missing_sentence(receipts.current(team)))
    assert said == [
        "Il manque encore le code source, la liste des données utilisées et le support de présentation.",
        "Il manque encore le code source et le support de présentation.",
        "Tout ce qui est demandé est remis.",
    ]
    kept = team.deliverables.get(kind="data")
    assert kept.text == "Arrêts (Licence Ouverte 2.0)\u00a0: https://data.exemple.invalid/arrets"
    assert kept.items == DATA


def test_any_member_hands_in_and_nobody_else() -> None:
    team, _ = challenged(2)
    second = person_of(team.seats.get(number=2).registration)
    assert deliverables.hand_in_data(team, DATA, by=second).handed_by == second
    for other in (UserFactory(), make_organiser(team.edition)):
        with pytest.raises(NotAllowed):
            deliverables.hand_in_data(team, [DATA[0] | {"title": "Autre"}], by=other)
    with pytest.raises(NotDone, match="un nom, une adresse et une licence"):
        deliverables.hand_in_data(team, [DATA[0] | {"licence": " "}], by=second)
    assert set(Mail.objects.values_list("address", flat=True)) == {
        person_of(seat.registration).email for seat in team.seats.all()
    }


@pytest.mark.parametrize(
    ("at", "is_taken"),
    [
        (DUE - timedelta(microseconds=1), True),
        (DUE + timedelta(minutes=5), True),
        (DUE + timedelta(minutes=5, microseconds=1), False),
    ],
)
def test_late_is_refused_with_the_hour(at: datetime, is_taken: bool) -> None:
    team, by = challenged()
    if is_taken:
        assert deliverables.hand_in_data(team, DATA, by=by, at=at).handed_at == at
        return
    with pytest.raises(NotNow, match="22\xa0octobre\xa02027 à 12\xa0h\xa000"):
        deliverables.hand_in_data(team, DATA, by=by, at=at)
    assert not Deliverable.objects.exists()


def test_an_organiser_gives_one_team_more_time_with_a_reason() -> None:
    team, by = challenged()
    other = make_team(team.edition)
    organiser, until = make_organiser(team.edition), DUE + timedelta(hours=6)
    with pytest.raises(NotAllowed):
        deliverables.extend(team, until, reason="Panne", by=by)
    with pytest.raises(ReasonMissing):
        deliverables.extend(team, until, reason=" ", by=organiser)
    with pytest.raises(NotDone, match="plus tardive"):
        deliverables.extend(team, DUE, reason="Panne", by=organiser)
    with pytest.raises(NotDone, match="avant la clôture"):
        deliverables.extend(team, DUE + timedelta(days=30), reason="Panne", by=organiser)
    deliverables.extend(team, until, reason="Panne de réseau", by=organiser)
    assert (openings.due_at(team), openings.due_at(other)) == (until, DUE)
    assert deliverables.hand_in_data(team, DATA, by=by, at=until).version == 1
    with pytest.raises(NotNow, match="donné à votre équipe"):
        deliverables.hand_in_data(team, DATA * 2, by=by, at=until + timedelta(minutes=6))
    assert Event.objects.about(team).named("extend").get().reason == "Panne de réseau"
    assert Mail.objects.filter(kind="datathon.extension_given", address=by.email).count() == 1


def test_nothing_is_handed_in_before_or_after_the_challenge() -> None:
    for phase in (phases.REGISTRATION, phases.SCORING, phases.PUBLISHED):
        team = make_team(make_edition(phase))
        with pytest.raises(NotNow):
            deliverables.hand_in_data(team, DATA, by=person_of(team.seats.get().registration))


def test_the_receipt_names_nobody_and_holds_hashes_hours_and_versions() -> None:
    team, by = challenged()
    with pytest.raises(NotNow, match="Rien n’a encore été remis"):
        deliverables.request_receipt(team, by=by)
    kept = deliverables.hand_in_data(team, DATA, by=by)
    document = deliverables.request_receipt(team, by=by)
    assert deliverables.request_receipt(team, by=by) == document, "asked twice, made once"
    with pytest.raises(NotAllowed):
        deliverables.request_receipt(team, by=UserFactory())
    row = document.record["versions"][0]
    assert (row["version"], row["sha256"], row["at"]) == (1, kept.sha256, kept.handed_at.isoformat())
    assert by.name not in str(document.record)
    assert by.email not in str(document.record)
    made = pdf.render("pdf/datathon/receipt.html", receipts.context(document))
    assert made.startswith(b"%PDF")


def test_the_scoring_knows_who_is_concerned_and_what_is_judged() -> None:
    team, member = challenged()
    other, helper = make_team(team.edition), UserFactory()
    mentor = Mentor.objects.create(edition=team.edition, person=helper)
    HelpRequest.objects.create(
        team=other, question="Comment ?", taken_by=mentor, taken_at=datetime(2027, 10, 10, tzinfo=PARIS)
    )
    keys = [str(team.pk), str(other.pk)]
    assert kinds.concerned(member, judging.KIND, keys) == {str(team.pk): judging.MEMBER}
    assert kinds.concerned(helper, judging.KIND, keys) == {str(other.pk): judging.MENTOR}
    assert kinds.concerned(UserFactory(), judging.KIND, keys) == {}
    deliverables.hand_in_data(team, DATA, by=member)
    deliverables.hand_in_data(team, DATA * 2, by=member)
    deliverables.hand_in_address(team, "code", url="https://forge.exemple.invalid/depot", by=member)
    assert kinds.versions(judging.KIND, keys) == {str(team.pk): "c1 d2 o0 p0"}
