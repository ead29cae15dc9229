"""Qualitative comparative analysis: which configurations of conditions go with an outcome, and which never occur."""

from casebook.qca.analysis import QCA, analyze, solve

__all__ = ["QCA", "analyze", "solve"]
