"""Laws of the engine, for any flow and any messages: never stuck, always a way out, never an answer nobody gave."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.conversation import Again, Incoming, Media, Outcome, Turn, steps_of
from bot.replies import fit, render
from bot.turns import advance, ask_again, begin, go_back_to
from bot.words import BACK, CANCEL, HELP
from tests.unit.bot.flows import BALLOT, FORM

WORDS = st.sampled_from(
    [
        "1",
        "2",
        "3",
        "4",
        "5",
        "好",
        "较好",
        "差",
        "张三",
        "确认",
        "继续",
        "帮助",
        "上一步",
        "上一题",
        "投票",
        "任务",
        "p5",
        "0",
        "",
        "取",
    ]
)


class Talk(RuleBasedStateMachine):
    """One person who says, taps and sends anything, in any order."""

    @initialize(flow=st.sampled_from([FORM, BALLOT]), n=st.integers(0, 4))
    def start(self, flow, n: int) -> None:
        self.flow = flow
        self.turn = begin(flow, {"n": n}, "i0")
        self.shown: list[tuple[str, str]] = []
        self.finished = False

    def say(self, incoming: Incoming) -> None:
        before = self.turn.session
        again = advance(self.flow, before, incoming)
        assert again == advance(self.flow, before, incoming)
        self.follow(again)

    def follow(self, turn: Turn) -> None:
        self.finished = turn.outcome is Outcome.FINISH
        if turn.outcome is Outcome.INTERRUPTED:
            assert turn.session.answers == self.turn.session.answers
            turn = replace(self.turn, session=replace(self.turn.session, paused=True))
        if turn.outcome is Outcome.FINISH:
            wanted = [
                s.key
                for s in steps_of(self.flow, turn.session.context)
                if not (s.skip_if and s.skip_if({}, turn.answers))
            ]
            assert list(turn.answers) == wanted
            turn = ask_again(self.flow, turn.session)
        if turn.outcome is Outcome.CANCELLED:
            turn = begin(self.flow, self.turn.session.context, "i0")
        assert turn.outcome is Outcome.ASK
        self.turn = turn
        self.shown += [(o.label, o.menu_id) for o in (*turn.options, *turn.hints)]

    @rule(text=WORDS | st.text(max_size=12), known=st.booleans())
    def type(self, text: str, known: bool) -> None:
        self.say(Incoming(text, known=known))

    @rule(pick=st.integers(0))
    def tap_anything_ever_shown(self, pick: int) -> None:
        shown = self.shown or [(o.label, o.menu_id) for o in self.turn.options] or [("好", "f.x.i0.0.0")]
        label, menu_id = shown[pick % len(shown)]
        before, present = self.turn.session, self.turn.hints[0].menu_id.rpartition(".")[0]
        self.say(Incoming(label, menu_id))
        if menu_id.rpartition(".")[0] != present:
            assert self.turn.session == replace(before, paused=False)

    def position(self, session) -> int:
        return [s.key for s in steps_of(self.flow, session.context)].index(session.at)

    @rule(kind=st.sampled_from(["image", "voice"]), known=st.booleans())
    def send(self, kind: str, known: bool) -> None:
        self.say(Incoming(media=Media(kind, "m"), known=known))

    @precondition(lambda self: self.finished)
    @rule(pick=st.integers(0))
    def again(self, pick: int) -> None:
        """`done` sends back to any step that was answered."""
        steps = [*self.turn.session.answers, self.turn.session.at]
        self.follow(go_back_to(self.flow, self.turn.session, Again(steps[pick % len(steps)], "再来")))

    @invariant()
    def every_state_offers_a_way_out(self) -> None:
        labels = [o.label for o in (*self.turn.options, *self.turn.hints)]
        position = self.position(self.turn.session)
        assert CANCEL in labels
        assert HELP in labels
        assert BACK in labels or position == 0
        assert advance(self.flow, self.turn.session, Incoming(CANCEL)).outcome is Outcome.CANCELLED
        assert advance(self.flow, self.turn.session, Incoming(HELP)).session == replace(self.turn.session, paused=False)

    @invariant()
    def it_can_be_shown(self) -> None:
        assert fit(render(self.turn.text, self.turn.options, self.turn.hints))[0]

    def teardown(self) -> None:
        """From wherever it stands, plain answers lead to the end."""
        if not hasattr(self, "turn"):
            return
        turn = ask_again(self.flow, self.turn.session)
        for _ in range(12):
            plain = {"photo": Incoming(media=Media("image", "m")), "confirm": Incoming("确认")}
            wish = plain.get(turn.session.at) or Incoming("1" if turn.options else "张三")
            turn = advance(self.flow, turn.session, wish)
            if turn.outcome is Outcome.FINISH:
                return
        raise AssertionError("stuck")


Talk.TestCase.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
TestTalk = Talk.TestCase
