"""Other systems that are told what happens: who listens to what, what is told them, and how far each has come."""
