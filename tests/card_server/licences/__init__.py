"""Tests of the room card_server.licences."""
