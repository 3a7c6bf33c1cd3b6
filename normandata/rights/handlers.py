"""What the `rights` room sends and makes: its mails with their tags, copies of data, the bordereau of a lot."""

from collections.abc import Mapping

from django.utils import timezone

from normandata.documents import kinds as documents
from normandata.notifications import kinds as mails
from normandata.notifications.kinds import Tag
from normandata.opendata import publications
from normandata.outbox.models import Message
from normandata.outbox.registry import handler

from . import bordereau
from .services import erasure, exports

PERSON, OFFICER = "la personne", "le délégué à la protection des données"
RIGHT = {"droit": Tag("Droit exercé", "effacement", is_required=True)}
TERM = {"echeance": Tag("Dernier jour pour répondre", "1er janvier 2027", is_required=True)}
ADDRESS = {"adresse": Tag("Adresse de la page dans le portail", "https://normandata.invalid/compte/…")}
ANSWER = {"reponse": Tag("Texte de la réponse", "Votre adresse est corrigée.", is_required=True)}


def declare(name: str, label: str, audience: str, tags: Mapping[str, Tag]) -> None:
    """Register a mail whose original words are in templates/email/rights."""
    mails.register(mails.from_file(f"rights.{name}", label=label, audience=audience, tags=tags))


documents.register(documents.Kind(bordereau.KIND, "pdf/rights/bordereau.html", bordereau.context))
declare("received", "Demande sur des données reçue", PERSON, {**RIGHT, **TERM, **ADDRESS})
declare("to_answer", "Demande sur des données à traiter", OFFICER, {**RIGHT, **TERM, **ADDRESS})
declare("answered", "Réponse à une demande sur des données", PERSON, {**RIGHT, **ANSWER})
declare("erased", "Données effacées", PERSON, {"reponse": Tag("Texte de la réponse", "Votre dossier est clos.")})
declare(
    "warned",
    "Effacement prévu faute d’activité",
    PERSON,
    {
        "objet": Tag("Ce qui sera effacé", "votre compte", is_required=True),
        "date": Tag("Jour de l’effacement", "1er janvier 2027", is_required=True),
        **ADDRESS,
    },
)


@handler(erasure.PUBLISH)
def publish_again(message: Message) -> None:
    """Write the open data anew, and erase the files that they take the place of."""
    publications.forget(timezone.now())


@handler(exports.MAKE)
def make_export(message: Message) -> None:
    """Make the copy of data that the message names."""
    exports.make(message.payload["export"])
