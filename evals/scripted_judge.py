"""A judge written by hand, for runs without a language model: it looks at the form of a reply and at shared words, and at nothing else.

It shows that the way to a judge works, and how little form alone tells: its agreement with the labels stands beside its figures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from companion.evidence import support
from companion.library.chunks import split_sentences
from companion.models import Passage
from evals import reply_rules as r

_CASE = re.compile(r"Message:\n(?P<message>.*)\n\nPassages:\n(?P<passages>.*)\n\nReply:\n(?P<reply>.*)", re.DOTALL)
_MARK = re.compile(r"\s*\[\d+\]")
_MIN_SHARED = 0.5


def form_judge(messages: Sequence[Mapping[str, str]]) -> str:
    """Return a verdict as JSON, by form and shared words."""
    case = _CASE.search(messages[-1]["content"])
    if case is None:
        return "I see no case."
    sentences = split_sentences(case["reply"])
    cited = [sentence for sentence in sentences if _MARK.search(sentence)]
    source = Passage("p#1", "p", "", "", case["passages"])
    rules, first, last = r.reply_rules(), sentences[0], sentences[-1]
    questions = sum(sentence.rstrip().endswith("?") for sentence in sentences)
    verdict = {
        "reflects": not _MARK.search(first) and not first.endswith("?") and rules.advice.search(first) is None,
        "grounded": bool(cited) and all(support(_MARK.sub("", sentence), (source,)) >= _MIN_SHARED for sentence in cited),
        "kind": rules.banned.search(case["reply"]) is None,
        "one_way_on": questions == 1 or (questions == 0 and rules.offer.search(last) is not None),
        "fits": bool(cited),
    }
    return json.dumps(verdict)
