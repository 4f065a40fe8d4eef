"""While no country is set, the coordinator and whoever runs the server are told so plainly."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from companion.doctor import Examined, examine
from companion.settings import ROOT, Settings, load_settings
from companion.ui.text import load_console_words


def examined(settings: Settings) -> Examined:
    return next(part for part in examine(settings) if part.part == "crisis lines")


def warnings(settings: Settings) -> list[str]:
    """Return what stands above every part of the console."""

    def draw(words: object, settings: object) -> None:
        from companion.ui.coordinator.console import draw_country_warning

        draw_country_warning(words, settings)  # type: ignore[arg-type]

    words = load_console_words(ROOT / "prompts")
    page = AppTest.from_function(draw, default_timeout=30, kwargs={"words": words, "settings": settings}).run()
    assert not page.exception
    return [each.value for each in page.warning]


@pytest.mark.parametrize(("country", "said"), [(None, "no country is set"), ("XX", "XX, has no crisis lines")])
def test_the_doctor_is_not_content_without_a_country_that_has_lines(country: str | None, said: str) -> None:
    found = examined(load_settings(country=country))

    assert (found.is_well, said in found.found, "COMPANION_COUNTRY" in found.remedy) == (False, True, True)


def test_the_doctor_names_the_country_and_its_unconfirmed_lines() -> None:
    found = examined(load_settings(country="GB"))

    assert found.is_well
    assert "United Kingdom, emergency number 999" in found.found


@pytest.mark.parametrize(("country", "said"), [(None, "No country is set"), ("XX", "XX, has no crisis lines")])
def test_every_part_of_the_console_says_that_people_in_danger_must_choose_first(country: str | None, said: str) -> None:
    (warning,) = warnings(load_settings(country=country))

    assert said in warning


def test_with_the_country_set_nothing_is_said() -> None:
    assert warnings(load_settings(country="GB")) == []
