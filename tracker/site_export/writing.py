"""One address as files: what the live site answers, with .gz and .br beside it where that saves bytes."""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from tracker.site_export.addresses import NOT_FOUND, file_of, links
from tracker.site_export.apply_site import SiteProblem, digest_of, put, take_over
from tracker.site_export.asking import LiveAnswer, Site

try:
    import brotli
except ImportError:  # an optional part; web servers do without
    brotli = None

FileRecord = dict[str, Any]  # what the manifest tells of a file
# Of the answer, not of the page: a web server has its own.
NOT_KEPT = {"ETag", "Last-Modified", "Content-Length", "Content-Encoding", "Date", "Location"}
PACKED = ("text/", "application/json", "application/ld+json", "application/xml", "application/atom+xml")
MORE_PACKED = ("image/svg+xml", "application/manifest+json")
ENDINGS = {"gzip": ".gz", "br": ".br"}
BROTLI = 7  # 9 takes three times as long, and 30 MB for any page above 64 KB, for half a percent
PACKED_BY = " br" if brotli else ""  # a page from before brotli came, or went, is made anew
HERE, MOVED, NOT_THERE, UNTELLABLE = 200, {301, 302, 308}, 404, 409


@dataclass(frozen=True)
class Made:
    """What became of an address: its files by name, and the addresses that it names."""

    path: str
    status: int
    files: dict[str, FileRecord] = field(default_factory=dict)
    links: frozenset[str] = frozenset()
    is_new: bool = False  # asked for, and not taken over from the former site
    problem: str = ""


@dataclass(frozen=True)
class FileWriter:
    """Writes a new site beside the former one, whose files are taken over where they still hold."""

    site: Site
    new: Path
    former: Path | None
    before: dict[str, FileRecord]

    def write(self, path: str) -> Made:
        """Raises SiteProblem for an answer that no page should have."""
        name = file_of(path)
        answer = self.site.ask(path, self._known(name))
        if answer.status == 304:
            return self._taken_over(path, name)
        if path == NOT_FOUND and answer.status == NOT_THERE:
            return self._written(path, name, answer)
        if answer.status in MOVED:
            return self._moved(path, name, answer)
        if answer.status == UNTELLABLE:
            return Made(path, answer.status, problem=answer.body.decode(errors="replace"))
        if answer.status == NOT_THERE:
            return Made(path, answer.status)
        if answer.status != HERE:
            raise SiteProblem(_refusal(path, answer.status, self.site.address))
        return self._written(path, name, answer)

    def _known(self, name: str) -> str:
        """What the former files of an address were made from, if all of them are there as they were."""
        own = self._former_files(name)
        if self.former is None or "made_from" not in own.get(name, {}):
            return ""
        etag, _space, packed_by = str(own[name]["made_from"]).partition(" ")
        is_whole = all(digest_of(self.former / each) == record["sha256"] for each, record in own.items())
        return etag if is_whole and packed_by == PACKED_BY.strip() else ""

    def _former_files(self, name: str) -> dict[str, FileRecord]:
        names = (name, *(name + ending for ending in ENDINGS.values()))
        return {each: self.before[each] for each in names if each in self.before}

    def _taken_over(self, path: str, name: str) -> Made:
        assert self.former  # noqa: S101 - only what is known there is asked for
        own = self._former_files(name)
        for each in own:
            take_over(self.former / each, self.new / each)
        body = (self.new / name).read_bytes()
        return Made(path, HERE, own, frozenset(links(own[name]["type"], self.site.address, path, body)))

    def _written(self, path: str, name: str, answer: LiveAnswer) -> Made:
        record: FileRecord = {"type": answer.content_type, "headers": _kept(answer.headers)}
        if "ETag" in answer.headers:
            record["made_from"] = answer.headers["ETag"] + PACKED_BY
        if answer.status != HERE:
            record["status"] = answer.status
        files = self._put(name, answer.body, record)
        found = links(answer.content_type, self.site.address, path, answer.body)
        return Made(path, HERE, files, frozenset(found), is_new=True)

    def _put(self, name: str, body: bytes, record: FileRecord) -> dict[str, FileRecord]:
        files = {name: record | _put(self.new / name, body)}
        for encoding, packed in _packings(body) if _is_packed(record) else ():
            own = name + ENDINGS[encoding]
            files[own] = {"encoding": encoding} | _put(self.new / own, packed)
        return files

    def _moved(self, path: str, name: str, answer: LiveAnswer) -> Made:
        """A page that leads on, for files cannot; where the address is no page's, nothing."""
        target = answer.headers["Location"]
        if not target.startswith("/"):
            words = f"{path} が {target} に移されるので、書き出せません。"
            raise SiteProblem(f"{words}--address に、公開サイトの https:// のアドレスを書いてください。")
        if not path.endswith("/"):
            return Made(path, answer.status, links=frozenset({target}))
        body = render_to_string("site_export/moved.html", {"target": target}).encode()
        record = {"type": "text/html; charset=utf-8", "headers": _kept(answer.headers), "moved_to": target}
        files = self._put(name, body, record | {"status": answer.status})
        return Made(path, answer.status, files, frozenset({target}), is_new=True)


def _refusal(path: str, status: int, address: str) -> str:
    hint = f"ALLOWED_HOSTS に {address} のホスト名があるかを確かめてください。" if status == 400 else ""
    return f"{path} が {status} を返したので、書き出せません。{hint}何も変えていません。"


def _kept(headers: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in headers.items() if name not in {*NOT_KEPT, "Content-Type"}}
    if policy := kept.get("Content-Security-Policy"):  # django-csp has another order in each process
        kept["Content-Security-Policy"] = "; ".join(sorted(policy.split("; ")))
    return kept


def _is_packed(record: FileRecord) -> bool:
    return str(record.get("type", "")).startswith((*PACKED, *MORE_PACKED))


def _put(file: Path, content: bytes) -> FileRecord:
    put(file, content)
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def _packings(body: bytes) -> Iterator[tuple[str, bytes]]:
    packed = [("gzip", gzip.compress(body, 9, mtime=0))]
    if brotli:  # a window beyond the content's size costs ten times the time for nothing
        window = max(16, min(22, len(body).bit_length()))
        packed.append(("br", brotli.compress(body, quality=BROTLI, lgwin=window)))
    return ((encoding, content) for encoding, content in packed if len(content) < len(body))
