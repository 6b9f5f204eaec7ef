"""The IAM engine. `decide` is its obvious twin: one concrete request, answered as AWS's evaluation logic does."""

from buckler.engines.iam.answer import Answer, Decision, Step
from buckler.engines.iam.decide import decide
from buckler.engines.iam.sample import sample, sample_policy, settle_policy

__all__ = ["Answer", "Decision", "Step", "decide", "sample", "sample_policy", "settle_policy"]
