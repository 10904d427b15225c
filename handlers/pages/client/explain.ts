/** One result and every step behind it. Everything comes as text from handlers/pages/results.py; printed, it fits one sheet of A4. */

import "./page.css";
import "./explain.css";
import { el } from "./dom";
import { folding, follow, moment, printing } from "./page";

interface Result {
  cycle: string;
  name: string;
  published_at: string | null;
  score: string | null;
  exact: string | null;
  band: string | null;
  awards: string[];
  flags: string[];
  refusals: string[];
  steps: { say: string; clause: string }[];
  near: string[];
  readings: string[];
  decisions: string[];
  uses: string[];
  source: string[];
  others: { name: string; address: string }[];
}

follow<Result>("结果说明", draw);

function draw(_address: string, result: Result): void {
  document.title = `${result.name} · 结果说明`;
  const state = result.published_at ? `${moment(result.published_at)} 公布` : "尚未公布，仅供内部核对";
  const header = el("header", el("div.inner", el("p", `${result.cycle} · 结果说明`), el("h1", result.name), el("p", state)));
  const main = el("main", ...others(result), verdict(result));
  if (result.near.length) main.append(listed("离下一档多远", result.near, ".near"));
  if (result.steps.length) main.append(steps(result.steps));
  if (result.decisions.length) main.append(listed("由谁决定的", result.decisions));
  if (result.readings.length) main.append(folded("文件没有写清的，这里怎样理解", result.readings));
  if (result.uses.length) main.append(folded("考核结果怎样运用", result.uses));
  document.body.replaceChildren(header, main, foot(result));
}

function others(result: Result): HTMLElement[] {
  if (!result.others.length) return [];
  return [el("nav", "也看：", ...result.others.map(link))];
}

function link(one: { name: string; address: string }): HTMLElement {
  const to = document.createElement("a");
  to.href = one.address;
  to.textContent = one.name;
  return to;
}

function verdict(result: Result): HTMLElement {
  const flags = result.flags.length ? [el("ul.flags", ...result.flags.map((one) => el("li", one)))] : [];
  if (result.refusals.length) return el("section.verdict", el("h2", "没有评定"), el("ul.flags", ...result.refusals.map((one) => el("li", one))));
  const score = result.score ? [el("p.score", el("strong", result.score), "分")] : [];
  const band = el("p.band", result.band ?? "没有定档");
  const awards = result.awards.map((one) => el("p.award", one));
  return el("section.verdict", el("div.top", ...score, band, ...awards), ...flags);
}

function steps(all: { say: string; clause: string }[]): HTMLElement {
  const lines = all.map((one) => el("li", el("p", one.say), el("small", one.clause)));
  return el("section.steps", el("h2", "怎么算的"), el("ol", ...lines));
}

function listed(title: string, lines: string[], kind = ""): HTMLElement {
  return el(`section${kind}`, el("h2", title), el("ul.lines", ...lines.map((one) => el("li", one))));
}

function folded(title: string, lines: string[]): HTMLElement {
  return el("section.folded", folding(el("summary", el("h2", title)), lines, "展开"));
}

function foot(result: Result): HTMLElement {
  const source = result.source.map((one) => el("p.source", one));
  return el("footer", el("p.actions", printing()), ...source, el("p", "支评 · 有异议：公示期内回复「异议」；有意见：回复「投诉建议」"));
}
