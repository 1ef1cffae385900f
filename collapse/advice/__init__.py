"""The calculator: what to do with synthetic rows next to real ones (chapter "Measuring quality, deciding")."""

from .decision import ACTIONS, CANNOT_TELL, LEAVE_OUT
from .report import Advice, advise
from .students import Student
from .tables import BadTable, read_tables

__all__ = ["ACTIONS", "CANNOT_TELL", "LEAVE_OUT", "Advice", "BadTable", "Student", "advise", "read_tables"]
