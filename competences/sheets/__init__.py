"""Procedure sheets: what an agent says, asks and does for each topic of the plan, the same whoever answers."""
