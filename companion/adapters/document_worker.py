"""Convert one file from standard input to Markdown on standard output, as JSON: `{"text": …}` or `{"problem": …}`.

Run as a child of `document_converters` with the ending of the file as argument. Limits itself before it reads anything.
"""

from __future__ import annotations

import io
import json
import logging
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Mapping

MEMORY_BYTES = 1_500_000_000
CPU_S = 20
MAX_PAGES = 200
MAX_UNPACKED_BYTES = 60_000_000
MAX_RATIO = 200
MAX_CHARS = 400_000
"""Limits chosen by us: far above any leaflet, far below what would hurt a server."""


class Unusable(Exception):
    """Say why a file cannot be used, and what to do."""


def main() -> None:
    """Convert standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # nothing is written to any file
    logging.disable(logging.CRITICAL)
    content = sys.stdin.buffer.read()
    try:
        text = _tidy(CONVERTERS[sys.argv[1]](content))
        answer = {"text": text[:MAX_CHARS]} if text else {"problem": _EMPTY[sys.argv[1]]}
    except Unusable as exc:
        answer = {"problem": str(exc)}
    except (MemoryError, RecursionError):
        answer = {"problem": "the file is too large or too deeply nested. Copy its words into a text file."}
    except Exception:  # noqa: BLE001 - whatever a damaged file makes a library raise
        answer = {"problem": "the file is damaged or not of the kind its name says. Save it anew, or copy its words into a text file."}
    sys.stdout.write(json.dumps(answer))


def pdf_words(content: bytes) -> str:
    """Return the words of a PDF that are seen, page by page."""
    from pypdf import PdfReader

    from companion.adapters.unseen_in_pdf import seen_text

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unusable("the PDF is locked with a password. Save a copy without it.")
    if len(reader.pages) > MAX_PAGES:
        raise Unusable(f"the PDF has more than {MAX_PAGES} pages. Split it.")
    return "\n\n".join(seen_text(page, reader) for page in reader.pages)


def word_words(content: bytes) -> str:
    """Return the words of a Word file that are seen, with its headings, lists and tables."""
    import mammoth

    from companion.adapters.unseen_in_word import without_unseen

    with zipfile.ZipFile(io.BytesIO(content)) as package:
        unpacked = sum(entry.file_size for entry in package.infolist())
        if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(len(content), 1):
            raise Unusable("the file is far larger once it is unpacked. Save it anew without pictures.")
        if any(b"<!ENTITY" in package.read(name).replace(b"\0", b"") for name in package.namelist() if name.endswith(".xml")):
            raise Unusable("the file holds instructions to load other files. Save it anew with Word.")
    return web_words(mammoth.convert_to_html(io.BytesIO(without_unseen(content))).value.encode())


def web_words(content: bytes) -> str:
    """Return the words of a web page without scripts, styles, pictures and everything that is hidden from the eye."""
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    from companion.adapters.unseen_in_pages import without_unseen

    soup = without_unseen(BeautifulSoup(content, "html.parser"))
    return str(MarkdownConverter(heading_style="ATX", bullets="-", strip=["a"]).convert_soup(soup))


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


CONVERTERS: Mapping[str, Callable[[bytes], str]] = {".pdf": pdf_words, ".docx": word_words, ".html": web_words, ".htm": web_words}
_EMPTY = {
    ".pdf": "there is no text inside that can be seen; it seems to be a scanned picture. Type its words, or copy what text recognition "
    "makes of it into a text file and read that through.",
    ".docx": "there is no text inside. Check that it is the right file.",
    ".html": "there is no visible text inside. Check that it is the right file.",
    ".htm": "there is no visible text inside. Check that it is the right file.",
}

if __name__ == "__main__":
    main()
