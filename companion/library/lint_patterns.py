"""The wordings that the linter knows: each rule is tested with planted faults and near misses in `tests/test_lint.py`.

Safe messaging about suicide follows the advice for media professionals of the World Health Organization (Preventing suicide: a resource for
media professionals, 2023): no method, no place, no single cause, nothing that makes it look like a way out, no words of crime or success.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from companion.disguise import as_shown, unmasked
from companion.library.findings import Severity


@dataclass(frozen=True, slots=True)
class Wording:
    """Hold one rule. pattern: linear on any text; problem, remedy: what a coordinator reads."""

    name: str
    pattern: re.Pattern[str]
    severity: Severity
    problem: str
    remedy: str


def _rule(name: str, pattern: str, severity: Severity, problem: str, remedy: str, *, has_case: bool = False) -> Wording:
    return Wording(name, re.compile(pattern, 0 if has_case else re.IGNORECASE), severity, problem, remedy)


_ENDED = (
    r"(?:kill(?:s|ed|ing)? (?:him|her|them|your|my)sel(?:f|ves)|took (?:his|her|their) (?:own )?li(?:fe|ves)|died by suicide|"
    r"end(?:s|ed) (?:his|her|their) li(?:fe|ves))"
)

WORDINGS = (
    _rule(
        "suicide_wording",
        r"\bcommit(?:s|ted|ting)?\s+suicide\b|\b(?:un)?successful(?:ly)?\s+(?:attempted\s+)?suicide\b|\bfailed\s+(?:suicide|attempt on)\b"
        r"|\bsuicide epidemic\b|\bcry for help\b",
        Severity.ERROR,
        "wording about suicide that blames or measures success.",
        'Write "died by suicide" or "suicide attempt".',
    ),
    _rule(
        "suicide_method",
        r"\b(?:overdos(?:e|ed|ing) on|hang(?:ed|ing)? (?:him|her|them|your|my)sel(?:f|ves)|jump(?:ed|ing|s)? (?:off|from|in front of) (?:a|the) "
        r"(?:bridge|roof|building|cliff|train|lorry|platform)|(?:slit|cut)(?:ting)? (?:his|her|their|your|my) wrists?|(?:shot|drown(?:ed|ing)?|"
        r"poison(?:ed|ing)?|gass(?:ed|ing)) (?:him|her|them|your|my)sel(?:f|ves)|lethal dose|how many (?:pills|tablets)|tied a (?:rope|noose)|noose)\b",
        Severity.ERROR,
        "a method of suicide or self-harm is named.",
        "Leave methods out.",
    ),
    _rule(
        "suicide_place",
        r"\bsuicide (?:hot)?spots?\b|\b(?:place|bridge|cliff|station)s? (?:known|notorious|famous) for (?:its )?(?:suicides?|jumpers)\b",
        Severity.ERROR,
        "a place of suicides is named.",
        "Leave places out.",
    ),
    _rule(
        "suicide_cause",
        rf"\b{_ENDED}\b[^.!?\n]{{0,40}}\b(?:because|due to|over|as a result of)\b"
        rf"|\b(?:because of|due to|as a result of)\b[^.!?\n]{{0,60}}\b{_ENDED}\b|\bdr(?:ove|iven) (?:him|her|them|\w+ )?to suicide\b",
        Severity.ERROR,
        "a single cause of a suicide is given.",
        "Say that there is never one cause alone, or leave the cause out.",
    ),
    _rule(
        "suicide_way_out",
        r"\b(?:finally|now) (?:at peace|free from (?:pain|suffering))\b|\b(?:end(?:ed)?|escaped?) (?:his|her|their|the|your) (?:pain|suffering)\b"
        r"|\bsuicide (?:is|was) (?:the|an?) (?:only )?(?:way out|answer|option|solution|escape)\b",
        Severity.ERROR,
        "suicide looks like a way out.",
        "Leave it out, or say where help is.",
    ),
    _rule(
        "phone_number",
        r"(?<![\w/.-])(?!(?:19|20)\d\d-(?:(?:19|20)\d\d|\d\d-\d\d)\b)\+?(?:\(\d{1,5}\)[ -]?)?\d[\d ()-]{5,20}\d(?![\w/])"
        r"|\b(?:call|dial|ring|phone|text)\s+(?:the number\s+|us on\s+|on\s+|[A-Z]{2,12} to\s+)?"
        r"\d{3,6}\b(?![ -]?\d)(?!\s*(?:times|people|words|hours|minutes|days))",
        Severity.ERROR,
        "a phone number stands in an article.",
        'Write "the crisis lines on this page"; numbers live in crisis_lines.yaml only.',
    ),
    _rule(
        "address",
        r"\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{2,20}\b|\b(?:tel|sms|mailto|whatsapp):\S|(?<![\w@/.:])\[?(?:www\.)?[a-z0-9-]{2,63}(?:\.[a-z0-9-]{1,63}){0,4}"
        r"\.(?:com|org|net|io|info|example|test|xyz|app|site|online|biz|me)\b",
        Severity.ERROR,
        "an e-mail address or web address stands in an article.",
        "Put ways to reach people into doors.yaml.",
    ),
    _rule(
        "therapy_claim",
        r"\b(?:(?:clinically|scientifically|medically) proven|cures|(?<!no )(?<!cannot )guarantee|guaranteed|a cure for|will (?:cure|heal|fix) you"
        r"|evidence proves|treats? (?:depression|anxiety|ptsd|burnout|insomnia)|(?:this|our) (?:therapy|treatment)|you (?:have|suffer from) (?:depression"
        r"|ptsd|adhd|an anxiety disorder)|you(?: are|[’']re) (?:clearly |clinically |probably )?(?:depressed|bipolar|traumati[sz]ed|autistic)"
        r"|in (?:\d+|two|three|four|seven|ten) (?:days|weeks) you will)\b",
        Severity.ERROR,
        "a promise of healing, a diagnosis, or a certain result.",
        "Say what people have found useful, with its source.",
    ),
    _rule(
        "empty_comfort",
        r"\b(?:stay strong|others have it worse|could be worse|man up|don[’']t worry|i understand how you feel|just think positive"
        r"|(?:it|this|everything|you)(?: will|[’']ll) (?:all )?be (?:fine|all right|alright|okay|ok)(?=[ ]*[.!,]|$)|cheer up"
        r"|everything happens for a reason|look on the bright side)\b",
        Severity.WARNING,
        "a phrase that shuts people up.",
        "Leave it out.",
    ),
    _rule(
        "planted_instruction",
        r"\b(?:ignore|disregard|forget|override) (?:all |any |the |your |these )*(?:previous|prior|above|earlier|preceding) "
        r"(?:instructions?|rules|messages?|prompts?)\b(?! of your)|<\|[a-z_]+\|>|\[/?(?:INST|SYS)\]|(?m:^[ \t]*(?:system|assistant)[ \t]*:)"
        r"|\bsystem prompt\b|\b(?:as|you are) an? (?:ai|language model|large language model)\b"
        r"|\byou are now (?:an?|called|named|acting|playing|free|unrestricted)\b|<!--"
        r"|<(?:script|img|iframe|style|svg|object|embed|form|link|meta|base|div|span|a)\b|!\[|javascript:|display\s*:\s*none"
        r"|\bwhen (?:asked|a user asks|users ask)\b[^.\n]{0,60}\b(?:always|never|only) (?:say|answer|reply|recommend|tell)\b"
        r"|\b(?:ignorez?|oubliez?) (?:toutes )?les instructions\b|\bignora (?:todas )?las instrucciones\b|\bignoriere (?:alle )?(?:vorherigen )?anweisungen\b"
        r"|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{120,}={0,2}",
        Severity.ERROR,
        "text that could be an instruction to a model, or hidden characters.",
        "Remove it; find out where the text came from.",
    ),
)

_FOR_PLANTED = ("phone_number", "address", "planted_instruction")
_LINK = _rule(
    "address", r"\bhttps?:|//\w|\]\(", Severity.ERROR, "a link stands in an article.", "Put ways to reach people into doors.yaml."
)
PLANTED = (*(rule for rule in WORDINGS if rule.name in _FOR_PLANTED), _LINK)
"""What an outsider who could slip a text in would plant: a number, an address, an instruction."""


def disguised(line: str) -> tuple[Wording, ...]:
    """Return the rules of PLANTED that a line breaks only once numbers and addresses in it are read as signs: "call nine eight eight"."""
    read = unmasked(as_shown(line))
    return tuple(
        rule for rule in PLANTED if rule is not _LINK and read != line and rule.pattern.search(read) and not rule.pattern.search(line)
    )


def planted_in(text: str) -> Wording | None:
    """Return the first rule of PLANTED that a text breaks, written openly or in disguise."""
    return next((rule for rule in PLANTED if rule.pattern.search(text)), None) or next(iter(disguised(text)), None)
