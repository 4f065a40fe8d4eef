"""What the libraries do behind one's back, as far as no other file holds it: pins, floors, and nothing that runs what it reads."""

from __future__ import annotations

import re
import tomllib

import pytest

from companion.settings import ROOT

SOURCES = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "companion").rglob("*.py")}
PINS = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def named(requirement: str) -> str:
    """Return the name of a requirement as registries compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement)[0]).casefold()


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


PINNED = {named(name): version(pin) for name, pin in PINS.items()}


@pytest.mark.parametrize("requirement", PROJECT["dependencies"])
def test_everything_that_is_needed_is_pinned_to_one_version_no_lower_than_its_floor(requirement: str) -> None:
    floor = re.search(r"[>=]=([\d.]+)", requirement)

    pin = PINNED[named(requirement)]

    assert floor is None or pin[: len(version(floor[1]))] >= version(floor[1])


FLOORS = [
    # the first release without a published hole (LIBRARY_NOTES, 3)
    ("langchain-core", (1, 2, 5)),  # CVE-2025-68664: user words that become objects
    ("torch", (2, 10, 0)),  # CVE-2026-24747, CVE-2025-32434: weights that run code
    ("streamlit", (1, 37, 0)),  # CVE-2024-42474
]


@pytest.mark.parametrize(("name", "floor"), FLOORS)
def test_no_release_with_a_known_hole_is_pinned(name: str, floor: tuple[int, ...]) -> None:
    assert PINNED[name] >= floor


@pytest.mark.parametrize("name", ["langchain-community", "llm-guard", "faiss-cpu"])
def test_what_nobody_keeps_up_or_what_unpickles_is_not_installed(name: str) -> None:
    assert name not in PINNED


RUNS_WHAT_IT_READS = (
    r"\bimport pickle|\bpickle\.|\bjoblib\.load|\btorch\.load|allow_pickle=True|trust_remote_code|unsafe_load|full_load|UnsafeLoader|FullLoader|typ=.unsafe"
    r"|allow_dangerous_deserialization|langchain_core\.load|\beval\(|\bexec\("
)


def test_no_file_of_the_program_is_read_in_a_way_that_runs_it() -> None:
    assert [(name, found[0]) for name, source in SOURCES.items() for found in re.finditer(RUNS_WHAT_IT_READS, source)] == []


def test_what_all_visitors_share_by_streamlits_cache_knows_nothing_of_any_of_them() -> None:
    cached = [found for source in SOURCES.values() for found in re.findall(r"@st\.cache_\w+[^\n]*\ndef \w+\((.*?)\)", source, re.DOTALL)]

    given = {parameter.split(":")[0].strip() for parameters in cached for parameter in parameters.split(",")}

    assert given <= {"prompts_dir", "_changed_at_ns", "tuple[int", "...]"}
    assert [name for name, source in SOURCES.items() if "st.cache_data" in source] == []


def test_no_page_keeps_anything_in_its_address() -> None:
    assert [name for name, source in SOURCES.items() if "query_params" in source] == []
