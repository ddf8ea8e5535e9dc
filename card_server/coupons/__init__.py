"""Coupons and gift certificates."""
