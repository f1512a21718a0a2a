"""The processes of a town hall that runs, and what starts and watches them."""
