"""LibreOffice as a clerk's spreadsheet program: opens a workbook, types into cells, saves it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.machine import libreoffice

PATIENCE_SECONDS = 120
XLSX = "Calc MS Excel 2007 XML"
CSV = "Text - txt - csv (StarCalc)"
CSV_OPTIONS = "44,34,76,1"  # commas, double quotes, UTF-8, from the first line
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script"
 script:name="Module1" script:language="StarBasic">
Sub Work
  On Error GoTo Failed
  Dim opening(0) As New com.sun.star.beans.PropertyValue
  opening(0).Name = "Hidden"
  opening(0).Value = True
  book = StarDesktop.loadComponentFromURL("{source}", "_blank", 0, opening())
{edits}
  Dim saving(1) As New com.sun.star.beans.PropertyValue
  saving(0).Name = "FilterName"
  saving(0).Value = "{filter}"
  saving(1).Name = "FilterOptions"
  saving(1).Value = "{options}"
  book.storeToURL("{target}", saving())
  book.close(True)
  Exit Sub
Failed:
  file = FreeFile
  Open "{log}" For Output As file
  Print #file, "line " &amp; Erl &amp; ": " &amp; Error$
  Close file
End Sub
</script:module>
"""


class Office:
    """A LibreOffice with a profile of its own in a folder: nothing of this machine's user takes part."""

    def __init__(self, folder: Path) -> None:
        self.program, self.folder = libreoffice(), folder
        self.module = folder / "profile" / "user" / "basic" / "Standard" / "Module1.xba"
        self._run("--terminate_after_init")  # a first start lays out the profile, an empty module among it
        assert self.module.exists(), "LibreOffice has laid out no profile"

    def saved(self, content: bytes, edits: Mapping[str, str] | None = None, *, as_csv: bool = False) -> bytes:
        """A workbook opened, texts typed into cells of its first sheet by their addresses, and saved."""
        source, target, log = (
            self.folder / "sheet.xlsx",
            self.folder / ("saved.csv" if as_csv else "saved.xlsx"),
            self.folder / "log",
        )
        source.write_bytes(content)
        for left in (target, log):
            left.unlink(missing_ok=True)
        self._teach(source, target, log, edits or {}, as_csv)
        done = self._run("macro:///Standard.Module1.Work")
        assert not log.exists(), f"LibreOffice: {log.read_text()}"
        assert target.exists(), (
            f"LibreOffice saved nothing (status {done.returncode}): {done.stdout} {done.stderr}"
        )
        return target.read_bytes()

    def _run(self, what: str) -> subprocess.CompletedProcess[str]:
        profile = f"-env:UserInstallation={(self.folder / 'profile').as_uri()}"
        command = [self.program, profile, "--headless", "--norestore", "--nologo", what]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)

    def _teach(self, source: Path, target: Path, log: Path, edits: Mapping[str, str], as_csv: bool) -> None:
        typing = (
            f'  book.Sheets.getByIndex(0).getCellRangeByName("{address}").String = {_literal(text)}'
            for address, text in edits.items()
        )
        module = MODULE.format(
            source=source.as_uri(),
            target=target.as_uri(),
            log=log,
            edits="\n".join(typing),
            filter=CSV if as_csv else XLSX,
            options=CSV_OPTIONS if as_csv else "",
        )
        self.module.write_text(module, encoding="utf-8")


def _literal(text: str) -> str:
    """A text in Basic's words, inside XML."""
    lines = (line.replace('"', '""').replace("&", "&amp;").replace("<", "&lt;") for line in text.split("\n"))
    return " &amp; Chr(10) &amp; ".join(f'"{line}"' for line in lines)
