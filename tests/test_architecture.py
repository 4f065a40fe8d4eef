"""The shape of the program, read from its own source: the one arrow of imports, vendors at the edge, no work at import, small modules."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from companion.settings import ROOT

SOURCES = [ROOT / "app.py", *sorted((ROOT / "companion").rglob("*.py"))]
MODULES = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path for path in SOURCES}

LAYERS = {
    # first match wins: prefix of the module → layer
    "app": "app",
    "companion.cli": "app",
    "companion.audit": "app",
    "companion.check": "app",
    "companion.doctor": "app",
    "companion.printing": "app",
    "companion.ui": "ui",
    "companion.bootstrap": "bootstrap",
    "companion.live_parts": "bootstrap",
    "companion.live_library": "bootstrap",
    "companion.adapters": "adapters",
    "companion.conversation": "conversation",
    "companion.opinions": "conversation",
    "companion.searching": "conversation",
    "companion.crisis_words": "conversation",
    "companion.staying": "conversation",
    "companion.suggesting": "conversation",
    "companion.rows": "conversation",
    "companion.stages": "stages",
    "companion.network": "network",
    "companion.training": "network",
    "companion.insight": "network",
    "companion.curation": "network",
    "companion.library": "library",
    "companion.prompts": "library",
    "companion.ports": "ports",
    "companion.session": "models",
    "companion.sent": "models",
    "companion.events": "models",
    "companion.models": "models",
    "companion.group_facets": "models",
    "companion.phrasebook": "models",
    "companion.pace": "models",
    "companion.phrases": "models",
    "companion.disguise": "models",
    "companion.giveaway_chance": "models",
    "companion.evidence": "models",
    "companion.clauses": "models",
    "companion.contradiction": "models",
    "companion.guard_rules": "models",
    "companion.spelling": "models",
    "companion.fixed_answers": "models",
    "companion.logs": "models",
    "companion.errors": "errors",
    "companion.settings": "settings",
    "companion": "errors",
}
MAY_IMPORT = {
    "app": {"app", "ui", "bootstrap", "conversation", "stages", "network", "library", "ports", "models", "errors", "settings"},
    "ui": {"ui", "bootstrap", "conversation", "stages", "network", "library", "ports", "models", "errors", "settings"},
    "bootstrap": {"bootstrap", "adapters", "conversation", "stages", "network", "library", "ports", "models", "errors", "settings"},
    "adapters": {"adapters", "library", "ports", "models", "errors"},
    "conversation": {"conversation", "stages", "library", "ports", "models", "errors"},
    "stages": {"library", "ports", "models", "errors"},
    "network": {"network", "library", "ports", "models", "errors"},
    "library": {"library", "models", "errors"},
    "ports": {"ports", "models", "errors"},
    "models": {"models", "errors"},
    "settings": {"errors"},
    "errors": set(),
}
EXCEPTIONS = {
    "companion.check": {"companion.adapters.redaction_lists"},  # reads that file as its adapter does
    "companion.library.triage_words": {"companion.stages.triage"},  # loads the rules that triage defines
}
PARSING = {"yaml", "pydantic", "pydantic_settings", "typer", "rich", "numpy"}
"""Libraries for files, settings and the command line, and the one that vectors are made of; every other one is a vendor."""


def layer_of(module: str) -> str:
    """Return the layer of a module; fails for a module that belongs to none."""
    matches = [prefix for prefix in LAYERS if module == prefix or module.startswith((f"{prefix}.", f"{prefix}_"))]
    assert matches, f"{module} belongs to no layer"
    return LAYERS[max(matches, key=len)]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path, *, lazy_too: bool = True) -> Iterator[str]:
    """Yield what a module imports, as written; without `lazy_too` only at module level."""
    nodes = ast.walk(tree_of(path)) if lazy_too else iter(tree_of(path).body)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else str(node.module)


def own_imports(module: str) -> set[str]:
    return {name for name in imports(MODULES[module]) if name in MODULES and name != "companion"}


@pytest.mark.parametrize("module", MODULES)
def test_imports_follow_the_one_arrow(module: str) -> None:
    allowed = MAY_IMPORT[layer_of(module)]

    assert {name for name in own_imports(module) - EXCEPTIONS.get(module, set()) if layer_of(name) not in allowed} == set()


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("companion.stages.")])
def test_stage_imports_no_other_stage(module: str) -> None:
    assert {name for name in own_imports(module) if name.startswith("companion.stages.")} == set()


def test_there_is_no_circle_of_imports() -> None:
    at_import = {m: {n for n in imports(path, lazy_too=False) if n in MODULES and n not in {m, "companion"}} for m, path in MODULES.items()}
    while free := [module for module, needs in at_import.items() if not needs & at_import.keys()]:
        for module in free:
            del at_import[module]

    assert at_import == {}


@pytest.mark.parametrize("module", MODULES)
def test_vendor_libraries_stay_at_the_edge(module: str) -> None:
    outside = {name.split(".")[0] for name in imports(MODULES[module])} - set(sys.stdlib_module_names) - {"companion"} - PARSING
    layer = layer_of(module)
    allowed = (
        {"streamlit"} | outside if layer == "adapters" else {"streamlit", "starlette", "tornado", "markdown_it"} if layer == "ui" else set()
    )
    if module == "app":
        allowed = {"streamlit"}

    assert outside - allowed - ALLOWED_VENDORS.get(module, set()) == set()
    assert layer != "adapters" or "streamlit" not in outside


ALLOWED_VENDORS = {
    "companion.ui.server": {"uvicorn"},  # runs the pages
    "companion.doctor": {"httpx"},  # asks a configured endpoint whether it is there
}


@pytest.mark.parametrize("module", [m for m in MODULES if m != "companion.settings"])
def test_environment_is_read_in_settings_only(module: str) -> None:
    reads = [
        node.lineno
        for node in ast.walk(tree_of(MODULES[module]))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and {a.name for a in node.names} & {"environ", "getenv"})
    ]

    assert reads == []


def test_program_never_imports_its_evals_or_tests() -> None:
    outside = {name.split(".")[0] for path in SOURCES for name in imports(path)}

    assert outside.isdisjoint({"evals", "tests", "pytest"})


TAKES_RAW = {
    "companion.models",  # defines it
    "companion.ports",  # the Redactor port
    "companion.stages.redaction",
    "companion.stages.triage",
    "companion.conversation",
    "companion.staying",  # reads the message alone, apart from the turns before it
    "companion.doctor",  # a made-up message of its own
}


@pytest.mark.parametrize("module", MODULES)
def test_only_redaction_and_triage_see_raw_messages(module: str) -> None:
    names = {n.id for n in ast.walk(tree_of(MODULES[module])) if isinstance(n, ast.Name)} | {
        a.name for n in ast.walk(tree_of(MODULES[module])) if isinstance(n, ast.ImportFrom) for a in n.names
    }

    assert "RawMessage" not in names or module in TAKES_RAW or "redact" in module


def test_repr_of_a_raw_message_hides_its_text() -> None:
    from companion.models import RawMessage

    raw = RawMessage("sarah whitfield")

    assert "sarah" not in f"{raw!r} {raw} {[raw]} {raw!s}"


# --- nothing happens at import --------------------------------------------------------------------------------------------------------

IMPORT_ALL = """
import builtins, io, os, socket, sys, sysconfig, threading

ours = sys.argv[1]
libraries = tuple({os.path.realpath(p) for p in (*sysconfig.get_paths().values(), sys.base_prefix, sys.prefix)})

def opens(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"):
        raise SystemExit(f"{event} at import of {current}")
    if event == "open" and isinstance(args[0], str) and args[0].startswith(ours):
        path = os.path.realpath(args[0])
        if not path.startswith(libraries) and not path.endswith((".py", ".pyc")) and "__pycache__" not in path:
            raise SystemExit(f"{path} opened at import of {current}")

current = ""
sys.addaudithook(opens)
import importlib
for current in sys.argv[2:]:
    importlib.import_module(current)
print(threading.active_count())
"""


def test_importing_any_module_opens_no_file_and_no_socket() -> None:
    names = [name for name in MODULES if name != "app" and not name.endswith(".env")]  # alembic runs env.py; app.py is the page itself

    done = subprocess.run([sys.executable, "-c", IMPORT_ALL, str(ROOT), *names], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr.strip().splitlines()[-1:]) == (0, [])


HEAVY = {"spacy", "presidio_analyzer", "onnxruntime", "chromadb", "torch", "transformers", "sentence_transformers", "streamlit", "openai"}


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("companion.conversation", HEAVY | {"langchain_core", "langchain_openai", "sqlalchemy", "sklearn", "bm25s"}),
        ("companion.cli", HEAVY | {"langchain_core", "langchain_openai", "sqlalchemy", "sklearn", "bm25s", "onnx"}),
        (
            "companion.bootstrap",
            {"chromadb", "spacy", "presidio_analyzer", "torch", "transformers", "sentence_transformers", "streamlit", "openai"},
        ),
    ],
)
def test_import_stays_light(module: str, spared: set[str]) -> None:
    command = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]

    loaded = set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())

    assert loaded & spared == set()


@pytest.mark.parametrize("module", MODULES)
def test_module_keeps_no_mutable_state_that_all_users_would_share(module: str) -> None:
    mutable = [
        node.lineno
        for node in tree_of(MODULES[module]).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.List | ast.Set | ast.ListComp | ast.SetComp)
        if not all(isinstance(t, ast.Name) and t.id.isupper() or ast.unparse(t).lstrip("_").isupper() for t in _targets(node))
    ]

    assert mutable == []


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


# --- size and words -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_module_has_at_most_400_lines(module: str) -> None:
    assert len(MODULES[module].read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("module", MODULES)
def test_function_has_at_most_40_lines(module: str) -> None:
    functions = [n for n in ast.walk(tree_of(MODULES[module])) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    if ".migrations." in module:
        functions = []  # a migration is one list of tables

    assert [f"{f.name}: {_length(f)}" for f in functions if _length(f) > 40] == []


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("module", MODULES)
def test_public_name_has_a_docstring(module: str) -> None:
    tree = tree_of(MODULES[module])
    undocumented = [] if ast.get_docstring(tree) or MODULES[module].name == "__init__.py" else [module]
    for node in _public(tree):
        undocumented += [] if ast.get_docstring(node) else [node.name]

    assert undocumented == []


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def test_no_module_is_named_after_nothing() -> None:
    words = {word for module in MODULES for part in module.split(".") for word in part.split("_")}

    assert words.isdisjoint({"data", "helper", "helpers", "util", "utils", "manager", "misc", "common", "process", "stuff", "base"})


def test_no_committed_file_names_a_path_of_this_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\0")
    texts = [ROOT / name for name in tracked if name.endswith((".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".sh", ".css", ".js"))]

    named = [path.name for path in texts if path.exists() and f"{'/'}work{'/'}main" in path.read_text("utf-8", "replace")]

    assert named == []
