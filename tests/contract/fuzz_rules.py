"""What a request that fits the published schema may still be refused for: the rules that a schema cannot say. Each
refusal is named with its code and words, and with what must be true of the request; any other is a fault."""

import os
import re
from dataclasses import dataclass, field

LASTING = os.environ["VERIFYD_TEMPLATE"]
SENDS = {"/v1/messages", "/v1/codes", "/v1/custom-messages"}
TEMPLATES = "/v1/template-configs"
ONE_TEMPLATE = "/v1/template-configs/{template_id}"
CONFIGS = {"whatsapp": "whatsapp_config", "sms": "sms_config", "voice": "voice_config", "email": "email_config"}
HIDDEN = re.compile(
    "[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
LINK = re.compile("://|www[.]", re.IGNORECASE)
CODE = re.compile(r"\{\{ *code *\}\}")
MAIL = "email_config.template_custom_configs"


@dataclass
class Known:
    """What the answers so far have made."""

    templates: set[str] = field(default_factory=lambda: {LASTING})
    sent_from: set[str] = field(default_factory=lambda: {LASTING})
    verifiable: list[str] = field(default_factory=lambda: [os.environ["VERIFYD_MESSAGE"]])

    def note(self, case, answer: dict) -> None:
        """Takes a success into account."""
        match (case.method, case.path):
            case ("POST", "/v1/messages"):
                self.verifiable.append(answer["message_id"])
                self.sent_from.add(case.body["template"]["id"])
            case ("POST", "/v1/codes"):
                self.sent_from.add(case.body["template"]["id"])
            case ("POST", "/v1/template-configs"):
                self.templates.add(case.body["template_id"])
            case ("DELETE", "/v1/template-configs/{template_id}"):
                self.templates.discard(case.path_parameters["template_id"])


def may_be_refused(case, code: int, message: str, known: Known) -> bool:
    """Whether a rule of the operation gives this answer to this very request."""
    rules = RULES[case.method, case.path]
    return any(
        code == number and re.fullmatch(words, message) and broken(case, known) for number, words, broken in rules
    )


def hidden(text: str | None) -> bool:
    return bool(text and HIDDEN.search(text))


def bad_name(name: str) -> bool:
    return not name or len(name.encode()) > 64 or hidden(name)


def targets(body: dict) -> list[str]:
    return [body["to"]] if isinstance(body["to"], str) else body["to"]


def mailed(case, _) -> bool:
    return any("@" in target for target in targets(case.body))


def phoned(case, _) -> bool:
    return any("@" not in target for target in targets(case.body))


def other_template(case, _) -> bool:
    return case.body["template"]["id"] != LASTING


def params(case) -> dict:
    return case.body["template"].get("params", {})


def bad_value(case, _) -> bool:
    """A code message carries no link; nobody may choose a sender here."""
    return any(
        hidden(value) or LINK.search(value) or (name == "from_id" and value) for name, value in params(case).items()
    )


SENDING = [
    (5011, "invalid phone number", phoned),  # numbering plans
    (3002, "invalid to", mailed),  # what is a host name
    (3002, r"invalid name in template\.params", lambda case, _: any(map(bad_name, params(case)))),
    (3002, r"invalid template\.params\.(?s:.*)", bad_value),
    (4001, "config not exist", lambda case, known: case.body["template"]["id"] not in known.templates),
    (3003, "template does not support this kind of target", lambda *at: mailed(*at) or other_template(*at)),
    (5001, "voice send fail", other_template),  # nothing carries voice here
]
OF_CODES = [
    (3003, "template is not a verification code template", other_template),
    (3004, "exceeded frequency limit, .*", lambda case, known: case.body["template"]["id"] in known.sent_from),
]


def channels(body: dict) -> list[str]:
    return body["send_channel_strategy"].split("|")


def configured(body: dict, channel: str) -> dict:
    """The configuration of a channel, where it is judged."""
    return body.get(CONFIGS[channel], {}) if channel in channels(body) else {}


def sms(case) -> tuple[int | None, dict]:
    config = configured(case.body, "sms")
    return config.get("template_type"), config


def own_sms(case) -> dict:
    kind, config = sms(case)
    return config.get("template_custom_config", {}) if kind == 2 else {}


def mails(case) -> list[dict]:
    return configured(case.body, "email").get("template_custom_configs", [])


def wants_code(case) -> bool:
    """Whether some text of the template holds a code: those of the server do."""
    kind, _ = sms(case)
    own = own_sms(case)
    return (
        bool({"whatsapp", "voice"} & set(channels(case.body)))
        or kind == 1
        or own.get("custom_sub_type") == "authentication"
        or bool(CODE.search(own.get("custom_content", "")))
        or (
            "email" in channels(case.body)
            and (not mails(case) or any(CODE.search(m["template_content"]) for m in mails(case)))
        )
    )


def lasts_wrong(case, _) -> bool:
    return "whatsapp" in channels(case.body) and case.body["verify_code_config"]["verify_code_ttl"] not in {1, 5, 10}


def no_code(case, _) -> bool:
    own = own_sms(case)
    return own.get("custom_sub_type") == "authentication" and not CODE.search(own["custom_content"])


def many_variables(text: str) -> bool:
    return text.count("{{") > 64


def language_twice(case, _) -> bool:
    languages = [mail["language"] for mail in mails(case)]
    return len(languages) > len(set(languages))


def bad_presets(case, _) -> bool:
    return any(bad_name(n) or hidden(v) for mail in mails(case) for n, v in mail.get("pre_param_map", {}).items())


def any_mail(key: str, bad) -> object:
    return lambda case, _: any(bad(mail.get(key, "")) for mail in mails(case))


MAKING = [
    (
        3003,
        "not contains any channel config",
        lambda case, _: not {CONFIGS[c] for c in channels(case.body)} <= set(case.body),
    ),
    (3003, "template_id already exist", lambda case, known: case.body["template_id"] in known.templates),
    (3003, "verify_code_ttl must be 1, 5 or 10 when .*", lasts_wrong),
    (3003, r"custom_content must contain \{\{code\}\} when .*", no_code),
    (
        3002,
        "verify_code_config is required",
        lambda case, _: "verify_code_config" not in case.body and wants_code(case),
    ),
    (
        3002,
        r"sms_config\.template_default_config is required",
        lambda case, _: sms(case)[0] == 1 and "template_default_config" not in sms(case)[1],
    ),
    (
        3002,
        r"sms_config\.template_custom_config is required",
        lambda case, _: sms(case)[0] == 2 and "template_custom_config" not in sms(case)[1],
    ),
    (
        3002,
        r"invalid sms_config\.template_custom_config\.custom_content",
        lambda case, _: many_variables(own_sms(case).get("custom_content", "")),
    ),
    (3002, "invalid brand_name", lambda case, _: hidden(case.body.get("brand_name"))),
    (
        3002,
        r"invalid email_config\.template_name",
        lambda case, _: hidden(configured(case.body, "email")["template_name"]),
    ),
    (3002, rf"invalid {MAIL}\.language", language_twice),
    (3002, rf"invalid {MAIL}\.pre_from_name", any_mail("pre_from_name", hidden)),
    (3002, rf"invalid {MAIL}\.pre_from_mail", lambda case, _: bool(mails(case))),  # what is a host name
    (3002, rf"invalid {MAIL}\.pre_subject", any_mail("pre_subject", hidden)),
    (3002, rf"invalid {MAIL}\.template_content", any_mail("template_content", many_variables)),
    (3002, rf"invalid {MAIL}\.pre_param_map", bad_presets),
]


def unknown_template(case, known) -> bool:
    return case.path_parameters["template_id"] not in known.templates


def sent_by_us(case, known) -> bool:
    return case.body["message_id"] in known.verifiable


RULES = {
    ("POST", "/v1/messages"): [*SENDING, *OF_CODES],
    ("POST", "/v1/codes"): [
        *SENDING,
        *OF_CODES,
        (3002, "invalid code", lambda case, _: hidden(case.body["code"])),
    ],
    ("POST", "/v1/custom-messages"): [
        *SENDING,
        (3002, r"template\.params\.code is required", lambda case, _: not params(case).get("code")),
    ],
    ("POST", "/v1/verifications"): [
        (4001, "message not exist", lambda *at: not sent_by_us(*at)),
        (
            3003,
            "verify code has (expired|been verified)",
            lambda case, known: case.body["message_id"] in known.verifiable,
        ),
    ],
    ("POST", TEMPLATES): MAKING,
    ("GET", TEMPLATES): [],
    ("GET", ONE_TEMPLATE): [(4001, "config not exist", unknown_template)],
    ("DELETE", ONE_TEMPLATE): [(4001, "config not exist", unknown_template)],
}
