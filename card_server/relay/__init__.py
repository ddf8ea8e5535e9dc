"""What a till speaks: HTTP, raw TCP, XML API, Farcards."""
