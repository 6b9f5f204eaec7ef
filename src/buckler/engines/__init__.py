"""Facts to exact answers: pure functions over values. The engines know nothing of each other, nor of where facts come from."""
