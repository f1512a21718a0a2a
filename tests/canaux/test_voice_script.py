"""What is said on the phone, read as a transcript."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from canaux.voice.script import VoiceScript, Welcomes
from canaux.voice.steps import AfterConversation, AfterRecording, Gather, MenuTurn, Say, WaitTurn
from competences.plan.plan import Plan
from routeur.contact.words import FollowUpReason
from routeur.ports.inbound import FollowUpFacts
from routeur.queue.patience import ClosedUntil
from tests.canaux.transcript import transcript

PLAN = Plan.load((Path(__file__).parents[1] / "data" / "small_plan.yaml").read_text("utf-8"))
FOLLOW_UP = FollowUpFacts(
    "1", "KRT-482-915", FollowUpReason.CLOSED, None, "etat-civil", datetime(2026, 4, 1, 15, tzinfo=UTC)
)
RECORDS = f"[records up to 180 seconds, until #, then {AfterRecording()}]"
GOODBYE = ["fr: Merci de votre appel. Au revoir.", "[hangs up]"]


def test_the_welcome_is_the_greeting_and_the_menu() -> None:
    assert transcript(VoiceScript().welcome(PLAN)) == [
        "fr: Bonjour. Vous êtes bien à la mairie de Petit-Bourg.",
        "fr: Carte d'identité : tapez 1.",
        "fr: Permis de construire : tapez 2.",
        "fr: Objets trouvés : tapez 3.",
        "fr: Être recontacté : tapez 8.",
        "en: English: press 9.",
        "fr: Une personne : tapez 0.",
        "fr: Vous pouvez aussi dire pourquoi vous appelez.",
        f"[listens, then {MenuTurn('', 'fr', 1)}]",
    ]


def test_a_choice_that_was_not_understood_is_asked_for_again() -> None:
    script = VoiceScript().menu(PLAN, attempt=2)
    assert transcript(script)[0] == "fr: Pardon, je n'ai pas compris."
    assert transcript(script)[-1] == f"[listens, then {MenuTurn('', 'fr', 2)}]"


def test_a_language_that_we_do_not_speak_is_answered_in_french_and_remembered() -> None:
    (gather,) = VoiceScript("de").menu(PLAN)
    assert isinstance(gather, Gather)
    assert gather.language == "fr"
    assert gather.then == MenuTurn("", "de", 1)


def test_the_waiting_loop_asks_again_and_again() -> None:
    assert transcript(VoiceScript("en").waiting(4)) == [
        "en: Please stay on the line. You are keeping your place.",
        "[8 seconds of silence]",
        f"[asks for {WaitTurn(5)}]",
    ]


def test_caller_and_agent_meet_in_the_conference_of_the_contact() -> None:
    assert transcript(VoiceScript().conversation("c1")) == [
        "fr: Un agent prend votre appel.",
        f"[joins the conference of c1, then {AfterConversation()}]",
    ]
    assert transcript(VoiceScript().agent_joins("c1")) == ["[joins the conference of c1, then None]"]


def test_a_promise_says_why_when_and_under_which_reference() -> None:
    opening = ClosedUntil(datetime(2026, 3, 30, 6, 30, tzinfo=UTC), in_part=False)
    assert transcript(VoiceScript().followed_up(PLAN, FOLLOW_UP, opening, greet=True)) == [
        "fr: Bonjour. Vous êtes bien à la mairie de Petit-Bourg.",
        "fr: La mairie est fermée en ce moment. Elle ouvre le lundi 30 mars à 8 h 30.",
        "fr: Nous avons noté votre demande.",
        "fr: Le service concerné, État civil, vous répondra au plus tard le mercredi 1er avril.",
        "fr: Votre référence est : K, R, T. 4, 8, 2. 9, 1, 5.",
        "fr: Je répète : K, R, T. 4, 8, 2. 9, 1, 5.",
        "fr: Si vous voulez, laissez-nous un message après le bip. Sinon, vous pouvez raccrocher.",
        RECORDS,
        *GOODBYE,
    ]


def test_who_asks_a_service_that_is_closed_is_not_told_that_the_town_hall_is() -> None:
    opening = ClosedUntil(datetime(2026, 3, 30, 12, 0, tzinfo=UTC), in_part=True)
    words = transcript(VoiceScript("en").followed_up(PLAN, FOLLOW_UP, opening))
    assert words[0] == "en: This service is closed at the moment. It opens on Monday 30 March at 2 PM."


def test_who_waits_when_we_close_hears_that_we_have() -> None:
    opening = ClosedUntil(datetime(2026, 3, 30, 6, 30, tzinfo=UTC), in_part=False)
    assert transcript(VoiceScript().waiting(4, opening))[0] == (
        "fr: Nous venons de fermer. Veuillez rester en ligne : un agent encore présent peut vous répondre. "
        "Sinon, nous noterons votre appel."
    )


def test_an_apology_takes_a_message() -> None:
    assert transcript(VoiceScript().apology())[2:] == [RECORDS, *GOODBYE]


def test_the_welcome_is_composed_once_for_each_plan_and_language() -> None:
    welcomes = Welcomes()
    assert welcomes.of(PLAN, "fr") is welcomes.of(PLAN, "fr")
    assert welcomes.of(PLAN, "en") != welcomes.of(PLAN, "fr")
    renamed = PLAN.model_copy(update={"commune": PLAN.commune.model_copy(update={"name": "Grand-Bourg"})})
    (gather,) = welcomes.of(renamed, "fr")
    assert isinstance(gather, Gather)
    assert gather.prompt[0] == Say("Bonjour. Vous êtes bien à la mairie de Grand-Bourg.", "fr")
