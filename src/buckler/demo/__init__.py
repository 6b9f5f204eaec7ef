"""An embedded AWS with a leaky shop in it: for `buckler demo`, for the tests, and for the benchmarks. Needs the extra `demo`."""
