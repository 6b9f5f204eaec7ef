"""Ask a remedy about an estate, as the plan does."""

from tests.estates import TODAY, analysis, ask

from buckler.checks import run
from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.compare import compare
from buckler.engines.iam.keys import misspelt
from buckler.fixes import Case, Mend, all_remedies
from buckler.fixes.plan import make_plan
from buckler.fixes.prove import Verdict
from buckler.model.fix import Wishes
from buckler.model.layers import Layers
from buckler.model.origin import ApiOrigin
from buckler.model.policy import parse_policy
from buckler.model.progress import Silent
from buckler.reach.analysis import Analysis


def offered(check, *entities, **wishes):
    """What the remedy of *check* offers for the first finding on the first entity."""
    finding = ask(check, *entities).findings[0]
    about = analysis(*entities)
    subject = next(one for one in entities if getattr(one, "arn", "") == finding.subject.arn)
    return list(all_remedies()[check.id](Case(finding, subject, about, Wishes(**wishes))))


def planned(check, *entities, more=None, today=TODAY, **wishes):
    """The fix that is planned for the first finding, everything of that check asked again; *more*: other collections of the estate."""
    return planned_in(check, analysis(*entities, **(more or {})).estate, today=today, **wishes)


def planned_in(check, estate, today=TODAY, **wishes):
    """The fix that is planned for the first finding in an estate."""

    def judge(changed, _checks):
        answers = run([check], Analysis(changed, today=today))
        return Verdict(findings=answers.findings, gaps=answers.gaps)

    return make_plan(Analysis(estate, today=today), judge(estate, ()).findings, Wishes(**wishes), judge, Silent()).fixes[0]


def mends(check, *entities, **wishes):
    return [one for one in offered(check, *entities, **wishes) if isinstance(one, Mend)]


def setting(fix):
    """(before, after) of the one edit, and that doing and undoing are each other's inverse in what they send."""
    (edit,) = fix.edits
    return edit.before, edit.after


def never_wider(edit):
    """Whether the policy that an edit writes allows nothing that the one before does not: by the engine, not by the remedy."""
    before, after = (parse_policy(one, ApiOrigin(call="test", arn=edit.arn), name="p") for one in (edit.before, edit.after))
    difference = compare(Layers(identity=(before,)), Layers(identity=(after,)), principal=edit.arn)
    asked = difference.request
    # Of an action or a condition key that AWS does not have there is no request.
    return asked is None or not catalogue().knows_any(asked.action) or any(misspelt(entry.key) for entry in asked.context)
