"""Requests about uses of coupons and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.http.routes import Route, flow
from card_server.receipts import coupon_return
from shared.wire import coupons

ROUTES: Final[tuple[Route, ...]] = (flow(coupons.ReturnCoupon, coupon_return.give_use_back),)
