"""The rows of an edition: itself, who registers, teams, what they hand in, who helps and who judges, what follows."""

from .after import Audience, FollowUp
from .deliverables import Deliverable
from .editions import Criterion, DataSet, Edition, PhaseSetting, RulesText, Theme
from .juries import Deliberation, Juror, JuryVote, Outcome
from .mentoring import HelpRequest, Meeting, Mentor, MentorNote
from .registrations import Consent, Registration, Remark
from .teams import Extension, JoinRequest, Seat, Team

__all__ = [
    "Audience", "Consent", "Criterion", "DataSet", "Deliberation", "Deliverable", "Edition", "Extension", "FollowUp",
    "HelpRequest", "JoinRequest", "Juror", "JuryVote", "Meeting", "Mentor", "MentorNote", "Outcome", "PhaseSetting",
    "Registration", "Remark", "RulesText", "Seat", "Team", "Theme",
]  # fmt: skip
