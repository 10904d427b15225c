/** What the pages for phones have in common: facts fetched once from beside their address, folded parts, printing. */

import { el } from "./dom";

/** Fetch the facts of this page and draw them; the address to fetch from stands in the body. `what`: for the sentence where it fails. */
export function follow<Facts>(what: string, draw: (address: string, facts: Facts) => void): void {
  addEventListener("beforeprint", unfold);
  addEventListener("afterprint", foldBack);
  const address = document.body.dataset["address"];
  if (address) void load(address, what, draw);
}

async function load<Facts>(address: string, what: string, draw: (address: string, facts: Facts) => void): Promise<void> {
  const answer = await fetch(`${address}/facts`).catch(() => null);
  if (answer?.status === 401) return location.reload(); // the session has ended: the page itself leads to the login
  if (!answer?.ok) return fail(what);
  draw(address, (await answer.json()) as Facts);
}

function fail(what: string): void {
  const again = el("button", "重试");
  again.addEventListener("click", () => location.reload());
  document.body.replaceChildren(el("main.message", el("h1", `暂时取不到${what}`), el("p", "网络或服务暂时不通，请稍后再试。"), again));
}

/** A part that opens when it is tapped; `more` says what for. */
export function folding(summary: HTMLElement, lines: readonly string[], more = "怎么来的"): HTMLElement {
  summary.append(el("span.more", more));
  return el("details", summary, el("ul", ...lines.map((line) => el("li", line))));
}

/** The button that prints. */
export function printing(): HTMLElement {
  const print = el("button", "打印");
  print.addEventListener("click", () => window.print());
  return print;
}

/** A moment as it is read in Shanghai. */
export function moment(at: string): string {
  return new Intl.DateTimeFormat("zh-CN", { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(new Date(at));
}

function unfold(): void {
  document.querySelectorAll<HTMLDetailsElement>("details:not([open])").forEach((one) => {
    one.open = true;
    one.dataset["folded"] = "";
  });
}

function foldBack(): void {
  document.querySelectorAll<HTMLDetailsElement>("details[data-folded]").forEach((one) => {
    one.open = false;
    delete one.dataset["folded"];
  });
}
