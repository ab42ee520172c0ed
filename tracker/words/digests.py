"""JSON in one form, and its SHA-256: what reports and the chain of events are sealed with."""

import hashlib
import json


def canonical_json(content: object) -> str:
    """JSON in the one form that is hashed: sorted keys, no spaces, characters as they are."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
