"""What an exported site shows, whoever switched to it."""

import json
import re
from pathlib import Path
from typing import Any

from tracker.site_export import apply_site

FORM = re.compile(rb'\n<div class="filters unanswered">.*?</div>\n', re.DOTALL)
NOTICE = re.compile(r'<aside class="site-notice"[^>]*>([^<]*)</aside>')


def files_of(site: Path) -> dict[str, dict[str, Any]]:
    """What the manifest of the site that is shown tells of each file."""
    told: dict[str, dict[str, Any]] = json.loads((site / "current/manifest.json").read_bytes())["files"]
    return told


def as_live(name: str, content: bytes) -> bytes:
    """A file as the live site has it: there the list's form needs no script (docs/adr/0041)."""
    if "/pledges/" not in name:
        return content
    return FORM.sub(b"", content).replace('込む" hidden>'.encode(), '込む">'.encode())


def notices(site: Path) -> set[str]:
    """What stands above the pages that are shown, all of which are as they were signed."""
    key = json.loads((site / "current/manifest.json").read_bytes())["key"]
    manifest = apply_site.check(site / "current", key)
    pages = [name for name in manifest.files if name.endswith(".html")]
    return {told for name in pages for told in NOTICE.findall((site / "current" / name).read_text())}
