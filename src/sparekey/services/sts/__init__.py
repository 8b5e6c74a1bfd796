"""The AWS Security Token Service: temporary credentials.

Operations are in ``roles``, ``root``, ``users``, ``saml``, ``web_identity``, ``outbound`` and ``identity``. What they
share: ``trusting_roles`` (the role as a resource, and its session), ``federated_sessions`` (a provider's word in place
of credentials), ``session_policies``, ``session_documents``, ``session_tags``, ``mfa``, ``issued``. ``saml_*`` and
``json_web_token`` read what providers sign.

GetDelegatedAccessToken is not built: the trade-in tokens it takes reach a partner by a notification channel of AWS's
(``iam:SendDelegationToken``), which does not exist here, so there is no token it could take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.services.operation import table
from sparekey.services.sts.identity import decode_authorization_message, get_access_key_info, get_caller_identity
from sparekey.services.sts.outbound import get_web_identity_token
from sparekey.services.sts.roles import assume_role
from sparekey.services.sts.root import assume_root
from sparekey.services.sts.saml import assume_role_with_saml
from sparekey.services.sts.users import get_federation_token, get_session_token
from sparekey.services.sts.web_identity import assume_role_with_web_identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.services.operation import Operation

OPERATIONS: Final[Mapping[str, Operation]] = table(
    assume_role,
    assume_role_with_saml,
    assume_role_with_web_identity,
    assume_root,
    decode_authorization_message,
    get_access_key_info,
    get_caller_identity,
    get_federation_token,
    get_session_token,
    get_web_identity_token,
)
