/** The published result: a bar a reporter, in file order. What is hidden, what could not be counted and what it is not, stands below. */

import type { Board, Result, Row } from "./board";
import { el, say, show } from "./dom";
import type { Part } from "./parts";
import { ScoreTable, type Line } from "./table";

export const NOT_A_GRADE = "现场测评得分不是评价等次。等次须结合平时了解、督促检查和领导点评，由组织研究确定。";
const MOST_ROWS = 10;
const MOST_CLASSES = 4;
const PAGE_S = 12;

export class ResultView implements Part {
  private readonly table = new ScoreTable("result-table");
  private readonly turnout = el("p.turnout-line");
  private readonly pages = el("p.pages");
  private readonly hidden = el("p");
  private readonly empty = el("p", "「不能计分」：有类别没有一张有效票，按规定不把它的权重分给其他类别。");
  readonly element = el(
    "section.view.result-view",
    el("div.top", el("h2", "现场测评得分"), this.turnout, this.pages),
    this.table.element,
    el("div.notes", this.hidden, this.empty, el("p.grade", NOT_A_GRADE)),
  );
  private result: Result | null = null;
  private seconds = 0;

  update(board: Board): void {
    this.result = board.result;
    const { voted, present, entitled } = board.turnout;
    say(this.turnout, `应到 ${entitled} 人，签到 ${present} 人，投票 ${voted ?? 0} 人`);
    this.draw();
  }

  tick(): void {
    this.seconds += 1;
    if (this.seconds % PAGE_S === 0) this.draw();
  }

  private draw(): void {
    if (this.result === null) return;
    const { rows, classes, hidden, top } = this.result;
    // On a page that scrolls everything stands below each other.
    const pages = matchMedia("(max-width: 800px)").matches ? 1 : Math.ceil(rows.length / MOST_ROWS);
    const size = Math.ceil(rows.length / pages);
    const page = Math.floor(this.seconds / PAGE_S) % pages;
    const named = classes.length <= MOST_CLASSES ? classes : [];
    const lines = rows.slice(page * size, (page + 1) * size).map((row) => lineOf(row, named));
    this.table.update(["述职人", "得分", ...named], lines, Number(top));
    show(this.pages, pages > 1);
    say(this.pages, `第 ${page + 1}/${pages} 页`);
    show(this.hidden, hidden.length > 0);
    say(this.hidden, hiddenText(hidden));
    show(this.empty, rows.some((row) => row.score === null));
  }
}

/** What is said about classes that are hidden. */
export function hiddenText(hidden: string[]): string {
  return `${hidden.join("、")}：人数少，不单独公布（已按权重计入得分）。`;
}

function lineOf(row: Row, classes: string[]): Line {
  const cells = classes.map((name) => row.classes[name]?.score ?? "无有效票");
  const below = classes.map((name, place) => `${name} ${cells[place]}`).join(" ");
  return { label: row.name, value: row.score === null ? null : Number(row.score), text: row.score ?? "不能计分", below, cells };
}
