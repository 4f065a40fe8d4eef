"""Every error that Companion raises on purpose.

CompanionError
├── SettingsError            a setting is missing, malformed or unsafe
├── KnowledgeError           a knowledge or prompt file cannot be used; names file, line and remedy
├── InputRefused             a message cannot be read as it is (too long, binary); carries kind words for the person
├── RedactionFailed          personal details could not be removed in time: nothing may be sent or stored
├── TriageFailed             a message could not be assessed: treat it as "needs a human"
├── EmbeddingFailed          the embedding model is missing, altered or broken
├── IndexUnavailable         the passage index cannot be searched right now
├── WriterFailed             a reply writer gave no usable answer in time
├── StoreUnavailable         the database cannot be reached
├── NotFound                 the named object does not exist, or is not visible to the asker
├── NotAllowed               the role does not permit this act
│   ├── IdentityUnknown      an outside sign-in is linked to no account
│   └── PasswordMustChange   the password was right and is one-time: its owner chooses another first
├── WrongState               the hand-over is not in a state that allows this act
│   └── OwnManager           the group is led by the manager of the department that the employee named
├── TooSoon                  too many wrong return codes: the next one must wait
├── FormRefused              a form cannot be saved as it is; names the field and the remedy
├── EditConflict             what was edited has been changed by somebody else meanwhile; nothing was written
└── NotifierFailed           a notice could not be delivered; the request stays open

Messages say what failed, which id, and what to do next. They never carry a person's words.
"""

from __future__ import annotations


class CompanionError(Exception):
    """Be the root of all errors that Companion raises on purpose."""


class SettingsError(CompanionError):
    """Report a setting that is missing, malformed or unsafe."""


class KnowledgeError(CompanionError):
    """Report a knowledge or prompt file that cannot be used, with file, line and remedy."""


class InputRefused(CompanionError):
    """Report a message that cannot be read as it is.

    reason: key of the kind words in `prompts/fixed/input_refused.yaml` (`empty`, `too_long`, `binary`).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the message was refused: {reason}")
        self.reason = reason


class RedactionFailed(CompanionError):
    """Report that personal details could not be removed, so nothing may be sent or stored."""


class TriageFailed(CompanionError):
    """Report a message that could not be assessed, which must be treated as "needs a human"."""


class EmbeddingFailed(CompanionError):
    """Report an embedding model that is missing, altered or broken."""


class IndexUnavailable(CompanionError):
    """Report a passage index that cannot be searched right now."""


class WriterFailed(CompanionError):
    """Report a reply writer that gave no usable answer in time."""


class StoreUnavailable(CompanionError):
    """Report a database that cannot be reached."""


class NotFound(CompanionError):
    """Report an object that does not exist or is not visible to the asker."""


class NotAllowed(CompanionError):
    """Report an act that the role does not permit."""


class IdentityUnknown(NotAllowed):
    """Report an outside sign-in that no account is linked to."""


class PasswordMustChange(NotAllowed):
    """Report that a one-time password was right and that no session is opened with it: its owner must choose another."""


class WrongState(CompanionError):
    """Report a hand-over that is not in a state that allows the act."""


class OwnManager(WrongState):
    """Report a group that is led by the manager of the department which the employee named."""


class TooSoon(CompanionError):
    """Report that after too many wrong return codes the next one must wait. wait_s: seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many wrong codes; wait before the next one")
        self.wait_s = wait_s


class FormRefused(CompanionError):
    """Report a form that cannot be saved as it is.

    field: name of the field, or "" when it concerns the whole. problem: what to do about it, in plain words.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.field = field
        self.problem = problem


class EditConflict(CompanionError):
    """Report that what was edited has been changed by somebody else meanwhile; nothing was written."""


class NotifierFailed(CompanionError):
    """Report a notice that could not be delivered."""
