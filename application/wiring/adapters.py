"""Each channel's way out: the providers named in the settings, or their twins that only say what would leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from application.settings import Settings
from canaux.chat.channel import ChatChannel
from canaux.development import ConsoleMail, ConsoleMedia, ConsolePhone, ConsoleTexts
from canaux.email.channel import EmailChannel
from canaux.messaging.channel import MessagingChannel
from canaux.messaging.code_budget import CodeBudget
from canaux.provider_interfaces import MailTransport, Media, PhoneNetwork, TextNetwork
from canaux.smtp import SmtpTransport
from canaux.throttle import Throttle, throttle_storage
from canaux.twilio.media import TwilioMedia
from canaux.twilio.phone import TwilioPhone
from canaux.twilio.rest import TwilioAccount
from canaux.twilio.texts import TwilioTexts
from canaux.twilio.urls import TextUrls, VoiceUrls
from canaux.voice.channel import VoiceChannel
from competences.channels import Channel
from routeur.clock import Clock
from routeur.contact.answers import answer
from routeur.contact.opt_outs import OptOuts
from routeur.contact.receipts import Receipts
from routeur.plans import Plans
from routeur.ports.announcer import Announcer
from routeur.ports.news import ChannelAdapter
from routeur.record.engine import Record

DEMO_ACCOUNT = "AC" + "0" * 32
DEMO_SENDER = "mairie@mairie.example"


@dataclass(frozen=True)
class Networks:
    """The telephone's providers."""

    phone: PhoneNetwork
    texts: TextNetwork
    media: Media


@dataclass(frozen=True)
class Adapters:
    """The channels, and what they share with the webhooks."""

    by_channel: Mapping[Channel, ChannelAdapter]
    phone: PhoneNetwork
    media: Media
    voice_urls: VoiceUrls
    text_urls: TextUrls
    opt_outs: OptOuts
    receipts: Receipts
    email: EmailChannel


def channel_adapters(settings: Settings, clock: Clock, plans: Plans, record: Record, announcer: Announcer) -> Adapters:
    """Build every channel's way out. A walk-in is told everything in person."""
    voice_urls, text_urls = VoiceUrls(settings.base_url), TextUrls(settings.base_url)
    networks = telephone_networks(settings, voice_urls, text_urls)
    opt_outs, receipts = OptOuts(record, clock), Receipts(record, clock)
    email = EmailChannel(
        sender=settings.email_from or DEMO_SENDER,
        secret=settings.signing_key,
        plans=plans.current,
        answers=partial(answer, record),
        transport=mail_transport(settings),
        clock=clock,
    )
    channels: list[ChannelAdapter] = [
        VoiceChannel(plans=plans.plan, network=networks.phone),
        MessagingChannel(
            plans=plans.plan,
            network=networks.texts,
            clock=clock,
            opt_outs=opt_outs,
            receipts=receipts,
            code_budget=CodeBudget(code_throttle(settings)),
            own_number=settings.twilio_phone_number,
            calling_codes=settings.text_calling_codes,
        ),
        ChatChannel(record=record, announcer=announcer, plans=plans.plan, clock=clock),
        email,
    ]
    by_channel = {adapter.channel: adapter for adapter in channels}
    return Adapters(by_channel, networks.phone, networks.media, voice_urls, text_urls, opt_outs, receipts, email)


def code_throttle(settings: Settings) -> Throttle | None:
    """What counts codes, from wherever they are asked for; a demonstration counts none."""
    return None if settings.demo else Throttle("codes", throttle_storage(settings.redis_address), strict=True)


def telephone_networks(settings: Settings, voice_urls: VoiceUrls, text_urls: TextUrls) -> Networks:
    """Twilio, at the address in the settings; nothing leaves from a demonstration that names none."""
    base_url = settings.twilio_api_base
    if settings.twilio_account_sid is None and base_url is None:
        return Networks(ConsolePhone(), ConsoleTexts(), ConsoleMedia())
    account_sid = settings.twilio_account_sid or DEMO_ACCOUNT
    account = TwilioAccount(account_sid, settings.twilio_token, base_url)
    media = TwilioMedia(account_sid, settings.twilio_token, base_url)
    return Networks(TwilioPhone(account, voice_urls), TwilioTexts(account, text_urls), media)


def mail_transport(settings: Settings) -> MailTransport:
    """The mail server of SMTP_URL."""
    return SmtpTransport(settings.smtp_url.get_secret_value()) if settings.smtp_url else ConsoleMail()
