"""The table of channels: whole, and of use to the index, which names a channel by its letter."""

from __future__ import annotations

from competences.channels import CHANNELS, PRECEDENCE, Channel, channels_where


def test_every_channel_has_a_row_in_the_order_of_the_channels() -> None:
    assert list(CHANNELS) == list(Channel)
    assert list(PRECEDENCE) == sorted(PRECEDENCE, key=PRECEDENCE.__getitem__)


def test_each_letter_is_one_letter_and_no_other_channel_s() -> None:
    letters = [traits.letter for traits in CHANNELS.values()]
    assert len(set(letters)) == len(letters)
    assert all(len(letter) == 1 and letter.isascii() and letter.islower() for letter in letters)


def test_channels_are_found_by_what_they_are() -> None:
    assert channels_where(lambda traits: traits.holds_line) == {Channel.VOICE}
    assert channels_where(lambda traits: not traits.live) == {Channel.EMAIL}
    assert channels_where(lambda traits: traits.written and traits.in_person) == frozenset()
