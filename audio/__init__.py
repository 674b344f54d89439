"""Sound: frames, codecs, files, effects and the sound card. Knows nothing of calls or speech engines."""
