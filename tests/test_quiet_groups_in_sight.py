"""In the coordinator's list of groups it stands in plain words which ones have gone quiet."""

from __future__ import annotations

import pytest

from companion.curation.catalogue_desk import OpenEntry
from companion.models_catalogue import EntryKey, EntryKind
from companion.models_meetings import Quiet
from companion.settings import ROOT
from companion.ui.coordinator.groups_form import list_line
from companion.ui.text import load_console_words


def entry(**fields: str | int) -> OpenEntry:
    return OpenEntry(
        EntryKey(EntryKind.GROUP, "Night Circle"),
        {"name": "Night Circle", "status": "open", "members": 4, "capacity": 9, "language": "en", **fields},
    )


@pytest.mark.parametrize("why", [None, *Quiet])
@pytest.mark.parametrize(("fields", "key"), [({}, "night-circle"), ({"id": "owls"}, "owls")])
def test_a_quiet_group_is_marked_in_words_and_others_are_not(why: Quiet | None, fields: dict[str, str], key: str) -> None:
    words = load_console_words(ROOT / "prompts")

    line = list_line(entry(**fields), {key: why} if why else {"another": Quiet.FEW}, words)

    plain = "Night Circle: open, 4 of 9, en"
    assert line == (f"{plain}. {words(f'groups_form.quiet.{why.value}')}" if why else plain)
