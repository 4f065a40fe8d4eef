"""Companion: a conversational peer-support companion for workplaces.

Start reading in `companion/conversation.py`; the README walks the same path in five minutes.
"""
