"""What a patch puts into a function's package, so that its code asks for secrets itself."""
