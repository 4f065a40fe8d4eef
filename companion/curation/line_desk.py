"""Crisis lines, edited with care: a wrong number is the worst thing this program could show."""

from __future__ import annotations

from dataclasses import dataclass

from companion.curation.catalogue_desk import CatalogueDesk, OpenEntry
from companion.curation.line_rules import confirmed, demand_same_number, digits_of, with_number, without_confirmation
from companion.errors import FormRefused
from companion.models_catalogue import EntryKind, Fields
from companion.models_staff import Caller
from companion.network.permissions import Permission, requires
from companion.ports import Clock


@dataclass(frozen=True, slots=True)
class Checked:
    """Say that somebody dialled a line or read its official site. by: role or name to keep with it."""

    by: str


@dataclass(frozen=True, slots=True)
class LineForm:
    """Hold what a coordinator filled in for a line.

    typed_again: the number a second time, needed when it is new or changed. checked: None leaves the line unconfirmed or as it was.
    """

    fields: Fields
    texts_only: bool
    typed_again: str = ""
    checked: Checked | None = None


@dataclass(frozen=True)
class LineDesk:
    """Save, confirm and remove crisis lines and emergency numbers. All methods raise what `CatalogueDesk.save` raises."""

    catalogue: CatalogueDesk
    clock: Clock

    @requires(Permission.CURATE)
    def save(self, caller: Caller, opened: OpenEntry, form: LineForm) -> OpenEntry:
        """Write a line. A changed number loses its confirmation unless it was checked in the same act.

        Raises: FormRefused when a new number was not typed twice alike.
        """
        fields = with_number(form.fields, texts_only=form.texts_only)
        is_new_number = digits_of(str(fields["dial"])) != digits_of(str(opened.fields.get("dial", "")))
        if is_new_number:
            demand_same_number("dial", str(fields["dial"]), form.typed_again)
            fields = without_confirmation(fields)
        if form.checked is not None:
            fields = confirmed(fields, by=form.checked.by, today=self.clock.now().date())
        return self.catalogue.save(caller, opened, fields, _note(opened, fields, was_checked=form.checked is not None))

    @requires(Permission.CURATE)
    def withdraw_confirmation(self, caller: Caller, opened: OpenEntry) -> OpenEntry:
        """Mark a line as not confirmed."""
        return self.catalogue.save(caller, opened, without_confirmation(opened.fields), f"{opened.key.name}: confirmation withdrawn")

    @requires(Permission.CURATE)
    def remove(self, caller: Caller, opened: OpenEntry, reason: str) -> None:
        """Take a line out. Raises: FormRefused without a reason."""
        self.catalogue.remove(caller, opened, reason)

    @requires(Permission.CURATE)
    def save_country(self, caller: Caller, opened: OpenEntry, fields: Fields, typed_again: str) -> OpenEntry:
        """Write a country's name and emergency number, or add a country.

        Raises: FormRefused when a new emergency number was not typed twice alike.
        """
        number = str(fields.get("emergency", ""))
        if number != opened.fields.get("emergency"):
            demand_same_number("emergency", number, typed_again)
        return self.catalogue.save(caller, opened, fields, f"{fields.get('country', '')}: emergency number {number}")

    @requires(Permission.CURATE)
    def remove_country(self, caller: Caller, opened: OpenEntry, reason: str) -> None:
        """Take a country out.

        Raises: FormRefused without a reason, and while the country still has lines, so that none disappears unseen.
        """
        if self.catalogue.entries(caller, EntryKind.LINE, opened.key.name):
            raise FormRefused("lines", "are still listed for this country. Remove each of them first.")
        self.catalogue.remove(caller, opened, reason)


def _note(opened: OpenEntry, fields: Fields, *, was_checked: bool) -> str:
    name, before, after = fields.get("name", ""), opened.fields.get("dial"), fields.get("dial")
    changes = [f"number {before} becomes {after}"] if before and before != after else []
    changes += ["added"] if not opened.fields else []
    changes += ["confirmed"] if was_checked else []
    return f"{name}: {', '.join(changes) or 'changed'}"
