"""Segments of holders and RFM scores."""
