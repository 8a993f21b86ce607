"""How good the findings are, from what people found and what was predicted: the figures of reports and model cards.

Pure functions. Kinds on which people were not sure are not scored. Intervals are 95 % and from a bootstrap over interactions:
a whole contact is drawn with all it holds, for findings of one contact stand and fall together.
"""

from insights.evaluate.evidence import content_words
from insights.evaluate.figures import Figure
from insights.evaluate.report import Report, report
from insights.evaluate.scores import KindScore, Scores, by_group, score
from insights.evaluate.tables import as_markdown, as_text, kind_table
from insights.evaluate.truth import KINDS, MAIN, Said, Truth, said_of

__all__ = [
    "KINDS",
    "MAIN",
    "Figure",
    "KindScore",
    "Report",
    "Said",
    "Scores",
    "Truth",
    "as_markdown",
    "as_text",
    "by_group",
    "content_words",
    "kind_table",
    "report",
    "said_of",
    "score",
]
