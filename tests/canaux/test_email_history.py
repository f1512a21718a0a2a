"""Of an answer the history goes, and every line of the person's own stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaux.email.incoming.history import is_answer, newest_words

HEADINGS = {
    "thunderbird": "Le 02/03/2026 à 10:12, Mairie de Petit-Bourg a écrit :",
    "gmail": "Le lun. 2 mars 2026 à 10:12, Mairie de Petit-Bourg <mairie@petit-bourg.example> a écrit :",
    "gmail on two lines": "Le lun. 2 mars 2026 à 10:12, Mairie de Petit-Bourg <\nmairie@petit-bourg.example> a écrit :",
    "apple": "Le 2 mars 2026 à 10:12, Mairie <mairie@petit-bourg.example> a écrit :",
    "english": "On Mon, Mar 2, 2026 at 10:12 AM Mairie <mairie@petit-bourg.example> wrote:",
    "spanish": "El lun, 2 mar 2026 a las 10:12, Mairie (<mairie@petit-bourg.example>) escribió:",
    "portuguese": "Em seg., 2 de mar. de 2026 às 10:12, Mairie <mairie@petit-bourg.example> escreveu:",
    "german": "Am Mo., 2. März 2026 um 10:12 Uhr schrieb Mairie <mairie@petit-bourg.example>:",
    "german thunderbird": "Am 02.03.26 um 10:12 schrieb Mairie:",
    "dutch": "Op ma 2 mrt. 2026 om 10:12 schreef Mairie <mairie@petit-bourg.example>:",
    "italian": "Il giorno lun 2 mar 2026 alle ore 10:12 Mairie <mairie@petit-bourg.example> ha scritto:",
    "polish": "pon., 2 mar 2026 o 10:12 Mairie <mairie@petit-bourg.example> napisał(a):",
    "russian": "пн, 2 мар. 2026 г. в 10:12, Mairie <mairie@petit-bourg.example>:",
    "turkish": "Mairie <mairie@petit-bourg.example>, 2 Mar 2026 Pzt, 10:12 tarihinde şunu yazdı:",
    "chinese": "Mairie <mairie@petit-bourg.example> 于2026年3月2日周一 10:12写道：",
    "arabic": "في الاثنين، 2 مارس 2026 في 10:12 ص كتب Mairie <mairie@petit-bourg.example>:",
    "hebrew": "\u202bבתאריך יום ב׳, 2 במרץ 2026 ב-10:12 מאת "
    "\u202aMairie\u202c <\u202amairie@petit-bourg.example\u202c\u200f>:\u202c",
    "hebrew thunderbird": "ב-2 במרץ 2026 10:12, Mairie כתב/ה:",
    "name first": "Mairie <mairie@petit-bourg.example> a écrit le 2 mars 2026 :",
    "no date": "Mairie de Petit-Bourg a écrit :",
    "to you": "À 10:12 02/03/2026, vous avez écrit :",
    "iso date": "2026-03-02 10:12 GMT+01:00 Mairie <\nmairie@petit-bourg.example>:",
}
WITHOUT_MARKS = {
    "zimbra": '----- Mail original -----\nDe: "Mairie" <mairie@petit-bourg.example>\nÀ: "Léa" <lea@example.org>\n'
    "Envoyé: Lundi 2 Mars 2026 10:12:00\nObjet: Carte",
    "outlook": "De : Mairie <mairie@petit-bourg.example>\nEnvoyé : lundi 2 mars 2026 10:12\nÀ : Léa\nObjet : Carte",
    "outlook with a rule": "________________________________\nDe : Mairie <mairie@petit-bourg.example>\n"
    "Envoyé : lundi 2 mars 2026 10:12\nÀ : Léa\nObjet : Carte",
    "old outlook": "-----Message d'origine-----\nDe : Mairie\nEnvoyé : lundi 2 mars 2026 10:12",
    "english": "-----Original Message-----\nFrom: Mairie\nSent: Monday, March 2, 2026 10:12 AM\nSubject: Carte",
    "german": "Von: Mairie <mairie@petit-bourg.example>\nGesendet: Montag, 2. März 2026 10:12\nAn: Léa\nBetreff: Carte",
    "spanish": "De: Mairie <mairie@petit-bourg.example>\nEnviado el: lunes, 2 de marzo de 2026 10:12\nPara: Léa\n"
    "Asunto: Carte",
    "dutch": "Van: Mairie <mairie@petit-bourg.example>\nVerzonden: maandag 2 maart 2026 10:12\nAan: Léa\n"
    "Onderwerp: Carte",
    "portuguese": "----- Mensagem original -----\nDe: Mairie",
    "sfr": 'Message du : 02/03/2026 10:12\nDe : "Mairie" <mairie@petit-bourg.example>\nA : Léa\nSujet : Carte',
}


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_an_answer_above(heading: str) -> None:
    text = f"Oui, jeudi.\n\nLéa\n\n{heading}\n\n> Bonjour,\n> Jeudi ou mardi ?\n"
    assert newest_words(text) == "Oui, jeudi.\n\nLéa"


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_a_history_is_quoted_with_bars_too(heading: str) -> None:
    text = f"Oui :\n| Nom | Léa |\n| Âge | 8 |\n\n{heading}\n\n| Bonjour,\n|\n| Jeudi ou mardi ?\n"
    assert newest_words(text) == "Oui :\n| Nom | Léa |\n| Âge | 8 |"


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_an_answer_below(heading: str) -> None:
    text = f"{heading}\n> Bonjour,\n> Jeudi ou mardi ?\n\nOui, jeudi.\n\nLéa\n"
    assert newest_words(text) == "Oui, jeudi.\n\nLéa"


@pytest.mark.parametrize("heading", HEADINGS.values(), ids=HEADINGS)
def test_answers_between_stay_with_what_they_answer(heading: str) -> None:
    text = f"Bonjour,\n\n{heading}\n> Quel jour ?\nJeudi.\n> À quelle heure ?\n10 heures.\n> Merci.\n"
    assert newest_words(text) == "Bonjour,\n\n> Quel jour ?\nJeudi.\n> À quelle heure ?\n10 heures."


@pytest.mark.parametrize("heading", WITHOUT_MARKS.values(), ids=WITHOUT_MARKS)
def test_a_history_without_marks_goes_with_all_that_is_below(heading: str) -> None:
    assert newest_words(f"Oui, jeudi.\n\n{heading}\n\nBonjour,\nJeudi ou mardi ?\n") == "Oui, jeudi."


@pytest.mark.parametrize("heading", WITHOUT_MARKS.values(), ids=WITHOUT_MARKS)
def test_where_nothing_stands_above_it_nothing_goes(heading: str) -> None:
    assert newest_words(f"{heading}\n\nBonjour,\nOui, jeudi.") == f"{heading}\n\nBonjour,\nOui, jeudi."


@pytest.mark.parametrize(
    "text",
    [
        "Je peux venir.\nDe : 8 h à 10 h\nÀ : la mairie annexe\nDate : jeudi\nMerci",
        "Le maire m'a écrit :\nvenez en mairie.",
        "Bonjour,\nLe 2 mars, un voisin m'a écrit\nune lettre.",
        "Objet : demande d'acte\n\nMadame, Monsieur, je demande un acte.",
        "Un devis :\n--------------------\nPose : 20 euros\nTotal : 30 euros",
        "Vous m'avez écrit le 02/03/2026 à 10:12 :\nje n'ai pas compris.",
        "Bonjour,\nLe maire a écrit le 2 mars 2026 à 10:12 :\nnon.\nPourquoi ?",
        "Voici les dates, le 02/03/2026 10:12 :\n- jeudi\n- mardi",
        "Regardez :\n---------- Message transféré ----------\nDe : Trésor <t@example.org>\n"
        "Date : 2 mars 2026\nObjet : Facture\n\nVous devez 12 euros.",
        "Début du message réexpédié :\n\nDe: Trésor <t@example.org>\nDate: 2 mars 2026\nObjet: Facture\n\nPayez.",
        "> tout est cité",
        "",
        'Bonjour,\n\nLe 12/02/2026 à 14h30 votre agent a écrit sur mon dossier :\n\n"refusé". Je conteste.',
        "Je conteste.\n\nLe 12/02/2026 à 14h30 votre agent a écrit sur mon dossier :\n\nrefusé. Pourquoi ?",
        "Je conteste.\nLe 12/02/2026 à 14h30 votre agent m'a écrit :\nrefusé. Pourquoi ?",
        "Je conteste.\nLe 12/02/2026 à 14h30, Mme Durand (d@mairie.example) a écrit à ma fille :\nrefusé. Pourquoi ?",
        "Je conteste.\nLe 12/02/2026 à 14h30, Mme Durand a écrit :\nrefusé. Pourquoi ?",
        "Hello,\n\nOn 3 March 2026 my neighbour wrote to me:\nyou are too loud.",
        "I object.\n\nOn 3 March 2026 at 10:12 my neighbour wrote to me:\nyou are too loud.",
        "Je conteste.\nLe 12/02/2026 votre agent a écrit sur mon dossier :\n> refusé\nPourquoi ?",
        "Je conteste.\nOn 3 March 2026 my neighbour wrote:\n> you are too loud\nWhat now?",
        "Je conteste.\nLe maire a écrit :\n> non\nPourquoi ?",
        "Je conteste.\nLe relevé du 02/03/2026 à 10:12 :\n> 12 EUR\nPourquoi ?",
        "Bonjour,\nMon trajet :\nDe : Auxerre\nÀ : Paris\nDate : 3 mars 2026\nObjet : train\n\nMerci de me rembourser.",
        "Voici mon trajet.\nDe : Auxerre\nÀ : Paris\nDate : 3 mars 2026 à 14:30\nObjet : voyage\n\nRemboursez-moi.",
        "Voici mon colis.\nDe : Auxerre\nÀ : Paris\nEnvoyé le : 3 mars 2026 à 14:30\nObjet : livres\n\nOù est-il ?",
        "Bonjour\n\nMessage du : 01/03/2026\nDe : moi\nJe rappelle ma demande de rendez-vous.",
        "J'insiste.\n\nMessage du : 01/03/2026\nDe : moi\nJe rappelle ma demande de rendez-vous.",
        "J'insiste.\n\nMessage du 01/03/2026 resté sans réponse\nDe : moi\nJe rappelle ma demande.",
        "Je conteste :\n> 12 EUR de cantine",
        "> Jeudi ?\nNon.\nJe conteste aussi :\n> 12 EUR de cantine",
        "Je conteste la ligne\n> 12 EUR de cantine\n\nLéa Martin",
    ],
)
def test_own_lines_are_no_history(text: str) -> None:
    assert newest_words(text) == text


BELOW = [
    "Bonjour,",
    "Bonjour Madame Durand,",
    "Madame, Monsieur,",
    "Madame la Directrice,",
    "Bonjour à tous !",
    "Hello,",
    "Sehr geehrte Frau Durand,",
    "Bonjour,\n\nVoir mes réponses ci-dessous.",
    "Bonjour,\nje réponds dans votre message, en rouge.\nCordialement\nPaul",
    "See below.",
    "My answers are inline, in red.",
    "Merci. Voici :",
    "Bonjour,\n\nCordialement,\nPaul Martin",
    "Bonjour,\n\nEnvoyé de mon iPhone",
]
UNMARKED_GREETINGS = {
    "gmail": "Le 2 mars 2026 à 10:12, Mairie <m@mairie.example> a écrit :",
    "english": "On Mon, Mar 2, 2026 at 10:12 AM Mairie <m@mairie.example> wrote:",
    "german": "Am Mo., 2. März 2026 um 10:12 Uhr schrieb Mairie <m@mairie.example>:",
    "yahoo": "Le lundi 2 mars 2026 à 10:12:45 UTC+1, Mairie <m@mairie.example> a écrit :",
    "yahoo without an address": "Le lundi 2 mars 2026 à 10:12:45 UTC+1, Mairie a écrit :",
}


@pytest.mark.parametrize("above", BELOW)
@pytest.mark.parametrize("heading", [*WITHOUT_MARKS.values(), *UNMARKED_GREETINGS.values()])
def test_answers_below_what_has_no_marks_stay_with_what_they_answer(above: str, heading: str) -> None:
    text = f"{above}\n\n{heading}\n\nVotre nom ?\n\nMARTIN Paul"
    assert newest_words(text) == text


@pytest.mark.parametrize("heading", UNMARKED_GREETINGS.values(), ids=UNMARKED_GREETINGS)
@pytest.mark.parametrize(
    "above", ["Bonjour, oui jeudi.", "Madame,\n\nOui, jeudi.\n\nCordialement\nLéa", "Oui", "Merci !"]
)
def test_a_greeting_of_a_mail_program_needs_no_marks(above: str, heading: str) -> None:
    assert newest_words(f"{above}\n\n{heading}\n\nBonjour,\nJeudi ou mardi ?\n") == above


@pytest.mark.parametrize(
    "heading", [HEADINGS[name] for name in ("thunderbird", "gmail on two lines", "chinese", "dutch")]
)
def test_a_quote_with_its_greeting_in_it_goes(heading: str) -> None:
    quoted = "\n".join(f"> {line}" for line in [*heading.split("\n"), "Bonjour,", "> Jeudi ?"])
    assert newest_words(f"Oui.\n\n{quoted}") == "Oui."


def test_a_history_whose_heading_is_quoted_too_goes() -> None:
    history = '> Message du 02/03/26 10:12\n> De : "Mairie" <m@mairie.example>\n> Objet : Carte\n>\n> Jeudi ?'
    assert newest_words(f"Oui.\n\n{history}") == "Oui."


@pytest.mark.parametrize(
    "subject",
    [
        *(
            "TR: facture",
            "TR : facture",
            "Fwd: x",
            "FW: x",
            "WG: x",
            "RV: x",
            "ENC: x",
            "VS: x",
            "VB: x",
            "PD: x",
            "VL: x",
        ),
        *(
            "Doorst: x",
            "I: x",
            "Re: TR: facture",
            "[EXTERNE] TR: facture",
            "RE: [EXTERNE] Fwd: x",
            "Fwd[2]: x",
            "转发：x",
        ),
    ],
)
def test_what_somebody_sends_on_is_no_answer(subject: str) -> None:
    assert not is_answer(subject, ("<1@example.org>",))


@pytest.mark.parametrize("subject", ["Re: x", "RE : x", "[EXTERNE] Re: x", "AW: x", "Antw: x", "Re[2]: x", "SV: WG 12"])
def test_an_answer_is_known_by_its_subject(subject: str) -> None:
    assert is_answer(subject, ())


def test_an_answer_is_known_by_what_it_answers() -> None:
    assert is_answer("Carte", ("<1@example.org>",))
    assert not is_answer("Carte", ())
    assert not is_answer("Lu : Re: Carte", ())
    assert is_answer("Facture TR: 12", ("<1@example.org>",))


def test_a_signature_below_the_quote_stays_and_the_quote_goes() -> None:
    text = f"Oui.\n\n{HEADINGS['gmail']}\n> Jeudi ?\n\n-- \nLéa Martin"
    assert newest_words(text) == "Oui.\n\n--\nLéa Martin"


OWN = st.text("abcé ,.!?", min_size=1, max_size=30).filter(lambda line: line.strip() != "")
QUOTED = st.builds("> {}".format, OWN)


@given(st.lists(st.one_of(OWN, QUOTED, st.just("")), max_size=20), st.sampled_from(list(HEADINGS.values())))
def test_below_a_greeting_no_unquoted_line_is_lost(lines: list[str], heading: str) -> None:
    kept = newest_words("\n".join([heading, "> Bonjour", *lines])).split("\n")
    own = [line.strip() for line in lines if line.strip() and not line.startswith(">")]
    left = [line.strip() for line in kept if line.strip() in own]
    assert left == own or not own
