"""Numbers to pictures: accessible inline SVG without scripts, the same bytes for the same numbers.

Every chart has a title and a description for those who listen, takes its colour from the text around it (so it follows a dark
page; ``--chart-1``, ``--chart-2`` … may set others), and tells series apart by dashes, never by colour alone.
"""

from insights.charts.bar import bar_chart
from insights.charts.line import line_chart
from insights.charts.spark import sparkline

__all__ = ["bar_chart", "line_chart", "sparkline"]
