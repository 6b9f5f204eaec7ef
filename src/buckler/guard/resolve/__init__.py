"""The reference resolver: a layer that puts secrets into a process's environment at cold start, with the function's own role."""
