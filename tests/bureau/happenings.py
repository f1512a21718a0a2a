"""Everything that happens in a town hall: each action of the API, and what visitors, networks and time bring about.

A happening is a function that prepares the scene and returns what is then done. Those of the API carry the name of
their operation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from werkzeug.test import TestResponse

from competences.channels import Channel
from routeur.contact.receipts import Receipts
from routeur.contact.words import Activity, AddressKind, Delivery
from routeur.ports.inbound import Inbound
from routeur.ports.signals import Side
from tests.bureau.office import Desktop, Office, json_of
from tests.routeur.hall import PLAN

Act = Callable[[], object]
CARD, PERMIT, LOST = "carte-identite", "permis-construire", "objets-trouves"


class Scene:
    """A town hall with its people logged in: Anne (a supervisor), Bruno, Chloé and David."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.hall = office.hall
        self.anne, self.bruno, self.chloe, self.david = map(office.desktop, ("anne", "bruno", "chloe", "david"))
        done(self.david.put("/me/activity", {"activity": "offline"}))

    def at_work(self, *desks: Desktop) -> None:
        for desk in desks:
            done(desk.put("/me/activity", {"activity": "available"}))

    def offered(self) -> str:
        """A visit that is offered to Bruno."""
        self.at_work(self.bruno)
        return self.office.walk_in(topic=CARD, name="Awa Diallo", text="Ma carte est perdue")

    def held(self) -> str:
        """A visit that Bruno has."""
        contact = self.offered()
        done(self.bruno.post(f"/contacts/{contact}/accept"))
        return contact

    def held_mail(self) -> str:
        """A letter that Bruno has."""
        self.at_work(self.bruno)
        contact = self.hall.mail("Ma carte est perdue", topic=CARD).standing.contact.id
        done(self.bruno.post(f"/contacts/{contact}/accept"))
        return contact

    def held_chat(self) -> str:
        """A chat that Bruno has."""
        self.at_work(self.bruno)
        contact = self.hall.chat(topic=CARD)
        done(self.bruno.post(f"/contacts/{contact}/accept"))
        return contact

    def held_permit(self) -> str:
        """A visit about a permit that Chloé has."""
        self.at_work(self.chloe)
        contact = self.office.walk_in(topic=PERMIT, name="Notaire", phone="+33639980011")
        done(self.chloe.post(f"/contacts/{contact}/accept"))
        return contact

    def owed(self, *, taken: bool = True) -> str:
        """The reference of a follow-up of a letter, which Bruno has taken."""
        contact = self.held_mail()
        reference = json_of(done(self.bruno.post(f"/contacts/{contact}/follow-up", {})))["reference"]
        if taken:
            done(self.bruno.post(f"/follow-ups/{reference}/take"))
        return str(reference)


def done(answer: TestResponse) -> TestResponse:
    """What was asked must have been done."""
    assert answer.status_code < 300, answer.text
    return answer


class OfTheApi:
    """The happenings that are operations of the API."""

    def __init__(self, scene: Scene) -> None:
        self.s = scene
        self.hall = scene.hall

    def set_activity(self) -> Act:
        self.s.offered()
        return lambda: done(self.s.bruno.put("/me/activity", {"activity": "break"}))

    def create_contact(self) -> Act:
        self.s.at_work(self.s.bruno)
        return lambda: self.s.office.walk_in(topic=CARD)

    def accept_contact(self) -> Act:
        contact = self.s.offered()
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/accept"))

    def decline_contact(self) -> Act:
        contact = self.s.offered()
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/decline"))

    def send_message(self) -> Act:
        contact = self.s.held_mail()
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/messages", {"text": "Bonjour Léa"}))

    def write_note(self) -> Act:
        contact = self.s.held()
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/notes", {"text": "Rappeler Nadia."}))

    def save_draft(self) -> Act:
        contact = self.s.held()
        return lambda: done(self.s.bruno.put(f"/contacts/{contact}/draft", {"text": "Bonjour Mad"}))

    def extend_wrap_up(self) -> Act:
        self.s.at_work(self.s.bruno)
        call = self.hall.call()
        self.hall.serve(call)
        self.hall.reception.usager_left(call)
        return lambda: done(self.s.bruno.post(f"/contacts/{call}/wrap-up", {"seconds": 600}))

    def tell_typing(self) -> Act:
        chat = self.s.held_chat()
        return lambda: done(self.s.bruno.post(f"/contacts/{chat}/typing"))

    def tell_read(self) -> Act:
        chat = self.s.held_chat()
        return lambda: done(self.s.bruno.post(f"/contacts/{chat}/read", {"position": 1}))

    def go_on_by_sms(self) -> Act:
        self.s.at_work(self.s.bruno)
        written = Inbound(
            Channel.MESSAGING,
            AddressKind.PHONE,
            "+33639980011",
            text="Bonjour",
            provider_id="WA1",
            topic=CARD,
            service_address="whatsapp:+33199003500",
            reply_within=timedelta(hours=24),
        )
        contact = self.hall.reception.receive(written).standing.contact.id
        done(self.s.bruno.post(f"/contacts/{contact}/accept"))
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/by-sms"))

    def transfer_contact(self) -> Act:
        contact = self.s.held()
        self.s.at_work(self.s.chloe)
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/transfer", {"topic": PERMIT}))

    def set_topic(self) -> Act:
        contact = self.s.held()
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/topic", {"topic": LOST}))

    def finish_contact(self) -> Act:
        contact = self.s.held()
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/finish", {"note": "Vu au guichet."}))

    def hand_over(self) -> Act:
        contact = self.s.held()
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/follow-up", {"service": "urbanisme"}))

    def take_follow_up(self) -> Act:
        reference = self.s.owed(taken=False)
        return lambda: done(self.s.bruno.post(f"/follow-ups/{reference}/take"))

    def answer_follow_up(self) -> Act:
        reference = self.s.owed()
        return lambda: done(self.s.bruno.post(f"/follow-ups/{reference}/answer", {"text": "C'est prêt."}))

    def close_follow_up(self) -> Act:
        reference = self.s.owed()
        return lambda: done(self.s.bruno.post(f"/follow-ups/{reference}/close", {}))

    def release_follow_up(self) -> Act:
        reference = self.s.owed()
        return lambda: done(self.s.bruno.post(f"/follow-ups/{reference}/release"))

    def hand_over_follow_up(self) -> Act:
        reference = self.s.owed()
        return lambda: done(self.s.bruno.post(f"/follow-ups/{reference}/hand-over", {"agent": "chloe"}))

    def snooze_follow_up(self) -> Act:
        reference = self.s.owed()
        until = {"until": "2026-03-03T09:00:00Z"}
        return lambda: done(self.s.bruno.post(f"/follow-ups/{reference}/snooze", until))

    def reopen_follow_up(self) -> Act:
        reference = self.s.owed()
        done(self.s.bruno.post(f"/follow-ups/{reference}/answer", {"text": "C'est prêt."}))
        return lambda: done(self.s.bruno.post(f"/follow-ups/{reference}/reopen", {}))

    def serve_follow_up_now(self) -> Act:
        reference = self.s.owed()
        return lambda: done(self.s.bruno.post(f"/follow-ups/{reference}/serve-now"))

    def serve_moment_now(self) -> Act:
        self.s.owed(taken=False)
        today = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
        return lambda: done(self.s.anne.post("/recalls", {"reasons": ["agent-asked"], **today}))

    def make_closure(self) -> Act:
        return lambda: done(self.s.anne.post("/closures", {"until": "2026-03-02T10:00:00Z"}))

    def undo_closure(self) -> Act:
        closure = json_of(done(self.s.anne.post("/closures", {"until": "2026-03-02T10:00:00Z"})))["id"]
        return lambda: done(self.s.anne.delete(f"/closures/{closure}"))

    def set_request(self) -> Act:
        reference = self.s.owed()
        contact = json_of(self.s.bruno.get(f"/follow-ups/{reference}"))["contact"]
        return lambda: done(self.s.bruno.put(f"/contacts/{contact}/request", {"is_request": True}))

    def ask_for_pieces(self) -> Act:
        contact, pieces = self._owed_permit(), {"pieces": ["Plan de situation"], "until": "2026-03-20"}
        return lambda: done(self.s.chloe.put(f"/contacts/{contact}/request/missing-pieces", pieces))

    def complete_request(self) -> Act:
        contact, pieces = self._owed_permit(), {"pieces": ["Plan de situation"], "until": "2026-03-20"}
        done(self.s.chloe.put(f"/contacts/{contact}/request/missing-pieces", pieces))
        return lambda: done(self.s.chloe.put(f"/contacts/{contact}/request/completion", {}))

    def _owed_permit(self) -> str:
        contact = self.s.held_permit()
        done(self.s.chloe.put(f"/contacts/{contact}/request", {"is_request": True}))
        reference = json_of(done(self.s.chloe.post(f"/contacts/{contact}/follow-up", {})))["reference"]
        done(self.s.chloe.post(f"/follow-ups/{reference}/take"))
        return contact

    def log_in(self) -> Act:
        return lambda: self.s.office.browser("david")

    def create_token(self) -> Act:
        return lambda: self.s.office.token("david")

    def log_out(self) -> Act:
        browser = self.s.office.browser("david")
        return lambda: done(browser.delete("/session"))

    def change_my_password(self) -> Act:
        change = {"present": "demo", "password": "trois chats sur un toit"}
        return lambda: self.s.david.put("/me/password", change)

    def revoke_token(self) -> Act:
        other = self.s.office.desktop("david")
        return lambda: done(other.delete("/tokens/current"))

    def end_my_other_log_ins(self) -> Act:
        return lambda: done(self.s.office.desktop("david").delete("/me/log-ins"))

    def end_my_log_in(self) -> Act:
        other = self.s.office.desktop("david")
        (mine,) = (one["id"] for one in json_of(other.get("/me/log-ins"))["items"] if one["current"])
        return lambda: done(other.delete(f"/me/log-ins/{mine}"))

    def end_log_ins_of_agent(self) -> Act:
        self.s.at_work(self.s.david)
        return lambda: done(self.s.anne.delete("/agents/david/log-ins"))

    def queue_set_aside(self) -> Act:
        message = self._set_aside()
        self.s.at_work(self.s.bruno)
        return lambda: done(self.s.anne.post(f"/set-aside/{message}/queue"))

    def keep_aside(self) -> Act:
        message = self._set_aside()
        self.s.at_work(self.s.bruno)
        return lambda: done(self.s.anne.post(f"/set-aside/{message}/reviewed"))

    def _set_aside(self) -> str:
        """A machine's message in a letter that Bruno has."""
        self.s.held_mail()
        self.hall.reception.receive(
            Inbound(
                Channel.EMAIL,
                AddressKind.EMAIL,
                "lea@example.org",
                text="Je suis absente",
                provider_id="<2@example.org>",
                in_reply_to=("<1@example.org>",),
                automatic=True,
            )
        )
        return str(json_of(self.s.anne.get("/set-aside"))["items"][0]["message"]["id"])

    def accept_example(self) -> Act:
        return self._review("accept")

    def refuse_example(self) -> Act:
        return self._review("refuse")

    def _review(self, decision: str) -> Act:
        contact = self.hall.text("bonjour, une question").standing.contact.id
        done(self.s.bruno.post(f"/contacts/{contact}/topic", {"topic": PERMIT}))
        example = json_of(self.s.anne.get("/topic-examples"))["items"][0]["id"]
        return lambda: done(self.s.anne.post(f"/topic-examples/{example}/{decision}", {}))


UNSEEN = {
    *("tell_typing", "tell_read"),
    *("log_in", "create_token", "log_out", "change_my_password", "revoke_token", "accept_example", "refuse_example"),
    *("end_my_other_log_ins", "end_my_log_in"),
}
"""Those that no desk shows."""

FOR_OTHER_SYSTEMS = {
    *("create_event_subscription", "change_event_subscription", "delete_event_subscription"),
    *("renew_event_secret", "replay_events", "replay_event"),
}
"""Those that change what other systems are told and nothing else: they have no happening."""

ENDS_OBSERVATION = {"end_my_other_log_ins", "end_log_ins_of_agent", "change_my_password"}
"""Those that log David out, so that he sees no more."""


class OfTheStreet:
    """What usagers, networks, the dispatcher and time bring about."""

    def __init__(self, scene: Scene) -> None:
        self.s = scene
        self.hall = scene.hall

    def somebody_calls_and_chooses(self) -> Act:
        self.s.at_work(self.s.bruno)
        return lambda: self.hall.call()

    def somebody_calls_and_waits(self) -> Act:
        done(self.s.bruno.put("/me/activity", {"activity": "break"}))
        return lambda: self.hall.call()

    def a_waiting_caller_hangs_up(self) -> Act:
        done(self.s.bruno.put("/me/activity", {"activity": "break"}))
        call = self.hall.call()
        return lambda: self.hall.reception.usager_left(call)

    def a_waiting_contact_moves_on_to_its_next_rung(self) -> Act:
        done(self.s.bruno.put("/me/activity", {"activity": "break"}))
        self.hall.call()
        return lambda: self.hall.step(61)

    def a_linked_contact_ends_its_wait(self) -> Act:
        done(self.s.bruno.put("/me/activity", {"activity": "break"}))
        self.hall.know((AddressKind.PHONE, "+33639980001"), (AddressKind.CHAT, "chat-1"))
        self.hall.call()
        chat = self.hall.chat(topic=CARD)
        return lambda: self.hall.reception.usager_left(chat)

    def an_offered_caller_hangs_up(self) -> Act:
        self.s.at_work(self.s.bruno)
        call = self.hall.call()
        return lambda: self.hall.reception.usager_left(call)

    def a_caller_hangs_up_in_conversation(self) -> Act:
        self.s.at_work(self.s.bruno)
        call = self.hall.call()
        self.hall.serve(call)
        return lambda: self.hall.reception.usager_left(call)

    def a_wrap_up_is_over(self) -> Act:
        self.s.at_work(self.s.bruno)
        call = self.hall.call()
        self.hall.serve(call)
        self.hall.reception.usager_left(call)
        return lambda: self.hall.step(181)

    def a_draft_is_sent(self) -> Act:
        contact = self.s.held_mail()
        done(self.s.bruno.put(f"/contacts/{contact}/draft", {"text": "Bonjour Léa"}))
        self.hall.clock.advance(1)
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/messages", {"text": "Bonjour Léa"}))

    def a_phone_is_not_answered(self) -> Act:
        self.s.at_work(self.s.bruno)
        call = self.hall.call()
        self.hall.serve(call)
        return lambda: self.hall.desk.phone_not_answered(call, 1)

    def a_visitor_writes(self) -> Act:
        self.s.held_chat()
        more = Inbound(Channel.CHAT, AddressKind.CHAT, "chat-1", text="Allô", provider_ref="chat-1", provider_id="c:2")
        return lambda: self.hall.reception.receive(more)

    def a_visitor_has_read(self) -> Act:
        chat = self.s.held_chat()
        return lambda: self.hall.foundation.signals.read_up_to(chat, Side.USAGER, 1, self.hall.clock())

    def a_visitor_is_there(self) -> Act:
        chat = self.s.held_chat()
        return lambda: self.hall.foundation.signals.usager_is_here(chat, self.hall.clock())

    def a_visitor_is_gone(self) -> Act:
        chat = self.s.held_chat()
        self.hall.foundation.signals.usager_is_here(chat, self.hall.clock())
        return lambda: self.hall.foundation.signals.usager_is_gone(chat, self.hall.clock())

    def a_visitor_leaves(self) -> Act:
        chat = self.s.held_chat()
        return lambda: self.hall.reception.usager_left(chat)

    def an_offered_visitor_settles(self) -> Act:
        self.s.at_work(self.s.bruno)
        chat = self.hall.chat(topic=CARD)
        return lambda: self.hall.reception.settle(chat)

    def an_offered_visitor_chooses_another_topic(self) -> Act:
        self.s.at_work(self.s.bruno)
        chat = self.hall.chat(topic=CARD)
        return lambda: self.hall.reception.route(chat, topic=LOST)

    def an_offered_visitor_would_rather_be_called(self) -> Act:
        self.s.at_work(self.s.bruno)
        chat = self.hall.chat(topic=CARD)
        return lambda: self.hall.reception.ask_follow_up(chat)

    def a_letter_goes_on(self) -> Act:
        self.s.held_mail()
        return lambda: self.hall.mail("Encore moi", "<2@example.org>", in_reply_to=("<1@example.org>",))

    def a_letter_answers_the_answer_to_a_follow_up(self) -> Act:
        reference = self.s.owed()
        done(self.s.bruno.post(f"/follow-ups/{reference}/answer", {"text": "C'est prêt."}))
        return lambda: self.hall.mail("Et la photo ?", "<2@example.org>", in_reply_to=("<1@example.org>",))

    def a_closed_letter_is_opened_again(self) -> Act:
        contact = self.s.held_mail()
        done(self.s.bruno.post(f"/contacts/{contact}/finish", {}))
        return lambda: self.hall.mail("Encore moi", "<2@example.org>", in_reply_to=("<1@example.org>",))

    def an_answer_comes_back(self) -> Act:
        contact = self.s.held_mail()
        done(self.s.bruno.post(f"/contacts/{contact}/messages", {"text": "Bonjour Léa"}))
        return lambda: self.hall.reception.delivery_failed(contact, "boîte pleine", letter="<out@example.org>")

    def an_answer_is_delivered(self) -> Act:
        self.s.at_work(self.s.bruno)
        contact = self.hall.text("Bonjour", topic=CARD).standing.contact.id
        done(self.s.bruno.post(f"/contacts/{contact}/accept"))
        message = json_of(done(self.s.bruno.post(f"/contacts/{contact}/messages", {"text": "Oui ?"})))["id"]

        def delivered() -> None:
            Receipts(self.hall.record, self.hall.clock).note("SM9", contact, message, Delivery.DELIVERED)
            self.hall.reception.delivery_told(contact)

        return delivered

    def two_linked_contacts_are_taken_as_one(self) -> Act:
        self._linked()
        contact = json_of(self.s.bruno.get("/me/offers"))["items"][0]["contact"]["id"]
        return lambda: done(self.s.bruno.post(f"/contacts/{contact}/accept"))

    def _linked(self) -> None:
        person = [(AddressKind.PHONE, "+33639980001"), (AddressKind.EMAIL, "lea@example.org")]
        self.hall.know(*person)
        done(self.s.bruno.put("/me/activity", {"activity": "break"}))
        self.hall.mail("Ma carte", topic=CARD)
        self.hall.call()
        self.s.at_work(self.s.bruno)

    def an_offer_expires(self) -> Act:
        self.s.offered()
        return lambda: self.hall.step(21)

    def two_offers_are_missed(self) -> Act:
        self.s.offered()
        self.hall.step(21)
        return lambda: self.hall.step(21)

    def a_wait_is_too_long(self) -> Act:
        self.s.offered()
        self.s.office.walk_in(topic=CARD)
        return lambda: self.hall.step(2701)

    def a_desk_is_gone(self) -> Act:
        self.s.held_mail()

        def gone() -> None:
            self.hall.clock.advance(61)
            for _ in range(3):
                self.hall.dispatcher.step()

        return gone

    def an_agent_goes_home(self) -> Act:
        self.s.held_mail()
        self.s.at_work(self.s.anne)
        return lambda: self.hall.desk.set_activity("bruno", Activity.OFFLINE)

    def it_is_noon(self) -> Act:
        self.s.at_work(self.s.bruno)
        self.hall.clock.advance(3600 + 59 * 60)
        self.hall.step()
        return lambda: self.hall.step(120)

    def another_plan_is_in_force(self) -> Act:
        def publish() -> None:
            text = PLAN.read_text("utf-8").replace("Anne Accueil", "Anne Accueille")
            self.hall.plans.publish(text, None, self.hall.clock())

        return publish


def names(happenings: type[OfTheApi] | type[OfTheStreet]) -> list[str]:
    """What can happen."""
    return [name for name in vars(happenings) if not name.startswith("_")]
