/** One reporter, whom the host chose: while reporting, and after publication with the scores. */

import type { Board, Row } from "./board";
import { el, mark, say, show } from "./dom";
import { Code, type Part } from "./parts";
import { hiddenText, NOT_A_GRADE } from "./result";
import { ScoreTable, type Line } from "./table";

export class ReporterView implements Part {
  private readonly code: Code;
  private readonly place = el("p.place");
  private readonly name = el("h2.name");
  private readonly organisation = el("p.organisation");
  private readonly next = el("p.next");
  private readonly score = el("p.big-score");
  private readonly table = new ScoreTable("class-table");
  private readonly hidden = el("p");
  private readonly notes = el("div.notes", this.hidden, el("p.grade", NOT_A_GRADE));
  private readonly late: HTMLElement;
  readonly element: HTMLElement;

  constructor(address: string) {
    this.code = new Code(address);
    this.late = el("aside.late", this.code.element, el("p", "还没签到的，请扫码"));
    const who = el("div.who", this.place, this.name, this.organisation, this.score, this.next);
    this.element = el("section.view.reporter-view", el("div.main", who, this.table.element), this.late, this.notes);
  }

  update(board: Board): void {
    const place = board.speaker ?? 0;
    const reporter = board.reporters[place];
    if (reporter === undefined) return;
    const row = board.result?.rows[place];
    const after = board.reporters[place + 1];
    const isReporting = board.phase === "draft" || board.phase === "open";
    say(this.place, `${isReporting ? `${reporter.mode}述职 · ` : ""}第 ${place + 1} 位，共 ${board.reporters.length} 位`);
    say(this.name, reporter.name);
    mark(this.name, "long", reporter.name.length > 6);
    say(this.organisation, reporter.organisation);
    show(this.next, isReporting && after !== undefined);
    say(this.next, `下一位：${after?.name ?? ""}`);
    show(this.late, isReporting);
    mark(this.element, "scored", row !== undefined);
    this.code.update(board.code);
    this.showScores(board, row);
  }

  private showScores(board: Board, row: Row | undefined): void {
    const result = board.result;
    const isThere = row !== undefined && result !== null;
    for (const part of [this.score, this.table.element, this.notes]) show(part, isThere);
    if (!isThere) return;
    say(this.score, row.score === null ? "不能计分：有类别没有有效票" : `${row.score} 分`);
    mark(this.score, "none", row.score === null);
    const lines: Line[] = [
      ...result.classes.map((name) => classLine(name, row)),
      ...result.hidden.map((name) => ({ label: name, value: null, text: "不单独公布", below: "", cells: [""] })),
    ];
    this.table.update(["类别", "得分", "票数"], lines, Number(result.top));
    show(this.hidden, result.hidden.length > 0);
    say(this.hidden, hiddenText(result.hidden));
  }
}

function classLine(name: string, row: Row): Line {
  const found = row.classes[name];
  const abstained = found?.abstained ? `（弃权 ${found.abstained}）` : "";
  const value = found?.score ?? null;
  const ballots = `${found?.ballots ?? 0} 票${abstained}`;
  return { label: name, value: value === null ? null : Number(value), text: value ?? "无有效票", below: ballots, cells: [ballots] };
}
