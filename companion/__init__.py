"""Companion: a conversational peer-support companion for workplaces.

Start reading in `companion/conversation.py`; docs/developing.md walks the same path in five minutes.
"""
