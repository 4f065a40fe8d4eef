"""Gaps in the console: topics that were asked and not covered, from ten questions on."""

from __future__ import annotations

import streamlit as st

from companion.curation.gaps import OTHER
from companion.errors import StoreUnavailable
from companion.ui.coordinator.console import Console


def draw_gaps(console: Console) -> None:
    """Draw the part for this run."""
    words = console.words
    st.markdown(words("gaps.intro"))
    try:
        gaps = console.curation.gaps.shown(console.caller)
    except StoreUnavailable:
        st.error(words("gaps.unavailable"))
        return
    if not gaps:
        st.markdown(words("gaps.none"))
        return
    labels = {topic.slug: topic.label for topic in console.app.catalogue.topics} | {OTHER: words("gaps.other")}
    rows = [
        {words("gaps.month"): gap.month, words("gaps.topic"): labels.get(gap.topic, gap.topic), words("gaps.at_least"): gap.at_least}
        for gap in gaps
    ]
    st.table(rows)
