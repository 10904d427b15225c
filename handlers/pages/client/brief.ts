/** The leaders' summary. Everything comes as text from the server (handlers/pages/briefs.py); what is tapped shows how it came about. */

import "./page.css";
import "./brief.css";
import { el } from "./dom";
import { folding, follow, moment, printing } from "./page";

interface Statement {
  title: string;
  say: string;
  means: string;
  who: string;
  why: string[];
}

interface Reporter {
  name: string;
  organisation: string;
  mode: string;
  score: string | null;
  ratio: number | null;
  missing: string;
  grade: string | null;
  why: string[];
}

interface Brief {
  title: string;
  starts_at: string;
  final: boolean;
  statements: Statement[];
  reporters: Reporter[];
  notes: string[];
}

follow<Brief>("小结", draw);

function draw(address: string, brief: Brief): void {
  document.title = `${brief.title} · 测评小结`;
  const state = brief.final ? "测评小结" : "测评小结 · 投票未结束";
  const header = el("header", el("div.inner", el("p", `${state} · ${moment(brief.starts_at)}`), el("h1", brief.title)));
  const order = el("p.soft", "按述职顺序排列，不是名次。", brief.final ? "点一位，看得分怎么来。" : "");
  const scores = el("section.scores", el("h2", brief.final ? "现场测评得分" : "述职人"), order, ...brief.reporters.map(reporter));
  const notes = el("section.notes", ...brief.notes.map((note) => el("p", `注：${note}`)));
  const main = el("main", el("div.statements", ...brief.statements.map(statement)), scores, notes);
  document.body.replaceChildren(header, main, foot(address));
}

function statement(one: Statement): HTMLElement {
  const summary = el("summary", el("h2", one.title), el("p.say", one.say), el("p.means", one.means), el("p.who", el("b", "谁来办"), one.who));
  return el("section", folding(summary, one.why));
}

function reporter(one: Reporter): HTMLElement {
  const grade = one.grade ? ` · 组织定：${one.grade}` : "";
  const name = el("div.name", el("b", one.name), el("small", `${one.organisation} · ${one.mode}${grade}`));
  const head = el("div.head", name, el("strong", one.score ?? ""));
  if (one.ratio === null) return one.missing ? folding(el("summary", head, el("p.soft", `没有得分：${one.missing}`)), one.why) : el("div.plain", head);
  const score = el("i");
  score.style.width = `${one.ratio * 100}%`;
  return folding(el("summary", head, el("div.bar", score)), one.why);
}

function foot(address: string): HTMLElement {
  const picture = document.createElement("a");
  picture.href = `${address}/picture.png`;
  picture.textContent = "看图片（可长按保存）";
  return el("footer", el("p.actions", picture, printing()), el("p", "支评 · 有意见：在公众号回复「投诉建议」"));
}
