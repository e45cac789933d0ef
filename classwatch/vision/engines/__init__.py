"""Adapters, one library each; nothing else imports these libraries for pose."""
