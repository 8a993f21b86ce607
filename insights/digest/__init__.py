"""Digests: what a unit should read about a period, chosen, ranked and rendered.

``compose`` chooses and ranks, ``render`` makes HTML, mail, Markdown, text and JSON of the result. Both are pure: the same
facts give the same bytes.
"""
