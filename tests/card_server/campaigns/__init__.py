"""Tests of the room card_server.campaigns."""
