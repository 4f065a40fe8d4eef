"""The words that the pages show, read from `prompts/fixed/ui.yaml`, and parts of them from files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from companion.errors import KnowledgeError
from companion.prompts import fixed_entries

WordTree = Mapping[str, object]
WORD_FILES = {
    "input_refused": "refused",
    "meetings": "meetings",
    "facilitator": "facilitator",
    "mentoring": "mentoring",
    "training": "training",
    "auditor": "auditor",
}
"""Other files of `prompts/fixed`, and the part of the tree that each fills."""


@dataclass(frozen=True, slots=True)
class Words:
    """Hold all words of the pages as a tree; `words("chat.hello")` reads one."""

    tree: WordTree

    def __call__(self, key: str, **values: object) -> str:
        """Return one phrase with its {gaps} filled.

        Raises: KnowledgeError when the key is missing or a gap has no value.
        """
        found = self._find(key)
        if not isinstance(found, str):
            raise KnowledgeError(f"prompts/fixed/ui.yaml: '{key}' is not a phrase. Write it as one line of text.")
        try:
            return found.format_map(values) if values else found
        except (KeyError, ValueError) as exc:
            raise KnowledgeError(f"prompts/fixed/ui.yaml: '{key}' has a gap the program does not fill: {exc}.") from exc

    def phrases(self, key: str) -> tuple[str, ...]:
        """Return a list of phrases in file order.

        Raises: KnowledgeError when the key is missing or holds no list.
        """
        found = self._find(key)
        if not isinstance(found, list):
            raise KnowledgeError(f"prompts/fixed/ui.yaml: '{key}' is not a list. Begin each phrase with a dash.")
        return tuple(str(item) for item in found)

    def branch(self, key: str) -> dict[str, object]:
        """Return a part of the tree as plain values, for the browser.

        Raises: KnowledgeError when the key is missing or holds a single phrase.
        """
        found = self._find(key)
        if not isinstance(found, dict):
            raise KnowledgeError(f"prompts/fixed/ui.yaml: '{key}' has no phrases below it.")
        return dict(found)

    def entries(self, key: str) -> tuple[dict[str, str], ...]:
        """Return a list of small groups of phrases, such as the points of the notice.

        Raises: KnowledgeError when the key is missing or holds no such list.
        """
        found = self._find(key)
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise KnowledgeError(f"prompts/fixed/ui.yaml: '{key}' is not a list of named phrases.")
        return tuple({str(name): str(text) for name, text in item.items()} for item in found)

    def _find(self, key: str) -> object:
        found: object = self.tree
        for part in key.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise KnowledgeError(f"prompts/fixed/ui.yaml: '{key}' is missing. Put it back from the last version.")
            found = found[part]
        return found


def load_console_words(prompts_dir: Path) -> Words:
    """Read the words of the coordinator's console, every `console_<part>.yaml` under its part, with those of the pages.

    Raises: KnowledgeError when a file is not valid YAML.
    """
    names = sorted(path.stem for path in (prompts_dir / "fixed").glob("console_*.yaml"))
    parts: WordTree = {name.removeprefix("console_"): fixed_entries(prompts_dir, name) for name in names}
    return Words({**load_words(prompts_dir).tree, **parts})


def load_words(prompts_dir: Path) -> Words:
    """Read the words of the pages.

    Raises: KnowledgeError when the file is missing or is not valid YAML.
    """
    tree = fixed_entries(prompts_dir, "ui")
    return Words(tree | {part: fixed_entries(prompts_dir, name) for name, part in WORD_FILES.items()})
