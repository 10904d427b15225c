/** The hall's big screen. The server says what to show (services/meetings/boards.py); here it is drawn, and patched when it changes. */

import "./screen.css";
import type { Board, Gone, View } from "./board";
import { day, setClock } from "./clock";
import { CodeView } from "./code";
import { el, mark, say, show } from "./dom";
import { follow } from "./line";
import type { Part } from "./parts";
import { ReporterView } from "./reporter";
import { ResultView } from "./result";
import { VotingView } from "./voting";
import { WaitingView } from "./waiting";

const LONG_TITLE = 40;
const address = document.body.dataset["address"];
if (address) start(address);

function start(address: string): void {
  const views: Record<View, Part> = {
    code: new CodeView(address),
    reporter: new ReporterView(address),
    voting: new VotingView(address),
    waiting: new WaitingView(),
    result: new ResultView(),
  };
  const parts = Object.values(views);
  const title = el("h1");
  const date = el("p.date");
  const lost = el("p.lost", "正在重新连接……");
  const connecting = el("main.message", el("h1", "正在连接……"));
  const header = el("header", title, date);
  const footer = el("footer", el("p", "支评 · 投诉建议：在公众号回复「投诉建议」"), lost);
  parts.forEach((part) => show(part.element, false));
  [header, lost].forEach((part) => show(part, false));
  lost.role = "status";
  document.body.append(header, connecting, ...parts.map((part) => part.element), footer);
  let seen: Part | null = null;

  follow(`${address}/events`, {
    board(board: Board): void {
      say(title, board.title);
      mark(title, "long", board.title.length > LONG_TITLE);
      document.title = board.title;
      say(date, day(board.starts_at));
      show(header, true);
      show(connecting, false);
      seen = views[board.view];
      parts.forEach((part) => show(part.element, part === seen));
      seen.update(board);
    },
    gone(gone: Gone): void {
      document.body.replaceChildren(el("main.message", el("h1", gone.title), el("p", gone.say)));
    },
    beat: setClock,
    lost: (isLost) => show(lost, isLost),
  });
  setInterval(() => seen?.tick?.(), 1000);
}
