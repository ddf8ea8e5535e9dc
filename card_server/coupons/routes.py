"""Requests about coupons and what answers them."""

from __future__ import annotations

from typing import Final

from card_server.coupons import certificates as gifts
from card_server.coupons import reading, releases, states
from card_server.coupons.types import TYPES
from card_server.http.routes import Route, edit, question
from shared.wire import certificates, coupon_types, coupons

ROUTES: Final[tuple[Route, ...]] = (
    *TYPES.routes(
        coupon_types.ListCouponTypes,
        coupon_types.GetCouponType,
        coupon_types.AddCouponType,
        coupon_types.EditCouponType,
        coupon_types.DeleteCouponType,
    ),
    question(coupons.ListCoupons, reading.list_coupons),
    question(coupons.GetCoupon, reading.get_coupon),
    edit(coupons.IssueCoupon, states.issue_coupon),
    edit(coupons.EditCoupon, states.edit_coupon, present=states.present_coupon),
    edit(coupons.GiveCoupon, states.give_coupon, present=states.present_coupon),
    edit(coupons.ActivateCoupon, states.activate_coupon, present=states.present_coupon),
    edit(coupons.BlockCoupon, states.block_coupon, present=states.present_coupon),
    edit(coupons.UnblockCoupon, states.unblock_coupon, present=states.present_coupon),
    edit(coupons.VoidCoupon, states.void_coupon, present=states.present_coupon),
    question(coupons.ListReleases, reading.list_releases),
    question(coupons.GetRelease, releases.get_release),
    question(coupons.CheckRelease, releases.check_release),
    edit(coupons.IssueRelease, releases.issue_release),
    edit(coupons.UndoRelease, releases.undo_release),
    *gifts.TYPES.routes(
        certificates.ListCertificateTypes,
        certificates.GetCertificateType,
        certificates.AddCertificateType,
        certificates.EditCertificateType,
        certificates.DeleteCertificateType,
    ),
    question(certificates.ListCertificates, gifts.list_certificates),
    question(certificates.GetCertificate, gifts.get_certificate),
    edit(certificates.IssueCertificates, gifts.issue_certificates),
    edit(certificates.BlockCertificate, gifts.block_certificate, present=gifts.present_certificate),
    edit(
        certificates.UnblockCertificate,
        gifts.unblock_certificate,
        present=gifts.present_certificate,
    ),
)
