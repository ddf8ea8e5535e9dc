"""Users, roles, rights and the journals of what they did."""
