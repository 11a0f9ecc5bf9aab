"""Whether a request or handshake really comes from Twilio.

Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security. The address that was signed is the one outside,
before any proxy: PUBLIC_URL, then path and query exactly as they arrived. Rebuilding it from what the server thinks its
scheme and host are fails behind TLS termination.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from telephony.errors import NotAuthentic


class Signatures:
    """Checks signatures against every token that may have made them.

    Args:
        auth_tokens: the current token and, while it is being changed, the next; or a SharedKey's secret.
        public_url: where Twilio reaches us.
    """

    def __init__(self, auth_tokens: Sequence[str], public_url: str) -> None:
        self._validators = [RequestValidator(token) for token in auth_tokens]
        self._http = public_url.rstrip("/")
        self._ws = "ws" + self._http.removeprefix("http")

    def check_form(self, raw_target: str, form: FormData, headers: Mapping[str, str]) -> None:
        """A form-encoded webhook.

        Args:
            raw_target: path and query as they arrived, still percent-encoded.
            form: every field, repeated and blank ones too; a plain dict would lose some.
            headers: of the request, case-insensitive.

        Raises:
            NotAuthentic: missing or wrong.
        """
        self._check([(self._http + raw_target, form)], headers)

    def check_json(self, raw_target: str, body: str, headers: Mapping[str, str]) -> None:
        """A JSON webhook: the query's bodySHA256 stands for the body, and the address is signed.

        Raises:
            NotAuthentic: missing or wrong signature or hash.
        """
        # Without the hash nothing would tie the body to the signature.
        if "bodySHA256=" not in raw_target.partition("?")[2]:
            raise NotAuthentic("a JSON body without bodySHA256")
        self._check([(self._http + raw_target, body)], headers)

    def check_handshake(self, raw_path: str, headers: Mapping[str, str]) -> None:
        """A WebSocket handshake: the wss:// address of our TwiML, by Twilio's advice also with a slash behind it.

        The port may be written out, too: the SDK's validator tries an address with and without one, but knows only
        the ports of http and https.

        Raises:
            NotAuthentic: missing or wrong.
        """
        url = (self._ws + raw_path).rstrip("/")
        parts = urlsplit(url)
        with_port = parts._replace(netloc=f"{parts.hostname}:{parts.port or 443}").geturl()
        self._check([(signed, None) for signed in (url, url + "/", with_port, with_port + "/")], headers)

    def _check(self, signed: Sequence[tuple[str, FormData | str | None]], headers: Mapping[str, str]) -> None:
        signature = headers.get(SIGNATURE_HEADER) or ""
        if not signature:
            raise NotAuthentic("no signature")
        algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER))
        for validator in self._validators:
            for url, params in signed:
                if validator.validate(url, params, signature, algorithm=algorithm):
                    return
        raise NotAuthentic("a signature that none of our tokens makes")
