"""The Streamlit entry: draws the page that the address asks for. Start it with `companion serve` or `make run`."""

from companion.ui.pages import run

run()
