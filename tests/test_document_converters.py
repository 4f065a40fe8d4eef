"""HTML, PDF and Word files become Markdown; a hostile or damaged file becomes one clear refusal and harms nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from companion.adapters import document_converters
from companion.adapters.document_converters import MAX_BYTES, DocumentConverters
from companion.errors import KnowledgeError

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def word_file(body: str, prologue: str = "") -> bytes:
    """Return a Word file with this body of WordprocessingML."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", CONTENT_TYPES)
        package.writestr("_rels/.rels", RELATIONS)
        space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        package.writestr(
            "word/document.xml", f'<?xml version="1.0"?>{prologue}<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
        )
    return out.getvalue()


def word_paragraph(text: str, style: str = "") -> str:
    kind = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{kind}<w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf_file(text: str, pages: int = 1) -> bytes:
    """Return a PDF with this line on each page; an empty line makes a page without words."""
    stream = f"BT /F1 12 Tf 40 700 Td ({text}) Tj ET" if text else "0 0 10 10 re f"
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(pages))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for place in range(pages):
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {5 + 2 * place} 0 R/Resources<</Font<</F1 3 0 R>>>>>>")
        objects.append(f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream")
    return pdf_of(objects)


def pdf_of(objects: list[str]) -> bytes:
    """Return a PDF of these objects; the first one is the catalogue."""
    out, places = b"%PDF-1.5\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + end.encode()


@pytest.fixture
def converters(tmp_path: Path) -> DocumentConverters:
    return DocumentConverters(tmp_path / "converted")


# --- what comes through --------------------------------------------------------------------------------------------------


def test_the_structure_of_a_web_page_is_kept(converters: DocumentConverters) -> None:
    page = b"<h1>Rest</h1><p>Take a <b>break</b>.</p><ul><li>Sit down</li><li>Drink</li></ul><table><tr><th>Day</th></tr><tr><td>Mon</td></tr></table>"

    text = converters.words_of("rest.html", page)

    assert "# Rest" in text
    assert "- Sit down" in text
    assert "| Mon |" in text


def test_the_headings_of_a_word_file_are_kept(converters: DocumentConverters) -> None:
    text = converters.words_of("rest.docx", word_file(word_paragraph("Rest first", "Heading1") + word_paragraph("Sit down for a minute.")))

    assert text == "# Rest first\n\nSit down for a minute."


def test_the_words_of_a_pdf_are_read(converters: DocumentConverters) -> None:
    assert converters.words_of("rest.PDF", pdf_file("Sit down for a minute.")) == "Sit down for a minute."


# --- what does not -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>planted()</script>",
        "<style>planted</style>",
        "<!-- planted -->",
        '<p style="display: none">planted</p>',
        '<p style="font-size:0">planted</p>',
        "<p hidden>planted</p>",
        '<p aria-hidden="true">planted</p>',
        '<img alt="planted" src="http://evil.example/x.png">',
        '<iframe src="http://evil.example">planted</iframe>',
        '<a href="http://planted.example">a link</a>',
        "<svg><text>planted</text></svg>",
    ],
)
def test_what_the_eye_does_not_see_is_not_taken_over(converters: DocumentConverters, hidden: str) -> None:
    assert "planted" not in converters.words_of("page.html", f"<p>Plain words.</p>{hidden}".encode())


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", "0" * 100_000_000)
    return out.getvalue()


ENTITIES = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a picture in a pdf": ("scan.pdf", lambda: pdf_file(""), "scanned picture"),
    "a pdf of 300 pages": ("long.pdf", lambda: pdf_file("x", 300), "more than 200 pages"),
    "no pdf at all": ("fake.pdf", lambda: b"hello", "damaged"),
    "a cut pdf": ("cut.pdf", lambda: pdf_file("hello")[:200], "damaged"),
    "a zip bomb": ("bomb.docx", bomb, "unpacked"),
    "foreign entities": ("xxe.docx", lambda: word_file(word_paragraph("&b;"), ENTITIES), "load other files"),
    "an empty word file": ("empty.docx", lambda: word_file(""), "no text inside"),
    "no word file": ("fake.docx", lambda: b"PK\x03\x04 no", "damaged"),
    "an empty page": ("empty.html", lambda: b"", "no visible text"),
    "deep nesting": ("deep.html", lambda: b"<div>" * 50_000 + b"x", "deeply nested"),
    "too large": ("large.pdf", lambda: b"0" * (MAX_BYTES + 1), "larger than 5 MB"),
    "another kind": ("sheet.xlsx", lambda: b"x", "files of this kind"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_used_says_why(converters: DocumentConverters, case: str) -> None:
    name, make, reason = REFUSED[case]

    with pytest.raises(KnowledgeError, match=reason) as refused:
        converters.words_of(name, make())

    assert name in str(refused.value)


def test_a_conversion_that_takes_too_long_is_stopped(converters: DocumentConverters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_converters, "DEADLINE_S", 0.001)

    with pytest.raises(KnowledgeError, match="takes too long"):
        converters.words_of("slow.pdf", pdf_file("x"))


def test_a_file_is_converted_once(converters: DocumentConverters, monkeypatch: pytest.MonkeyPatch) -> None:
    page = b"<p>Plain words.</p>"
    first = converters.words_of("a.html", page)
    monkeypatch.setattr(document_converters, "DEADLINE_S", 0.001)

    assert converters.words_of("b.html", page) == first
