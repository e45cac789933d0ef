"""From script to sound: voices, rooms, noises, one track per microphone, and the exact truth."""
