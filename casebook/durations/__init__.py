"""How long things lasted where dates are inexact, open or missing: secrecy, channels, outcomes.

`analyze` answers for the durations of a casebook, `order` says which of two dates came first, and `turnbull` estimates
a survival curve from intervals of your own.
"""

from casebook.durations.analysis import analyze
from casebook.durations.ordering import Order, order
from casebook.durations.results import Durations, Estimate
from casebook.durations.turnbull import Survival, turnbull

__all__ = ["Durations", "Estimate", "Order", "Survival", "analyze", "order", "turnbull"]
