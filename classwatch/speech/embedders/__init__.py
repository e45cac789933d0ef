"""Networks that tell voices apart, behind ``speech.embedding.SpeakerEmbedder``."""
