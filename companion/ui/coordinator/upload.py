"""Bring a file into the library: its words become the text of a new article."""

from __future__ import annotations

import streamlit as st

from companion.errors import CompanionError
from companion.ui.coordinator.console import Console

_KINDS = ("md", "txt", "html", "htm", "pdf", "docx")
MAX_MEGABYTES = 5


def draw_upload(console: Console) -> str | None:
    """Draw the upload and return the words of the file, or None when there is none."""
    words = console.words
    with st.expander(words("library.upload")):
        st.markdown(words("library.upload_intro", megabytes=MAX_MEGABYTES))
        uploaded = st.file_uploader(words("library.upload_label"), list(_KINDS), key="upload_file")
        if uploaded is None:
            return None
        try:
            text = console.curation.uploads.words_of(console.caller, uploaded.name, uploaded.getvalue())
        except CompanionError as exc:
            st.error(words("library.upload_refused", problem=exc))
            return None
        st.success(words("library.upload_read", words=len(text.split())))
        st.text(text[:4000])
        return text
