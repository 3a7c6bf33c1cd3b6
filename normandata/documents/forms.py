"""The form that sends files, one by one with a script, all at once without."""

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from normandata.regulation.formats import weight

from . import conf
from .limits import Limits
from .rows import Row


class UploadBox:
    """The upload component: limits said before, the choice, the files there already. `{{ box }}` draws it.

    It posts to `action`, whose view reads `UploadBox.files(request)`.
    """

    field = "fichier"

    def __init__(
        self,
        request: HttpRequest,
        *,
        action: str,
        limits: Limits,
        rows: Sequence[Row] = (),
        label: str = "Ajouter des fichiers",
        name: str = "pieces",
    ) -> None:
        self.request, self.action, self.rows = request, action, rows
        self.limits = limits.within(conf.most_bytes())
        self.label, self.name = label, name

    @staticmethod
    def files(request: HttpRequest) -> list[UploadedFile]:  # type: ignore[type-arg]
        """Return the files that a request brings."""
        return request.FILES.getlist(UploadBox.field)

    @property
    def is_unguarded(self) -> bool:
        return not conf.antivirus()

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= self.limits.most_files

    def render(self) -> SafeString:
        context: dict[str, Any] = {"box": self, "limit": weight(self.limits.most_bytes)}
        return render_to_string("components/upload.html", context, self.request)

    __html__ = __str__ = render
