"""Routing over the store: every insight exactly one owner, again only where a rule or a name changed."""

import pytest
from small_company import OWNERSHIP, RECEIVED, company, opened, ran

from insights.config.load import load
from insights.flow import route as flow


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """A workspace whose insights are found and routed."""
    root = company(tmp_path_factory.mktemp("routed") / "w", 16)
    ran(root)
    return root


def owners(store):
    return dict(store.rows("SELECT unit, count(*) FROM route WHERE owns GROUP BY unit"))


def test_every_insight_has_one_owner_and_a_reason(analysed):
    """One route that owns an insight, with the rule and why; followers own nothing."""
    _, store = opened(analysed)
    with store:
        insights = store.counts()["insights"]
        rows = store.rows("SELECT insight, unit, owns, rule, why FROM route")
        assert len({insight for insight, _, owns, _, _ in rows if owns}) == sum(owns for *_, owns, _, _ in rows) == insights
        assert all(rule and why for *_, rule, why in rows)
        assert owners(store).keys() <= {"care", "hub", "refunds"}


def test_what_is_routed_is_not_routed_again(analysed):
    """The same rules leave every route as it is."""
    loaded, store = opened(analysed)
    with store:
        assert flow.route_store(loaded, store, at=RECEIVED).routed == 0


def test_changed_rules_route_all_again(tmp_path):
    """Another owner in the rules, and every insight goes where they say now."""
    root = company(tmp_path / "w", 16)
    ran(root)
    (root / "ownership.toml").write_text(OWNERSHIP.replace('owner = "hub"', 'owner = "care"').replace('followers = ["care"]', ""))
    loaded, store = opened(root)
    with store:
        assert "hub" in owners(store)
        report = flow.route_store(loaded, store, at=RECEIVED)
        assert report.routed == store.counts()["insights"]
        assert "hub" not in owners(store)


def test_what_no_rule_claims_goes_to_triage(tmp_path):
    """Without rules the triage unit owns everything, and says that no rule matched."""
    root = company(tmp_path / "w", 8)
    (root / "ownership.toml").write_text(OWNERSHIP.partition("[[rule]]")[0])
    report = ran(root)
    loaded, store = opened(root)
    with store:
        assert owners(store) == {"care": store.counts()["insights"]}
        assert f"{store.counts()['insights']} to triage" in next(step.note for step in report.steps if step.step == "route")
    del loaded


def test_names_of_the_taxonomy_are_part_of_the_rules(tmp_path):
    """An alias that changes may change a route, so the rules' hash follows the taxonomy."""
    root = company(tmp_path / "w", 1)
    before = flow.rules_hash(load(root))
    with (root / "taxonomy.toml").open("a") as handle:
        handle.write('\n[product.hub]\nlabel = "Hub"\naliases = ["the box"]\n')
    assert flow.rules_hash(load(root)) != before
