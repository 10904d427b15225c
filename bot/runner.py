"""Carries a flow through: load, question after question, done. What `bot.conversation` decides, this does."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.conversation import (
    Again,
    Answers,
    Caller,
    Choice,
    Context,
    Flow,
    Incoming,
    Option,
    Outcome,
    Page,
    Said,
    Session,
    Start,
    Turn,
    about_of,
    flow_key,
)
from bot.inbox import Place
from bot.replies import word_options
from bot.sessions import Desk, Drafts, Entry, Sessions, entry_for
from bot.turns import advance, ask_again, begin, go_back_to, repeat_after
from bot.widths import room_of
from bot.words import CONTINUE, HELP
from config.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say, and the desk to keep. `text` None says nothing.

    `is_rendered`: the text is the rest of one that was made ready to be shown, links and all.
    `realm`: of the secret flow that speaks or has just ended; then `late_text` is said instead when the reply window is missed.
    """

    desk: Desk
    text: str | None = field(default=None, repr=False)
    options: tuple[Option, ...] = field(default=(), repr=False)
    hints: tuple[Option, ...] = ()
    realm: str = ""
    late_text: str = ""
    page: Page | None = None
    is_rendered: bool = False

    @property
    def is_question(self) -> bool:
        """Whether a flow asks, so that its session must stand where the person sees it."""
        return any(option.menu_id.startswith("f.") for option in (*self.options, *self.hints))


@dataclass(frozen=True, slots=True)
class Visit:
    """One message of one person: who, where it is kept, the desk as it was found."""

    rt: Any
    caller: Caller
    place: Place
    desk: Desk
    sent_at: int = 0


class Runner:
    """Runs the flows it is given, by name: after a restart, or in another process, a session must find its flow again."""

    def __init__(self, flows: Mapping[str, Flow], sessions: Sessions, drafts: Drafts) -> None:
        self.flows = dict(flows)
        self._sessions = sessions
        self._drafts = drafts

    async def start(self, visit: Visit, start: Start, preface: str = "") -> Answer:
        """Begin a flow, or go on where it is under way already, or from its draft."""
        if self.flows.get(start.flow.name) is not start.flow:
            raise LookupError(f"flow {start.flow.name} is not in the table")
        entry = next((e for e in visit.desk.stack if e.key == flow_key(start.flow.name, start.args)), None)
        if entry is not None and not _is_untouched(entry):
            return await self.resume(visit, entry, preface)
        desk = visit.desk
        # Of this flow, and nothing was answered yet: nothing is lost, and the world is read anew.
        for other in desk.stack:
            if other.flow == start.flow.name and _is_untouched(other):
                desk = desk.without(other.instance)
        instance = entry.instance if entry is not None else secrets.token_hex(4)
        return await self._begin(replace(visit, desk=desk), start, instance, preface)

    async def resume(self, visit: Visit, entry: Entry, preface: str = "") -> Answer:
        """Ask the present question of a flow on the desk again; it becomes the topmost."""
        opened = await self._open(visit, entry)
        if isinstance(opened, Answer):
            return opened
        flow, session = opened
        return await self._do(visit, flow, session, ask_again(flow, session, preface))

    async def go_on(self, visit: Visit, entry: Entry, incoming: Incoming) -> Answer | None:
        """Give a message to a flow on the desk. None: the routes shall answer it, the flow waits."""
        opened = await self._open(visit, entry)
        if isinstance(opened, Answer):
            return opened
        flow, session = opened
        turn = advance(flow, session, incoming)
        if turn.gathered and flow.gather is not None:
            await flow.gather.keep(visit.rt, visit.caller, incoming)
        return None if turn.outcome is Outcome.INTERRUPTED else await self._do(visit, flow, session, turn)

    async def resume_draft(self, visit: Visit) -> Answer | None:
        """For 继续 with an empty desk: the newest draft whose flow still begins; where none does, what the newest one says to it."""
        said_first = None
        for draft in await self._drafts.list(visit.place.person):
            flow = self.flows.get(draft["flow"])
            if flow is None or not _has_draft(flow):
                continue
            answer = await self._start_or_say(visit, Start(flow, draft["args"]))
            if answer.is_question:
                return answer
            said_first = said_first or answer
        return said_first

    async def _start_or_say(self, visit: Visit, start: Start) -> Answer:
        try:
            return await self.start(visit, start)
        except Refusal as refusal:
            return said(visit.desk, Said(refusal.say))

    async def _open(self, visit: Visit, entry: Entry) -> tuple[Flow, Session] | Answer:
        """The flow and session of an entry; or what to say where they are gone or outdated."""
        flow = self.flows.get(entry.flow)
        session = await self._sessions.fetch(visit.place, entry)
        if flow is None or session is None:
            return self.tell_lost(replace(visit.desk, lost=(entry.flow,)).without(entry.instance))
        if session.version != flow.version:
            return await self._restart(visit, flow, session)
        return flow, session

    async def _begin(self, visit: Visit, start: Start, instance: str, preface: str) -> Answer:
        """Load the context, then the first question. `Refusal` of `load` goes through to the dispatcher."""
        flow, loaded = start.flow, await self._load(visit, start)
        if isinstance(loaded, Said):
            return said(visit.desk, loaded, preface)
        context = json.loads(json.dumps(loaded))  # the first turn shall see the same shapes as the later ones
        if flow.secret and not await self._sessions.is_open(context["realm"]):
            return said(visit.desk, Said(f"「{flow.name}」现在不能办理，可能已经结束。"), preface)
        draft = await self._draft(visit, flow, start.args)
        note = f"继续上次没有办完的「{flow.name}」：" if draft else ""
        if draft and not _is_about_the_same(flow, context, draft["answers"]):
            await self._drafts.drop(visit.place.person, flow_key(flow.name, start.args))
            draft, note = {}, f"上次没有办完的「{flow.name}」，情况已经有变化，请重新开始："
        answers, instance = draft.get("answers", {}), draft.get("instance", instance)
        turn = begin(flow, context, instance, start.args, answers, "\n".join(filter(None, (preface, note))))
        return await self._do(visit, flow, None, turn)

    async def _load(self, visit: Visit, start: Start) -> Context | Said:
        """The context of the flow. Who is refused for good keeps no draft, or 继续 would lead nowhere else."""
        try:
            return await start.flow.load(visit.rt, replace(visit.caller, args=dict(start.args)))
        except Refusal as refusal:
            if refusal.is_final and _has_draft(start.flow):
                await self._drafts.drop(visit.place.person, flow_key(start.flow.name, start.args))
            raise

    async def _restart(self, visit: Visit, flow: Flow, session: Session) -> Answer:
        desk = visit.desk.without(session.instance)
        await self._drop_draft(visit, flow, session)
        preface = f"「{flow.name}」的内容更新过了，请从头再来一次："
        return await self._begin(replace(visit, desk=desk), Start(flow, session.args), secrets.token_hex(4), preface)

    async def _do(self, visit: Visit, flow: Flow, before: Session | None, turn: Turn) -> Answer:
        """Carry out what the turn says."""
        if turn.outcome is Outcome.CANCELLED and before is not None:
            await self._drop_draft(visit, flow, before)
            return self._ended(visit, flow, before, Said(turn.text))
        if turn.outcome is Outcome.OUTDATED and before is not None:
            return await self._restart(visit, flow, before)
        if turn.outcome is Outcome.FINISH and turn.session is not None:
            return await self._finish(visit, flow, turn.session, turn)
        return await self._asked(visit, flow, before, turn)

    async def _asked(self, visit: Visit, flow: Flow, before: Session | None, turn: Turn) -> Answer:
        session = turn.session
        assert session is not None
        if session.answers and (before is None or before.answers != session.answers) and _has_draft(flow):
            draft = {
                "flow": flow.name,
                "args": dict(session.args),
                "version": flow.version,
                "instance": session.instance,
                "answers": {**session.answers, **about_of(flow, session.context, session.answers)},
            }
            await self._drafts.save(visit.place.person, session.key, draft)
        is_same = before is not None and before.at == session.at
        since = session.since if is_same else visit.desk.rev + 1
        session = replace(session, asked_at=max(session.asked_at, visit.sent_at), since=since)
        if flow.secret:
            session = replace(session, room=room_of(flow, session))
        entry = entry_for(flow, session, visit.caller.at)
        late_text = (flow.late_text or f"请回复 {flow.start_word} 继续。") if flow.secret else ""
        desk = replace(visit.desk.put(entry), offered=(), labels=())
        return Answer(desk, turn.text, turn.options, turn.hints, entry.realm, late_text)

    async def _finish(self, visit: Visit, flow: Flow, session: Session, turn: Turn) -> Answer:
        """Call `done`, and end with what it refuses for good: then no answer is worth keeping."""
        try:
            return await self._call_done(visit, flow, session, turn)
        except Refusal as refusal:
            if not refusal.is_final:
                raise
            await self._drop_draft(visit, flow, session)
            return self._ended(visit, flow, session, Said(refusal.say))

    async def _call_done(self, visit: Visit, flow: Flow, session: Session, turn: Turn) -> Answer:
        """Whatever else it refuses, the answers stay, and the last question is asked again with the reason."""
        others = [e for e in visit.desk.stack if flow.sole and e.flow == flow.name and e.instance != session.instance]
        also = tuple(other.session.args for other in others if other.session)
        key = visit.caller.key if flow.secret else _key_of(visit.place, session, turn.answers)
        caller = replace(visit.caller, key=key, args=dict(session.args), also=also)
        try:
            result = await flow.done(visit.rt, caller, session.context, turn.answers)
        except Refusal as refusal:
            if refusal.is_final or not session.at:
                raise
            return await self._asked(visit, flow, None, repeat_after(flow, session, refusal.say))
        if isinstance(result, Again):
            return await self._asked(visit, flow, None, go_back_to(flow, session, result))
        await self._drop_draft(visit, flow, session)
        for other in others:
            visit = replace(visit, desk=visit.desk.without(other.instance))
        if isinstance(result, Start):
            # A next flow that refuses to begin takes nothing back.
            answer = await self._start_or_say(replace(visit, desk=visit.desk.without(session.instance)), result)
            return answer if answer.is_question else self.leave_waiting(answer)
        return self._ended(visit, flow, session, result)

    def _ended(self, visit: Visit, flow: Flow, session: Session, result: Said) -> Answer:
        answer = self.leave_waiting(said(visit.desk.without(session.instance), result))
        realm = str(session.context["realm"]) if flow.secret else ""
        return replace(
            answer, realm=realm, late_text=flow.late_text or f"请回复 {flow.start_word} 查看结果。" if realm else ""
        )

    def leave_waiting(self, answer: Answer) -> Answer:
        """Beside the answer to something else: which flow still waits for 继续."""
        waiting = answer.desk.top
        if waiting is None or answer.text is None:
            return answer
        text = f"{answer.text}\n\n「{waiting.flow}」还没有办完，回复 继续 接着办。"
        return replace(answer, desk=answer.desk.paused(), text=text, hints=(*answer.hints, Option(0, CONTINUE, "g")))

    def tell_lost(self, desk: Desk) -> Answer:
        """That progress is gone, and which words start again."""
        names = tuple(dict.fromkeys(desk.lost))
        text = "".join(f"「{name}」的进度已经清除（超过时限，或已经结束）。\n" for name in names)
        words = tuple(Choice(word, word) for word in dict.fromkeys(map(self._start_word, names)))
        return said(replace(desk, lost=()), Said(f"{text}如需重新开始，请回复：", words))

    def _start_word(self, name: str) -> str:
        return self.flows[name].start_word if name in self.flows else HELP

    async def _draft(self, visit: Visit, flow: Flow, args: Mapping[str, str]) -> Mapping[str, Any]:
        """The draft to go on from; empty where there is none, or only one of another version."""
        if not _has_draft(flow):
            return {}
        draft = await self._drafts.load(visit.place.person, flow_key(flow.name, args))
        return draft if draft is not None and draft["version"] == flow.version else {}

    async def _drop_draft(self, visit: Visit, flow: Flow, session: Session) -> None:
        if _has_draft(flow):
            await self._drafts.drop(visit.place.person, session.key)


def said(desk: Desk, result: Said, preface: str = "") -> Answer:
    """A `Said` as an answer: its choices are words, and a bare number chooses among them."""
    text = f"{preface}\n\n{result.text}" if preface else result.text
    offered = tuple(choice.value for choice in result.choices)
    labels = tuple(choice.label for choice in result.choices)
    return Answer(replace(desk, offered=offered, labels=labels), text, word_options(result.choices), page=result.page)


def _has_draft(flow: Flow) -> bool:
    return flow.keep_draft and not flow.secret


def _is_about_the_same(flow: Flow, context: Context, answers: Answers) -> bool:
    """Whether the world, as `context` tells it, still has what these answers were given about."""
    about = about_of(flow, context, answers)
    return all(answers.get(key) == value for key, value in about.items())


def _key_of(place: Place, session: Session, answers: Answers) -> str:
    """Names what is being done, however often it is tried: whoever heard nothing, because the process died after its commit, will
    say 确认 again in a message of its own. Other answers are another thing. Never of a secret flow: the key may be stored.
    """
    told = json.dumps([place.person, session.instance, answers], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _is_untouched(entry: Entry) -> bool:
    return entry.session is not None and not entry.session.answers
