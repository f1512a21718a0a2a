"""Each channel's way out: the providers named in the settings, or stand-ins that only say what would leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from application.settings import Settings
from canaux.email.channel import EmailChannel
from canaux.messaging import MessagingChannel
from canaux.smtp import ConsoleTransport, MailTransport, SmtpTransport
from canaux.twilio.client import ConsoleNetwork, PhoneNetwork, TwilioGateway
from canaux.voice.channel import VoiceChannel
from canaux.voice.urls import VoiceUrls
from competences.channels import Channel
from competences.plan.plan import Plan
from routeur.clock import Clock
from routeur.plans import Plans
from routeur.ports.news import ChannelAdapter

DEMO_ACCOUNT = "AC" + "0" * 32
DEMO_SENDER = "mairie@mairie.example"


@dataclass(frozen=True)
class Adapters:
    """The channels, and what they share with the webhooks."""

    by_channel: Mapping[Channel, ChannelAdapter]
    network: PhoneNetwork
    voice_urls: VoiceUrls
    email_host: str


def channel_adapters(settings: Settings, clock: Clock, plans: Plans) -> Adapters:
    """Build every channel's way out. The chat reads the record itself; a walk-in is told everything in person."""

    def plan() -> Plan:
        return plans.current().plan

    network = phone_network(settings)
    voice_urls = VoiceUrls(settings.base_url)
    email = EmailChannel(
        sender=settings.email_from or DEMO_SENDER, plans=plans.current, transport=mail_transport(settings), clock=clock
    )
    channels: list[ChannelAdapter] = [
        VoiceChannel(urls=voice_urls, plans=plan, network=network),
        MessagingChannel(plans=plan, network=network),
        email,
    ]
    return Adapters({one.channel: one for one in channels}, network, voice_urls, email.host)


def phone_network(settings: Settings) -> PhoneNetwork:
    """Twilio, wherever it was said to be; nothing leaves from a demonstration that names none."""
    if settings.twilio_account_sid is None and settings.twilio_api_base is None:
        return ConsoleNetwork()
    account = settings.twilio_account_sid or DEMO_ACCOUNT
    return TwilioGateway(account, settings.twilio_token, settings.twilio_api_base)


def mail_transport(settings: Settings) -> MailTransport:
    """The mail server of SMTP_URL."""
    return SmtpTransport(settings.smtp_url.get_secret_value()) if settings.smtp_url else ConsoleTransport()
