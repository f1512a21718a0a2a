"""The routing plan: one YAML document, read part by part, judged as a whole, its faults told in words.

`document` reads the text into plain values with their lines; `types`, `hours` (with the public holidays), `menu` and
`parts` say what each value must be, and `menu` also what a key or a spoken word chooses; `plan` is the whole.
`examine` gives the plan or every fault at once, `check` the faults alone.
`draft` holds the sound parts of a faulty plan, so that `rules` and `rules_*` can judge what must fit together.
`errors` and `fault_words` put faults into words.
"""
