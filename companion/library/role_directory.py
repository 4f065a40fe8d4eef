"""Load the deployer's directory of roles: `directory.yaml`, or the file that the settings name. It may be missing; most have none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from companion.errors import KnowledgeError
from companion.library.yaml_entries import Entry, build_all, read_entry
from companion.models_directory import RoleDirectory

_MOST_CHARS = 80


def load_role_directory(path: Path) -> RoleDirectory:
    """Return the directory; an empty one when there is no such file.

    Raises: KnowledgeError with all mistakes, one per line.
    """
    if not path.exists():
        return RoleDirectory()
    whole = read_entry(path)
    whole.allow_only(("departments", "leads"))
    departments = whole.entries("departments", "name")
    names = build_all(departments, _name)
    part_of = dict(_parts(departments, names))
    build_all(departments, lambda entry: _refuse_doubtful(entry, names, part_of))
    leads = whole.entries("leads", "account")
    build_all(leads, lambda entry: _refuse_twice(entry, leads))
    by_account, by_group = (_managed(leads, by, names) for by in ("account", "group"))
    return RoleDirectory(names, part_of, by_account, by_group)


def _name(entry: Entry) -> str:
    entry.allow_only(("name", "part_of"))
    name = entry.text("name")
    if len(name) > _MOST_CHARS:
        entry.refuse("name", f"must have at most {_MOST_CHARS} characters; employees choose from these names")
    return name


def _parts(entries: tuple[Entry, ...], names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return each department that is a part of another with that one."""

    def part(entry: Entry) -> tuple[str, str] | None:
        above = entry.optional("part_of")
        if above is not None and above not in names:
            entry.refuse("part_of", f"names “{above}”, which is not among the departments; add it, or correct the name")
        return (entry.text("name"), above) if above else None

    return tuple(found for found in build_all(entries, part) if found is not None)


def _refuse_doubtful(entry: Entry, names: tuple[str, ...], part_of: Mapping[str, str]) -> None:
    """Refuse a department that stands there twice, or is a part of itself."""
    name = entry.text("name")
    if sum(name.casefold() == other.casefold() for other in names) > 1:
        entry.refuse("name", f"“{name}” stands there twice; keep one of the two")
    seen, above = {name}, part_of.get(name)
    while above is not None and above not in seen:
        seen.add(above)
        above = part_of.get(above)
    if above is not None:
        entry.refuse("part_of", f"leads in a circle back to “{above}”; a department cannot be a part of itself")


def _refuse_twice(entry: Entry, entries: tuple[Entry, ...]) -> None:
    """Refuse an entry without exactly one of account and group, and a second one for the same."""
    entry.allow_only(("account", "group", "manages"))
    account, group = entry.optional("account"), entry.optional("group")
    if (account is None) == (group is None):
        entry.refuse("account", "write either `account:`, the name of a facilitator's account, or `group:`, the name or id of a group")
    field, named = ("account", account) if account else ("group", group or "")
    if sum((other.optional(field) or "").casefold() == named.casefold() for other in entries) > 1:
        entry.refuse(field, f"“{named}” stands there twice; put all departments into one entry")


def _managed(entries: tuple[Entry, ...], by: str, names: tuple[str, ...]) -> dict[str, frozenset[str]]:
    def managed(entry: Entry) -> tuple[str, frozenset[str]] | None:
        named = entry.optional(by)
        if named is None:
            return None
        departments = entry.texts("manages")
        for department in departments:
            if department not in names:
                entry.refuse("manages", f"names “{department}”, which is not among the departments; add it, or correct the name")
        return named.casefold(), frozenset(departments)

    return dict(found for found in build_all(entries, managed) if found is not None)


def unknown_groups(directory: RoleDirectory, known: tuple[str, ...], file: str) -> None:
    """Pass when every group that the directory names is listed. known: keys and names of groups.

    Raises: KnowledgeError, one line for each group. While serving such an entry has no effect; a group may have been renamed a minute ago.
    """
    listed = {each.casefold() for each in known}
    lost = sorted(group for group in directory.by_group if group not in listed)
    if lost:
        remedy = "is neither the name nor the id of a group in groups.yaml, so that nobody is kept out of it; correct the entry"
        raise KnowledgeError("\n".join(f"{file}: the group “{group}” {remedy}." for group in lost))
