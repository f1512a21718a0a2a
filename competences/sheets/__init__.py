"""Procedure sheets: what an agent says, asks and does for each topic of the plan, the same for every agent.

`library` reads a folder of topics; `reading` and `body` turn one file into a `sheet`. `checking` compares sheets with
the plan, the date and each other and returns `findings`; `confirmation` writes the page of open questions.
`placeholders` and `filling` put the plan's words in; `hours_in_words` tells the opening hours.
`search`, with `terms` and `passages`, finds sheets while somebody types; `catalogue` keeps all of this for one plan.
"""
