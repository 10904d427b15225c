/** While voting: what to do, how long, how many have voted, in steps. */

import type { Board } from "./board";
import { countDown, moment, secondsUntil } from "./clock";
import { el, mark, say, show } from "./dom";
import { Code, Figure, type Part } from "./parts";

const DAY_S = 86_400;
const SOON_S = 60;

export class VotingView implements Part {
  private readonly code: Code;
  private readonly voted = new Figure("已投票");
  private readonly present = new Figure("已签到");
  private readonly entitled = new Figure("应到");
  private readonly bar = el("div.filled");
  private readonly step = el("p.note");
  private readonly left = el("strong");
  private readonly clock = el("div.clock", el("span.label", "距投票结束"), this.left);
  private readonly until = el("p.note");
  private closesAt: string | null = null;
  readonly element: HTMLElement;

  constructor(address: string) {
    this.code = new Code(address);
    const figures = el("div.figures", this.voted.element, this.present.element, this.entitled.element);
    const how = el("p.lead", "请在公众号回复 ", el("b.word", "投票"));
    const top = el("div.top", el("div", el("h2", "正在投票"), how), this.clock);
    const turnout = el("div.turnout", figures, el("div.bar", this.bar), this.step);
    const side = el("aside.late", this.code.element, el("p", "还没签到的，先扫码"));
    this.element = el("section.view.voting-view", el("div.main", top, turnout, this.until), side);
  }

  update(board: Board): void {
    const { voted, present, entitled, step } = board.turnout;
    this.code.update(board.code);
    this.voted.update(voted ?? 0);
    this.present.update(present);
    this.entitled.update(entitled);
    this.bar.style.width = `${present ? Math.min(100, (100 * (voted ?? 0)) / present) : 0}%`;
    show(this.step, step !== null);
    say(this.step, `已投票人数每满 ${step} 人更新一次，结束后显示准确人数。长条满格为已签到人数。`);
    this.closesAt = board.clock?.does === "close" ? board.clock.at : null;
    this.tick();
  }

  tick(): void {
    const seconds = this.closesAt === null ? 0 : secondsUntil(this.closesAt);
    const isNear = this.closesAt !== null && seconds <= DAY_S;
    show(this.clock, isNear);
    mark(this.clock, "soon", seconds <= SOON_S);
    say(this.left, countDown(seconds));
    show(this.until, !isNear);
    say(this.until, this.closesAt === null ? "投票由主持人宣布结束。" : `投票由主持人宣布结束，最迟 ${moment(this.closesAt)}。`);
  }
}
