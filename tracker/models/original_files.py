"""The manifesto as it was given to the voters: a PDF, kept in the database, so that every server has it."""

from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import models

from tracker.models.organisation import MAX_SIGNATURE

MAX_MEGABYTES, MAX_NAME = 10, 200
BEGINS, ENDS, AT_THE_END = b"%PDF-", b"%%EOF", 2048  # how a PDF begins, and what stands in its last bytes
MOST_BYTES = MAX_MEGABYTES * 1_000_000
TOO_LARGE = f"ファイルが大きすぎます。{MAX_MEGABYTES} MB までの PDF にしてください。"
NO_PDF = "PDF ではないか、途中で切れています。中身が PDF のファイルを選んでください。"


class OriginalFile(models.Model):
    """原本のファイル. Its `sha256` is what reports name it by; its content never changes. `name` is what it
    was called when it was last sent: no report tells it.
    """

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField("ファイルの名前", max_length=MAX_NAME)
    content = models.BinaryField()
    size = models.PositiveIntegerField("バイト数")
    uploaded_by = models.CharField(max_length=MAX_SIGNATURE)
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "マニフェストの原本のファイル"

    def __str__(self) -> str:
        return f"{self.name}（{self.size:,} バイト、SHA-256 {self.sha256}）"

    @property
    def is_whole(self) -> bool:
        """Whether its content is still what its name among reports says."""
        return sha256(bytes(self.content)).hexdigest() == self.sha256

    def call(self, name: str) -> None:
        """Gives it a name, of which a long one keeps its end."""
        self.name = name[-MAX_NAME:]
        self.save(update_fields=["name"])


def refuse_no_pdf(content: bytes) -> None:
    """Raises ValidationError for what is too large, or no PDF by its own bytes, whatever it is called."""
    if len(content) > MOST_BYTES:
        raise ValidationError(TOO_LARGE)
    if not content.startswith(BEGINS) or ENDS not in content[-AT_THE_END:]:
        raise ValidationError(NO_PDF)


def stored(name: str, content: bytes, by: str) -> OriginalFile:
    """The file with this content, which is kept once, under the name that it has already, if any. Raises
    ValidationError for what is no PDF.
    """
    refuse_no_pdf(content)
    digest = sha256(content).hexdigest()
    values = {"name": name[-MAX_NAME:], "content": content, "size": len(content), "uploaded_by": by}
    return OriginalFile.objects.get_or_create(sha256=digest, defaults=values)[0]
