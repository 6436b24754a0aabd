"""What the fuzzer knows of Sello: who is signed in, what is there to be asked for, and what no answer may ever be."""

import json
import os
import zlib

import schemathesis

from scene import PASSWORD, PIN, sign_in

SCENE = json.loads(os.environ["SCENE"])
URL, ROLE, OWN, NEIGHBOUR = SCENE["url"], SCENE["role"], SCENE["own"], SCENE["neighbour"]
# An access token is good for ten minutes.
SIGN_IN_EVERY_SECONDS = 240

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><rect width="80" height="80" fill="#123456"/></svg>'
GOOD = {
    "birthday": "1990-05-02",
    "card_id": OWN["ids"]["cards"],
    "code": OWN["code"],
    "device_token": OWN["device_token"],
    "from_customer_id": OWN["ids"]["others"],
    "ink": "#a03a1c",
    "location_id": OWN["ids"]["locations"],
    "member_id": OWN["ids"]["members"],
    "name": "Texto",
    "new_password": PASSWORD,
    "paper": "#fbf6ea",
    "password": PASSWORD,
    "pin": PIN,
    "program_id": OWN["ids"]["programs"],
    "reason": "Me equivoqué",
    "slug": OWN["slug"],
    "template": "news",
    "text": "Hola",
    "time_zone": "America/Lima",
    "title": "Un café",
}


def dice(value):
    """The same for the same value, so that a run can be repeated."""
    return zlib.crc32(repr(value).encode())


@schemathesis.hook
def map_case(context, case):
    """Most of what is made up would be refused at the door; so most of the time something is asked for that is there."""
    word = context.operation.path.split("/")[3:4]
    ids = (OWN if dice(case.path_parameters) % 4 else NEIGHBOUR)["ids"]
    if case.path_parameters and "id" in case.path_parameters and dice(case.path_parameters) % 8 and word[0] in ids:
        case.path_parameters["id"] = ids[word[0]]
    if case.path_parameters and "slug" in case.path_parameters and dice(case.path_parameters) % 2:
        case.path_parameters["slug"] = OWN["slug"]
    if isinstance(case.body, (dict, list)):
        case.body = plausible(case.body)
    elif context.operation.path.endswith("/logo") and dice(case.body) % 4 == 0:
        case.body = LOGO.encode()
    elif context.operation.path.endswith("/import") and isinstance(case.body, str) and dice(case.body) % 2:
        case.body = f"name,phone,birthday,stamps\nRosa,{dice(case.body)},,3\n{case.body}"
    return case


def plausible(body):
    if isinstance(body, list):
        return [plausible(item) for item in body]
    if not isinstance(body, dict):
        return body
    return {name: known(name, value) if isinstance(value, str) else plausible(value) for name, value in body.items()}


def known(name, value):
    if not dice((name, value)) % 4:
        return value
    made = {"phone": f"+519{dice(value) % 100_000_000:08}", "email": f"x{dice(value)}@prueba.pe"}
    return made.get(name) or GOOD.get(name, value)


if ROLE != "nobody":

    @schemathesis.auth(refresh_interval=SIGN_IN_EVERY_SECONDS)
    class SignedIn:
        def get(self, case, context):
            return sign_in(URL, OWN, ROLE)

        def set(self, case, data, context):
            case.headers["Authorization"] = data


@schemathesis.check
def refusals_are_problems(context, response, case):
    """RFC 9457, with the status again and the trace that the header names."""
    if response.status_code < 400:
        return
    problem = response.json()
    assert problem["status"] == response.status_code, "a problem of another status"
    assert problem["type"].startswith("https://sello.pe/problems/"), "a problem without a type"
    assert [problem["trace_id"]] == response.headers["x-trace-id"], "a problem of another trace"


@schemathesis.check
def a_neighbour_is_not_seen(context, response, case):
    """What is another business's is not there, whoever asks."""
    told = response.content.decode(errors="replace")
    seen = [word for word, id in NEIGHBOUR["ids"].items() if id in told]
    assert not seen, f"an id of another business: {seen}"
    asked = (case.path_parameters or {}).get("id")
    assert asked not in NEIGHBOUR["ids"].values() or response.status_code >= 400, "what is another business's was answered"
