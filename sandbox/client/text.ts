/** Text as WeChat shows it: links and line breaks; anything else that looks like HTML stays text. */

import type { Link } from "./api";
import { h } from "./dom";

const ANCHOR = /<a\s+[^>]*?href\s*=\s*(["'])(.*?)\1[^>]*>(.*?)<\/a>/gis;

/** Whether a tap on it does anything: sends a text, or opens a web page. */
export function isTappable(link: Link): boolean {
  return link.content !== null || /^https?:\/\//i.test(link.href);
}

function anchor(link: Link, tapped: (link: Link) => void): Node | string {
  if (!isTappable(link)) return link.label;
  return h("button", { type: "button", className: "link", onclick: () => tapped(link) }, link.label);
}

/** The nodes of a text message; `links` are its links in order, as the simulator found them. */
export function richText(text: string, links: Link[], tapped: (link: Link) => void): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  let end = 0;
  let index = 0;
  for (const match of text.matchAll(ANCHOR)) {
    nodes.push(text.slice(end, match.index));
    const link = links[index++];
    nodes.push(link ? anchor(link, tapped) : match[0]);
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes;
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
