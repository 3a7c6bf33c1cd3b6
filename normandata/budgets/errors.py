"""Why money was not moved: each says in French what its author can do about it."""

from decimal import Decimal

from normandata.procedure.errors import NotDone
from normandata.regulation.formats import euros, spaced


class NotEnough(NotDone):
    """The envelope has less free money than the gesture takes; `free` and `wanted` are in euros."""

    def __init__(self, free: Decimal, wanted: Decimal, *, label: str, unit: str) -> None:
        left = f"Il reste {euros(free)} {unit}" if free else "Il ne reste rien"
        super().__init__(spaced(f"{left} sur l’enveloppe « {label} » : il faudrait {euros(wanted)} {unit}."))
        self.free = free
        self.wanted = wanted


class NotCommitted(NotDone):
    """A payment goes beyond what is committed for its thing; `committed` and `wanted` are in euros."""

    def __init__(self, committed: Decimal, wanted: Decimal, *, unit: str) -> None:
        super().__init__(
            spaced(
                f"Le paiement demandé est de {euros(wanted)} {unit} et il reste {euros(committed)} {unit} d’engagé : "
                "complétez d’abord l’engagement."
            )
        )
        self.committed = committed
        self.wanted = wanted


class NothingHeld(NotDone):
    """The thing holds no money that the gesture could pay or free."""


class OtherContent(NotDone):
    """The key served already, for something else."""

    def __init__(self) -> None:
        super().__init__(
            "Cette écriture a déjà été passée avec un autre contenu : rechargez la page pour voir le compte."
        )
