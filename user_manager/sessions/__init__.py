"""Who is signed in, and was."""
