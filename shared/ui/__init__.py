"""What programs with windows share; the only place of `shared` that knows Qt."""
