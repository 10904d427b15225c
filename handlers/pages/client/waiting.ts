/** After the close, where the host publishes: counted, and waiting. */

import type { Board } from "./board";
import { el } from "./dom";
import { Figure, type Part } from "./parts";

export class WaitingView implements Part {
  private readonly voted = new Figure("已投票");
  private readonly present = new Figure("已签到");
  private readonly entitled = new Figure("应到");
  readonly element = el(
    "section.view.waiting-view",
    el("h2.huge", "投票已结束"),
    el("p.lead", "计票已经完成。主持人公布后，结果显示在这里。"),
    el("div.figures", this.voted.element, this.present.element, this.entitled.element),
  );

  update(board: Board): void {
    this.voted.update(board.turnout.voted ?? 0);
    this.present.update(board.turnout.present);
    this.entitled.update(board.turnout.entitled);
  }
}
