"""Synthetic trainees to measure marking with: what they are, what they do in a call, and what is right to mark."""
