"""What is said: utterances and questions."""
