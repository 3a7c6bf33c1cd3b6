from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from normandata.outbox import services
from normandata.outbox.models import Message, State


class Command(BaseCommand):
    help = "Montre la boîte d’envoi : nombre de messages par état, et les messages en échec avec leur erreur."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--retry",
            metavar="ID",
            help="remet en attente un message en échec, ou tous avec « all »",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["retry"]:
            self._retry(options["retry"])
        self._counts()
        self._failed()

    def _retry(self, which: str) -> None:
        failed = Message.objects.failed()
        if which != "all":
            try:
                failed = failed.filter(pk=UUID(which))
            except ValueError:
                raise CommandError(f"« {which} » n’est pas un identifiant de message.") from None
            if not failed.exists():
                raise CommandError(f"Aucun message en échec ne porte l’identifiant {which}.")
        count = sum(services.retry(message) for message in failed)
        self.stdout.write(f"Messages remis en attente : {count}")

    def _counts(self) -> None:
        counts = dict(Message.objects.order_by().values_list("state").annotate(Count("pk")))
        for state in State:
            self.stdout.write(f"{state.label} : {counts.get(state.value, 0)}")

    def _failed(self) -> None:
        for message in Message.objects.failed():
            last_line = message.error.strip().splitlines()[-1]
            self.stdout.write(f"{message.pk}  {message.handler}  essais : {message.attempts}  {last_line}")
