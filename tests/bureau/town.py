"""A small town hall: three topics, four agents, always open on weekdays."""

from __future__ import annotations

from competences.plan import Plan

PLAN = """
commune:
  name: Sainte-Aldegonde-sur-Yonne
  address: 1 place de la Mairie, 89999 Sainte-Aldegonde-sur-Yonne
  phone: "+33199000100"
  email: mairie@example.org
  website: https://mairie.example.org
channels:
  voice: {target_seconds: 180, max_wait_seconds: 900, exclusive: true}
  chat: {target_seconds: 60, max_wait_seconds: 900, capacity: 3}
  messaging: {target_seconds: 900, max_wait_seconds: 3600, capacity: 3, interruptible: true}
  walkin: {target_seconds: 900, max_wait_seconds: 3600, exclusive: true}
  email: {target_seconds: 14400, max_wait_seconds: 28800, capacity: 5, interruptible: true}
languages:
  en: {label: {fr: anglais, en: English}}
skills:
  accueil: {label: {fr: Accueil, en: Front desk}}
  etat-civil: {label: {fr: État civil, en: Civil registry}}
  urbanisme: {label: {fr: Urbanisme, en: Town planning}}
general_skills: {accueil: 1}
services:
  accueil: {label: {fr: Accueil}, email: accueil@example.org, phone: "+33199000101"}
  urbanisme: {label: {fr: Urbanisme}, email: urbanisme@example.org, phone: "+33199000102"}
default_service: accueil
topics:
  passeport:
    label: {fr: Passeport, en: Passport}
    service: accueil
    skills: {etat-civil: 2}
    steps: [{after_seconds: 120, skills: {etat-civil: 1}}]
    commitment_days: 5
    front_desk: true
  cantine:
    label: {fr: Cantine scolaire, en: School meals}
    service: accueil
    skills: {accueil: 1}
    commitment_days: 3
    front_desk: true
  permis:
    label: {fr: Permis de construire, en: Building permit}
    service: urbanisme
    skills: {urbanisme: 2}
    commitment_days: 10
    silence: acceptance
    front_desk: true
agents:
  alice.martin: {name: Alice Martin, skills: {accueil: 3, etat-civil: 3}, role: agent, email: alice@example.org}
  bruno.petit: {name: Bruno Petit, skills: {accueil: 3, "lang:en": 3}, role: agent, email: bruno@example.org}
  chloe.durand: {name: Chloé Durand, skills: {accueil: 2, urbanisme: 4}, role: supervisor, email: chloe@example.org}
  david.roux: {name: David Roux, skills: {accueil: 1, etat-civil: 1}, role: admin, email: david@example.org}
hours:
  week:
    monday: ["08:00-18:00"]
    tuesday: ["08:00-18:00"]
    wednesday: ["08:00-18:00"]
    thursday: ["08:00-18:00"]
    friday: ["08:00-18:00"]
    saturday: []
    sunday: []
menu:
  entries:
    "1": {label: {fr: Papiers d'identité}, topic: passeport}
    "2": {label: {fr: Cantine}, topic: cantine}
    "3": {label: {fr: Urbanisme}, topic: permis}
    "9": {label: {fr: Autre demande}, action: general}
"""


def town() -> Plan:
    return Plan.load(PLAN)
