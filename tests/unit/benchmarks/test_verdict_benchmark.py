"""The benchmark of the verdict: true differences that are true, and rules that fail where they must."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

import benchmarks.verdict as command
from benchmarks.verdict_benchmark import bank as banking
from benchmarks.verdict_benchmark.bank import CELLS, Bank, Cell
from benchmarks.verdict_benchmark.checks import all_hold, run_checks
from benchmarks.verdict_benchmark.populations import level, mixture, own_difference, same_method, two_methods
from benchmarks.verdict_benchmark.rates import Outcome, Share
from benchmarks.verdict_benchmark.rules import RULES, Rule, decide_as_the_app
from benchmarks.verdict_benchmark.trials import EFFECTS, Plan, Trial, draw_comparisons, judge
from tlvsft.errors import InvalidInput
from tlvsft.evaluation.statistics import PairedDifference, mcnemar, two_way_bootstrap

SMALL = Plan(aa=60, equal=40, ab=30, as_they_are=10)


@pytest.fixture(scope="module")
def bank() -> Bank:
    """Runs that nobody trained: hard and easy examples, lucky and unlucky seeds that both methods share, and chance."""
    rng = np.random.default_rng(0)
    hardness, luck = rng.normal(size=400) * 0.8, rng.normal(size=(30, 1)) * 0.1
    skill = {10: 0.9, 20: 1.25, 50: 1.6}
    return Bank(
        {
            cell: skill[cell.labels] + luck + hardness + rng.normal(size=(30, 400)) * 0.5
            > 0.05 * (cell.method == "full")
            for cell in CELLS
        }
    )


def quick_rule(left: np.ndarray, right: np.ndarray) -> PairedDifference:
    """The app's, with fewer resamples."""
    return mcnemar(left[0], right[0]) if len(left) == 1 else two_way_bootstrap(left, right, resamples=500)


def outcome_of(bank: Bank, rule: Rule) -> Outcome:
    return Outcome(judge(draw_comparisons(bank, SMALL), rule))


class TestPopulations:
    def test_the_sides_of_an_a_a_comparison_share_no_run(self) -> None:
        """Each run of this bank answers with its own number in binary."""
        runs = np.array([[bool(seed >> bit & 1) for bit in range(5)] for seed in range(30)])
        pair = same_method(Bank({CELLS[0]: runs}), 10, np.random.default_rng(1))
        seen = {tuple(row) for row in np.concatenate([pair.left, pair.right])}
        assert (len(seen), pair.truth) == (20, 0.0)

    def test_two_methods_differ_by_their_means_over_the_bank(self, bank: Bank) -> None:
        pair = two_methods(bank, bank.seeds, np.random.default_rng(2))
        assert pair.right.mean() - pair.left.mean() == pytest.approx(pair.truth, abs=1e-12)
        assert pair.truth != 0

    @pytest.mark.parametrize("effect", [0.0, 0.01, -0.01, 0.02, 0.04, -0.04, 0.08, -0.08])
    def test_a_mixture_has_the_stated_effect_over_the_whole_bank(self, bank: Bank, effect: float) -> None:
        """Drawn with all seeds a pair is its population, and its difference the true one."""
        pair = mixture(bank, effect, bank.seeds, np.random.default_rng(3))
        assert pair.right.mean() - pair.left.mean() == pytest.approx(pair.truth, abs=1e-12)
        assert pair.truth == pytest.approx(effect, abs=1 / bank.examples)

    def test_a_mixture_is_made_of_answers_of_real_runs(self, bank: Bank) -> None:
        pair = mixture(bank, 0.04, bank.seeds, np.random.default_rng(4))
        sources = [np.sort(rows, axis=0) for rows in bank.correct.values()]  # columns are examples, whatever the seeds
        mixed = np.sort(pair.right, axis=0)
        assert all(any((mixed[:, at] == rows[:, at]).all() for rows in sources) for at in range(bank.examples))

    def test_an_effect_that_no_cells_are_apart_by_is_refused(self, bank: Bank) -> None:
        with pytest.raises(ValueError, match="No mixture"):
            mixture(bank, 0.9, 1, np.random.default_rng(5))

    @pytest.mark.parametrize("effect", [0.0, 0.02, -0.02, 0.08])
    def test_a_levelled_pair_differs_by_the_effect_on_what_remains(self, bank: Bank, effect: float) -> None:
        rng = np.random.default_rng(6)
        pair = mixture(bank, effect, 1, rng)
        levelled = level(pair, effect, rng)
        assert levelled is not None
        kept = levelled.left.shape[1]
        assert 0.8 * bank.examples < kept <= bank.examples
        assert levelled.right.mean() - levelled.left.mean() == pytest.approx(levelled.truth, abs=1e-12)
        assert levelled.truth == pytest.approx(effect, abs=1 / kept)

    def test_a_pair_without_examples_to_leave_out_cannot_be_levelled(self, bank: Bank) -> None:
        pair = same_method(bank, 1, np.random.default_rng(7))
        assert level(pair, 0.9, np.random.default_rng(7)) is None

    def test_turning_a_pair_turns_its_difference(self, bank: Bank) -> None:
        pair = own_difference(two_methods(bank, 1, np.random.default_rng(8)))
        assert pair.turned().truth == -pair.truth == pytest.approx(pair.left.mean() - pair.right.mean())


class TestShare:
    @pytest.mark.parametrize(("count", "of"), [(0, 10), (10, 10), (3, 200), (17, 400)])
    def test_the_interval_is_that_of_clopper_and_pearson(self, count: int, of: int) -> None:
        expected = binomtest(count, of).proportion_ci(0.95, method="exact")
        assert Share(count, of).ci95 == pytest.approx((expected.low, expected.high))

    def test_in_words(self) -> None:
        assert str(Share(0, 10)) == "0.0 % (0.0 to 30.8)"


class TestRules:
    def test_the_same_comparisons_are_drawn_every_time(self, bank: Bank) -> None:
        plan = Plan(aa=3, equal=2, ab=1, as_they_are=1)
        once, again = draw_comparisons(bank, plan, sizes=(1, 2)), draw_comparisons(bank, plan, sizes=(1, 2))
        assert len(once) == 2 * (3 + 2 + len(EFFECTS) + 1) + 3
        assert all(
            (one.left == other.left).all() and one.truth == other.truth for one, other in zip(once, again, strict=True)
        )

    def test_the_rule_of_the_app_is_the_one_under_test(self) -> None:
        left, right = np.ones((3, 20), bool), np.zeros((3, 20), bool)
        assert decide_as_the_app(left[:1], right[:1]) == mcnemar(left[0], right[0])
        assert decide_as_the_app(left, right) == two_way_bootstrap(left, right)

    def test_the_rule_of_the_app_keeps_its_promise(self, bank: Bank) -> None:
        checks = run_checks(outcome_of(bank, quick_rule))
        assert [check.name for check in checks if not check.holds] == []

    @pytest.mark.parametrize(
        ("name", "fails_at"),
        [
            ("always a tie", "power at 8 points"),
            ("the larger mean wins", "false verdicts, A/A: at most 5 %"),
            ("McNemar pooled over seeds", "false verdicts, A/A: at most 5 %"),
        ],
    )
    def test_a_rule_that_is_of_no_use_or_too_eager_fails(self, bank: Bank, name: str, fails_at: str) -> None:
        checks = run_checks(outcome_of(bank, RULES[name]))
        assert not all_hold(checks)
        assert any(check.name.startswith(fails_at) and not check.holds for check in checks)

    @pytest.mark.parametrize(
        ("winner", "truth", "is_wrong"), [("right", 0.1, False), ("left", 0.1, True), ("tie", 0.1, False)]
    )
    def test_a_winner_on_the_other_side_is_wrong(self, winner: str, truth: float, is_wrong: bool) -> None:
        trial = Trial(kind="A/B", seeds=3, effect=0.1, truth=truth, winner=winner, covers=True)  # type: ignore[arg-type]
        assert trial.is_wrong == is_wrong
        assert Outcome([trial]).power(0.1).count == (winner == "right")


class TestBank:
    @pytest.fixture
    def trained(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Cell, int]]:
        """What was trained: here every run is right on the examples whose number its seed divides."""
        heard: list[tuple[Cell, int]] = []

        def train(cell: Cell, seed: int, data: object) -> np.ndarray:
            heard.append((cell, seed))
            return np.arange(1_198) % (seed + 2) == 0

        monkeypatch.setattr(banking, "train_once", train)
        return heard

    def test_finished_runs_are_kept(self, tmp_path: Path, trained: list[tuple[Cell, int]]) -> None:
        told: list[str] = []
        first = banking.fill_bank(tmp_path, seeds=1, say=told.append)
        assert len(trained) == len(CELLS)
        second = banking.fill_bank(tmp_path, seeds=2, say=told.append)
        assert trained[len(CELLS) :] == [(cell, 1) for cell in CELLS]
        assert "Runs to train: 6; kept from before: 6." in told
        assert (first.correct[CELLS[0]][0] == second.correct[CELLS[0]][0]).all()
        assert second.correct[CELLS[0]][1].sum() == -(-second.examples // 3)

    @pytest.mark.usefixtures("trained")
    def test_a_damaged_file_is_refused(self, tmp_path: Path) -> None:
        banking.fill_bank(tmp_path, seeds=1, say=lambda _: None)
        next(tmp_path.rglob("*.npy")).write_bytes(b"nothing")
        with pytest.raises(InvalidInput, match="damaged: delete it"):
            banking.fill_bank(tmp_path, seeds=1, say=lambda _: None)

    def test_candidates_and_population_share_no_example(self) -> None:
        data = banking.population_data()
        assert (len(data.train), len(data.test)) == (599, 1_198)
        seen = {image.tobytes() for image in data.train.inputs}  # type: ignore[union-attr]
        assert sum(image.tobytes() in seen for image in data.test.inputs) <= 5  # type: ignore[union-attr]

    def test_cells_of_other_sizes_are_refused(self) -> None:
        with pytest.raises(ValueError, match="same seeds and examples"):
            Bank({CELLS[0]: np.ones((2, 3), bool), CELLS[1]: np.ones((3, 3), bool)})


class TestCommand:
    @pytest.fixture
    def run(self, bank: Bank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
        monkeypatch.setattr(command, "fill_bank", lambda *_, **__: bank)
        monkeypatch.setattr(command, "Plan", lambda: SMALL)
        return lambda *more: command.main(["--json", str(tmp_path / "verdict.json"), *more])

    @pytest.mark.parametrize(("name", "status"), [("app", 0), ("always a tie", 1), ("McNemar pooled over seeds", 1)])
    def test_the_exit_status_says_whether_the_promise_is_kept(
        self, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, name: str, status: int
    ) -> None:
        monkeypatch.setattr(command, "RULES", {"app": quick_rule if name == "app" else RULES[name]})
        assert run() == status
        document = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))
        assert (document["holds"], document["aa_comparisons"], document["ab_comparisons"]) == (status == 0, 300, 600)
        assert {entry["effect"] for entry in document["power"]} == set(EFFECTS)

    def test_the_tables_are_printed(
        self, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(command, "RULES", {"app": RULES["always a tie"]})
        run()
        text = capsys.readouterr().out
        assert "One seed, read as if it were about the methods" in text
        run("--markdown")
        assert "| check | found | holds |" in capsys.readouterr().out

    def test_too_few_seeds_are_refused(self, run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
        assert run("--seeds", "5") == 2
        assert "--seeds must be 20 or more" in capsys.readouterr().err


def test_the_committed_results_keep_the_promise() -> None:
    document = json.loads(command.RESULTS.read_text(encoding="utf-8"))
    assert document["holds"]
    assert min(document["aa_comparisons"], document["ab_comparisons"]) >= 200
    assert document["false_verdict_rate"] <= 0.05
    table = (command.RESULTS.parents[1] / "README.md").read_text(encoding="utf-8")
    assert f"| false verdicts, A/A: at most 5 % | {100 * document['false_verdict_rate']:.1f} % " in table
