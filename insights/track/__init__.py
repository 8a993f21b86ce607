"""Tracking: rates with their denominators, issues that recur over time, and whether a fix worked. Times and data are arguments."""
