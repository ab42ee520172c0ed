"""A site as one file, to be carried: all of it, or what differs from the site of a manifest."""

import zipfile
from pathlib import Path

from django.conf import settings

from tracker import signing
from tracker.backup.archive import new_file
from tracker.site_export.apply_site import (
    MANIFEST,
    READING,
    SIGNATURE,
    Releases,
    SiteManifest,
    SiteProblem,
    manifest_in,
)

PACKED = (".gz", ".br", ".xlsx", ".zip", ".png")  # these are no smaller packed once more
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a zip's first day: the same site is the same file


def own_folder() -> Path:
    """Where this installation keeps its last export for packing."""
    return Path(settings.STATE_DIR) / "site"


def pack(releases: Releases, file: Path, since: Path | None) -> int:
    """Writes the site that is shown into a .zip, and tells how many of its files; 0: there is no difference,
    and no file. Raises SiteProblem for a manifest that is none.
    """
    shown = releases.current
    if shown is None:
        raise SiteProblem(f"{releases.folder} に、書き出したサイトがありません。")
    manifest = manifest_in(shown, signing.public_key())
    there = _manifest(since).files if since else {}
    names = [name for name, record in manifest.files.items() if not _is_same(there.get(name), record)]
    if since and not names and there.keys() == manifest.files.keys():
        return 0
    with new_file(file) as out, zipfile.ZipFile(out, "w") as packed:
        for name in (MANIFEST, SIGNATURE, *names):
            kind = zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED
            packed.writestr(zipfile.ZipInfo(name, LONG_AGO), (shown / name).read_bytes(), kind)
    return len(names)


def _is_same(there: dict[str, object] | None, here: dict[str, object]) -> bool:
    return there is not None and there["sha256"] == here["sha256"]


def _manifest(file: Path) -> SiteManifest:
    """What the other side has, as it says: apply_site looks again there, at each file."""
    try:
        return SiteManifest(file.read_bytes())
    except (TypeError, *READING) as problem:
        raise SiteProblem(f"{file} は、書き出したサイトの目録（{MANIFEST}）ではありません。") from problem
