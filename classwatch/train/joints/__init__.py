"""Trains the network that looks at one body again, enlarged, for the places of its joints."""
