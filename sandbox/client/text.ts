/** Text as WeChat shows it: links, addresses and line breaks; anything else that looks like HTML stays text. */

import type { Link } from "./api";
import { h } from "./dom";

const ANCHOR = /<a\s+[^>]*?href\s*=\s*(["'])(.*?)\1[^>]*>(.*?)<\/a>/gis;
const ADDRESS = /https?:\/\/[\w.:/?#@!$&*+=%~-]+/g;

/** Whether a tap on it does anything: sends a text, or opens a web page. */
export function isTappable(link: Link): boolean {
  return link.content !== null || /^https?:\/\//i.test(link.href);
}

function anchor(link: Link, tapped: (link: Link) => void): Node | string {
  if (!isTappable(link)) return link.label;
  const kind = link.content === null ? "link web" : "link";
  return h("button", { type: "button", className: kind, onclick: () => tapped(link) }, link.label);
}

/** Plain text, in which addresses can be tapped. */
function addresses(text: string, tapped: (link: Link) => void): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const link = { label: match[0], href: match[0], content: null, menu_id: null };
    nodes.push(text.slice(end, match.index), anchor(link, tapped));
    end = match.index + match[0].length;
  }
  return [...nodes, text.slice(end)];
}

/** The nodes of a text message; `links` are its links in order, as the simulator found them. */
export function richText(text: string, links: Link[], tapped: (link: Link) => void): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  let end = 0;
  let index = 0;
  for (const match of text.matchAll(ANCHOR)) {
    nodes.push(...addresses(text.slice(end, match.index), tapped));
    const link = links[index++];
    nodes.push(link ? anchor(link, tapped) : match[0]);
    end = match.index + match[0].length;
  }
  return [...nodes, ...addresses(text.slice(end), tapped)];
}

/** A msgmenu: its lines, of which those that are choices can be tapped. */
export function menuText(text: string, links: Link[], tapped: (link: Link) => void): (Node | string)[] {
  const left = [...links];
  return text.split("\n").flatMap((line, number) => {
    const at = left.findIndex((link) => link.label === line);
    const shown = at < 0 ? line : anchor(left.splice(at, 1)[0]!, tapped);
    return number ? ["\n", shown] : [shown];
  });
}
