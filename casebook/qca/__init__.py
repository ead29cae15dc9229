"""Qualitative comparative analysis: which configurations of conditions go with an outcome, and which never occur."""

from casebook.qca.analysis import analyze, solve
from casebook.qca.result import QCA
from casebook.qca.stress import robustness

__all__ = ["QCA", "analyze", "robustness", "solve"]
