"""Routing: every insight to exactly one owner, by rules a contact-centre lead writes, with the reason for every route."""

from insights.route.check import check_ownership, unclaimed
from insights.route.explain import RouteExplanation, RuleNote
from insights.route.router import OwnerTestResult, Router

__all__ = ["OwnerTestResult", "RouteExplanation", "Router", "RuleNote", "check_ownership", "unclaimed"]
