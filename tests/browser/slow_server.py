"""Run `companion serve` where building the program, and looking at an article in the console, take longer than on any machine.

Used as a script: `python slow_server.py serve --port N`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from companion import bootstrap, bootstrap_curation

_BUILD_S, _ARTICLE_S = 6.0, 0.1


def slowed(function: Callable[..., Any], by_s: float) -> Callable[..., Any]:
    """Return the function, delayed."""

    def called(*args: Any, **kwargs: Any) -> Any:
        time.sleep(by_s)
        return function(*args, **kwargs)

    return called


if __name__ == "__main__":
    bootstrap.build = slowed(bootstrap.build, _BUILD_S)
    bootstrap_curation.review_text = slowed(bootstrap_curation.review_text, _ARTICLE_S)
    from companion.cli import main

    main()
