"""Speech: who has the floor (turns), what was said (ears) and how a caller sounds (mouths)."""
