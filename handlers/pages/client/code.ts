/** Before the voting: the check-in code, how to scan it, who is here. */

import type { Board } from "./board";
import { moment } from "./clock";
import { el, say, show } from "./dom";
import { Code, Figure, type Part } from "./parts";

const STEPS = ["打开微信，点「扫一扫」", "扫屏幕上的签到码", "首次使用：回复姓名、绑定码", "看到「签到成功」就好了"];

export class CodeView implements Part {
  private readonly code: Code;
  private readonly present = new Figure("已签到");
  private readonly entitled = new Figure("应到");
  private readonly clock = el("p.note");
  readonly element: HTMLElement;

  constructor(address: string) {
    this.code = new Code(address);
    const steps = el("ol.steps", ...STEPS.map((step) => el("li", step)));
    const figures = el("div.figures", this.present.element, this.entitled.element);
    this.element = el("section.view.code-view", this.code.element, el("div.how", el("h2", "扫码签到"), steps, figures, this.clock));
  }

  update(board: Board): void {
    this.code.update(board.code);
    this.present.update(board.turnout.present);
    this.entitled.update(board.turnout.entitled);
    show(this.clock, board.clock?.does === "open");
    if (board.clock?.does === "open") say(this.clock, `投票 ${moment(board.clock.at)} 自动开始`);
  }
}
