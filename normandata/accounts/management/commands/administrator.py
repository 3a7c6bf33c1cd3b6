"""`manage.py administrator ADDRESS`: make the first administrator, who will invite the others."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from normandata.accounts import services
from normandata.accounts.models import Role, User


class Command(BaseCommand):
    help = "Donne le rôle d’administrateur à un compte qui existe. Il le crée d’abord sur la page d’inscription."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADRESSE")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        user = User.objects.filter(email=address.strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"Aucun compte actif n’a l’adresse {address}. Créez-le d’abord sur /inscription/.")
        services.grant_role(user, Role.ADMINISTRATOR, by=None)
        self.stdout.write(f"{user.email} est administrateur. Un second facteur lui sera demandé à la connexion.")
