"""A sale, a return, a bill: what a till's call books."""
