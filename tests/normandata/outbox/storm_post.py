"""Posts the messages of a storm as a web process would: `python -m tests.normandata.outbox.storm_post HANDLER=N …`."""

import sys

import django
from django.db import transaction

from tests.normandata.outbox import storm_app

django.setup()

from normandata.outbox import services  # noqa: E402

for order in sys.argv[1:]:
    name, _, count = order.partition("=")
    for number in range(int(count)):
        if name == "storm.bare":
            storm_app.app.send_task(name, args=[f"{name} {number}"])
            continue
        with transaction.atomic():
            services.post(name, f"{name} {number}")
