"""Text to topic: what a message is about, how sure that is, and the words that decided.

`examples` reads what is learned from: messages and expressions in `competences/topics`, which anyone can read and
correct, and `calibration.csv`, messages that are never learned from. `features` turns texts into numbers, `training`
learns a `model`, which says of a text a `recognition`; `evaluation` measures how good that is.
`personal_data` masks names and numbers before an agent's correction becomes an example.
Nothing is downloaded, and a learned model is numbers alone. More in docs/text-to-topic.md.
"""
