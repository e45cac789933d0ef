"""The models behind who talks: kinds of sound, and roles of voices."""
