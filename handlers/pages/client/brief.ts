/** The leaders' summary. Everything comes as text from the server (handlers/pages/briefs.py); what is tapped shows how it came about. */

import "./brief.css";
import { el } from "./dom";

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

const address = document.body.dataset["address"];
if (address) void load(address);
addEventListener("beforeprint", () => unfold(true));
addEventListener("afterprint", () => unfold(false));

async function load(address: string): Promise<void> {
  const answer = await fetch(`${address}/facts`).catch(() => null);
  if (answer?.status === 401) return location.reload(); // the session has ended: the page itself leads to the login
  if (!answer?.ok) return fail();
  draw(address, (await answer.json()) as Brief);
}

function fail(): void {
  const again = el("button", "重试");
  again.addEventListener("click", () => location.reload());
  document.body.replaceChildren(el("main.message", el("h1", "暂时取不到小结"), el("p", "网络或服务暂时不通，请稍后再试。"), again));
}

function draw(address: string, brief: Brief): void {
  document.title = `${brief.title} · 测评小结`;
  const state = brief.final ? "测评小结" : "测评小结 · 投票未结束";
  const header = el("header", el("div.inner", el("p", `${state} · ${day(brief.starts_at)}`), el("h1", brief.title)));
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

function folding(summary: HTMLElement, why: string[]): HTMLElement {
  summary.append(el("span.more", "怎么来的"));
  return el("details", summary, el("ul", ...why.map((line) => el("li", line))));
}

function foot(address: string): HTMLElement {
  const picture = document.createElement("a");
  picture.href = `${address}/picture.png`;
  picture.textContent = "看图片(可长按保存)";
  const print = el("button", "打印");
  print.addEventListener("click", () => window.print());
  return el("footer", el("p.actions", picture, print), el("p", "支评 · 有意见：在公众号回复「投诉建议」"));
}

function day(at: string): string {
  return new Intl.DateTimeFormat("zh-CN", { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(new Date(at));
}

function unfold(open: boolean): void {
  document.querySelectorAll("details").forEach((one) => (one.open = open));
}
