/** A public notice: names under their bands, never a ranking. Everything comes as text from handlers/pages/public_notices.py. */

import "./page.css";
import "./notice.css";
import { el } from "./dom";
import { follow, printing } from "./page";

interface Person {
  name: string;
  awards: string[];
  score: string;
}

interface Band {
  title: string;
  count: string;
  branches: { name: string; people: Person[] }[];
}

interface Notice {
  title: string;
  issuer: string;
  state: string;
  is_shown: boolean;
  period: string;
  basis: string;
  groups: { title: string; bands: Band[] }[];
  paragraphs: string[];
  how: string;
}

/** With more people than this each branch is folded: whoever looks for a name knows its branch. */
const MANY = 60;

follow<Notice>("公示", draw);

function draw(_address: string, notice: Notice): void {
  document.title = notice.title;
  const header = el("header", el("div.inner", el("p", `公示 · ${notice.issuer}`), el("h1", notice.title)));
  const state = el(notice.is_shown ? "p.state" : "p.state.over", notice.state.replace(/。$/, ""));
  const period = el("section.period", state, el("p", `公示期：${notice.period}`), ...(notice.basis ? [el("p.soft", notice.basis)] : []));
  const main = el("main", period);
  if (notice.is_shown) main.append(el("section.how", el("h2", "有异议怎么提"), el("p", notice.how)));
  if (notice.paragraphs.length) main.append(el("section.text", ...notice.paragraphs.map((one) => el("p", one))));
  const isOpen = count(notice) <= MANY;
  main.append(...notice.groups.map(({ title, bands }) => el("section.group", el("h2", title), ...bands.map((one) => band(one, isOpen)))));
  const actions = notice.is_shown ? [el("p.actions", printing())] : [];
  document.body.replaceChildren(header, main, el("footer", ...actions, el("p", "支评 · 有意见：在公众号回复「投诉建议」")));
}

function count(notice: Notice): number {
  const branches = notice.groups.flatMap(({ bands }) => bands.flatMap((one) => one.branches));
  return branches.reduce((sum, { people }) => sum + people.length, 0);
}

function band(one: Band, isOpen: boolean): HTMLElement {
  const head = el("h3", one.title, el("small", one.count));
  return el("div.band", head, ...one.branches.map(({ name, people }) => branch(name, people, isOpen)));
}

function branch(name: string, people: Person[], isOpen: boolean): HTMLElement {
  const list = el("ul", ...people.map(person));
  if (!name) return list;
  const part = el("details", el("summary", el("h4", name), el("small", `${people.length} 人`)), list) as HTMLDetailsElement;
  part.open = isOpen;
  return part;
}

function person(one: Person): HTMLElement {
  const score = one.score ? [el("small", `${one.score} 分`)] : [];
  return el("li", one.name, ...score, ...one.awards.map((award) => el("b", award)));
}
