"""A lost or spoilt model refuses nobody: contacts are then routed without a topic."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.schema import DropTable

from competences.recognition.examples import NO_TOPIC, Corpus, Example, shipped_corpus
from routeur.record.tables import Base, ExampleCandidate
from routeur.topics.model_files import make_model, model_file, read_model
from routeur.topics.recogniser import Recogniser
from tests.routeur.hall import Hall

LOST_CARD = "j'ai perdu ma carte d'identité"
FEW = [
    Example("la cantine de ma fille", "cantine"),
    Example("un trou dans la rue", "voirie"),
    Example("allô", NO_TOPIC),
]
SMALL = Corpus(FEW * 3, [], FEW)

SPOILT = [b"", b"nonsense", b"PK\x05\x06" + bytes(18)]
"""An empty file, another kind of file, an empty archive."""


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_spoilt_model_recognises_nothing(hall: Hall, tmp_path: Path, spoilt: bytes) -> None:
    model_file(tmp_path, shipped_corpus()).write_bytes(spoilt)
    assert Recogniser(hall.record, tmp_path).recognise(LOST_CARD) is None


def test_before_the_record_is_migrated_nothing_is_recognised(hall: Hall, tmp_path: Path) -> None:
    with hall.record.write() as connection:
        connection.execute(DropTable(Base.metadata.tables[ExampleCandidate.__tablename__]))
    assert Recogniser(hall.record, tmp_path).recognise(LOST_CARD) is None


def test_a_spoilt_model_is_learned_anew_and_a_whole_one_is_left(tmp_path: Path) -> None:
    made = make_model(tmp_path, SMALL)
    whole = made.read_bytes()
    for spoilt in (whole[: len(whole) // 2], whole.replace(whole[200:232], bytes(32), 1)):
        made.write_bytes(spoilt)
        with pytest.raises(ValueError, match="."):
            read_model(made)
        make_model(tmp_path, SMALL)
        assert read_model(made).topics == ("cantine", "none", "voirie")
    written = made.stat().st_mtime_ns
    make_model(tmp_path, SMALL)
    assert made.stat().st_mtime_ns == written


def test_a_model_whose_parts_do_not_fit_together_is_refused(tmp_path: Path) -> None:
    model = read_model(make_model(tmp_path, SMALL))
    model.topics = (*model.topics, "passeport")
    made = tmp_path / "other.npz"
    made.write_bytes(model.save())
    with pytest.raises(ValueError, match="fit together"):
        read_model(made)
