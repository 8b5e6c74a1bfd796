"""What to change so that a key can be made, and the proof that nobody else gains by it.

:func:`propose` takes a template with its circumstances and returns a :class:`Proposal`: the template's new text, and
for each key what is changed, what is to be attached in IAM, and who gains. It never proposes ``Principal: "*"``, the
bypass flag, or less encryption.
"""

from __future__ import annotations

from sparekey.check.fixes._proposal import Attachment, KeyFix, Proof, Proposal, Status
from sparekey.check.fixes._propose import propose
from sparekey.check.fixes._quotes import straightened

__all__ = ["Attachment", "KeyFix", "Proof", "Proposal", "Status", "propose", "straightened"]
