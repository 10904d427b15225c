/** One line of the chat as an element. */

import type { Entry, Link, Person } from "./api";
import { pictureDialog } from "./dialogs";
import { button, h } from "./dom";
import { avatar } from "./people";
import { isTappable, menuText, richText } from "./text";

export interface Taps {
  link: (link: Link) => void;
}

const NAMES: Record<string, string> = { video: "视频", music: "音乐", location: "位置", link: "链接", miniprogrampage: "小程序" };

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function picture(entry: Entry): HTMLElement {
  const src = `/mmbiz/${encodeURIComponent(text(entry.extra.media_id))}`;
  const element = button("", "photo", () => pictureDialog(src), "看大图");
  element.append(h("img", { src, alt: "图片" }));
  return element;
}

function voice(entry: Entry): HTMLElement {
  const seconds = Math.max(2, Math.ceil(entry.text.length / 4));
  return h("div", { className: "bubble voice" }, `${seconds}″ ◖))`, entry.text ? h("small", {}, `转写：${entry.text}`) : null);
}

function news(entry: Entry, taps: Taps): HTMLElement {
  const articles = (entry.extra.articles ?? []) as Record<string, unknown>[];
  const rows = articles.map((article) => {
    const url = text(article.url);
    const link = { label: text(article.title), href: url, content: null, menu_id: null };
    const row = h("button", { type: "button", className: "article", disabled: !isTappable(link), onclick: () => taps.link(link) });
    row.append(h("b", {}, text(article.title)), h("span", {}, text(article.description)));
    if (/^https?:\/\//i.test(text(article.picurl))) row.append(h("img", { src: text(article.picurl), alt: "" }));
    return row;
  });
  return h("div", { className: "card" }, ...rows);
}

function notice(entry: Entry, taps: Taps): HTMLElement {
  const [title = "", ...lines] = entry.text.split("\n");
  const card = h("div", { className: "card notice" }, h("b", {}, title), ...lines.map((line) => h("p", {}, line)));
  for (const link of entry.links) {
    card.append(h("button", { type: "button", className: "more", onclick: () => taps.link(link) }, `${link.label} ›`));
  }
  return card;
}

function plain(entry: Entry, taps: Taps): HTMLElement {
  const render = entry.kind === "msgmenu" ? menuText : richText;
  const name = NAMES[entry.kind];
  return h("div", { className: "bubble" }, name ? `[${name}] ` : "", ...render(entry.text, entry.links, taps.link));
}

function body(entry: Entry, taps: Taps): HTMLElement {
  if (entry.kind === "image") return picture(entry);
  if (entry.kind === "voice") return voice(entry);
  if (entry.kind === "news") return news(entry, taps);
  if (entry.kind === "template" || entry.kind === "subscribe") return notice(entry, taps);
  return plain(entry, taps);
}

/** The element of a chat line. */
export function bubble(entry: Entry, person: Person, taps: Taps): HTMLElement {
  const data = { n: String(entry.n), via: entry.via };
  if (entry.sender === "system") {
    const title = text(entry.extra.reason) || text(entry.extra.scene);
    return h("div", { className: `system ${entry.kind}`, title, data }, entry.text);
  }
  const face = entry.sender === "me" ? avatar(person) : account();
  return h("div", { className: `line ${entry.sender}`, data }, face, body(entry, taps));
}

/** The account's own picture. */
function account(): HTMLElement {
  return h("span", { className: "avatar account-face", ariaHidden: "true" });
}

/** Three dots while the answer is under way. */
export function dots(): HTMLElement {
  const three = h("div", { className: "bubble dots", role: "status", ariaLabel: "正在回复" }, h("i"), h("i"), h("i"));
  return h("div", { className: "waiting", hidden: true }, account(), three);
}

/** The clock line before a chat line, where some minutes have passed. */
export function timeLine(entry: Entry, before: Entry | undefined): HTMLElement | null {
  const gap = before ? Date.parse(entry.at) - Date.parse(before.at) : Infinity;
  return gap > 180_000 ? h("div", { className: "system time" }, entry.at.slice(11, 16)) : null;
}
