"""Extra columns on the public site: no internal one in any byte of it."""

import io
import zipfile

from tests.extra_columns import define_all
from tests.half_years import approve, publish
from tests.public.conftest import Site
from tests.public.test_leaks import crawl
from tests.workspace import make_workspace


def unpacked(content: bytes) -> bytes:
    """The content, and that of all files that are packed in it."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    packed = zipfile.ZipFile(io.BytesIO(content))
    return b"".join(unpacked(packed.read(name)) for name in packed.namelist())


def test_an_internal_column_is_in_no_public_byte(site: Site, db: None) -> None:
    space = make_workspace(4, slug="2030")
    columns = define_all(space.manifesto)
    secret, shown = columns["庁内メモ"].code, columns["説明"].code
    approve(space, space.row(1), extra_values={secret: "LEAK-internal", shown: "みせる文"})
    publish(space.round, unapproved_reason="ほかはまだです。")
    found = {address: unpacked(content) for address, content in crawl(site, "/2030/").items()}
    assert [address for address, content in found.items() if b"LEAK" in content] == []
    assert [address for address, content in found.items() if "庁内メモ".encode() in content] == []
    assert len([address for address, content in found.items() if "みせる文".encode() in content]) > 3
